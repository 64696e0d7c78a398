"""Small models with random weights, saved as the real ones are: the encoders run them for real."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DIM = 16
WORDS = ["a", "cat", "dog", "red", "blue", "sits", "runs", "on", "the", "mat", "over", "river", "sun", "one", "two"]
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, "Cat"]


def save_text_model(folder: Path, *, max_tokens: int = 12, lower_case: bool = True, seed: int = 0) -> Path:
    """Save a BERT of two layers with its tokenizer: a plain transformers folder."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY))
    BertTokenizer(str(folder / "vocab.txt"), do_lower_case=lower_case, model_max_length=max_tokens).save_pretrained(folder)
    torch.manual_seed(seed)
    sizes = {"hidden_size": DIM, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64}
    BertModel(BertConfig(vocab_size=len(VOCABULARY), **sizes)).save_pretrained(folder)
    return folder


def add_recipe(folder: Path, modules: list[tuple[str, str]], pooling: dict[str, Any], settings: dict[str, Any] | None = None) -> Path:
    """Give a plain folder the sentence-transformers files that `modules` names."""
    entries = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"} for i, (kind, path) in enumerate(modules)
    ]
    (folder / "modules.json").write_text(json.dumps(entries))
    (folder / "sentence_bert_config.json").write_text(json.dumps(settings or {"max_seq_length": 8, "do_lower_case": False}))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    return folder


def save_vision_model(folder: Path, kind: str) -> Path:
    """Save a tiny CLIP, SigLIP, DINOv2 or ViT with its image processor."""
    import torch
    import transformers as tf

    torch.manual_seed(0)
    eye = {"hidden_size": DIM, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 32, "patch_size": 8}
    tongue = {"hidden_size": DIM, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 30}
    small = {"height": 32, "width": 32}
    model, processor = {
        "clip": lambda: (
            tf.CLIPModel(tf.CLIPConfig(vision_config=eye, text_config=tongue, projection_dim=12)),
            tf.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=small),
        ),
        "siglip": lambda: (tf.SiglipModel(tf.SiglipConfig(vision_config=eye, text_config=tongue)), tf.SiglipImageProcessorPil(size=small)),
        "dinov2": lambda: (
            tf.Dinov2Model(tf.Dinov2Config(**{k: v for k, v in eye.items() if k != "intermediate_size"})),
            tf.BitImageProcessorPil(size={"shortest_edge": 32}, crop_size=small),
        ),
        "vit": lambda: (tf.ViTForImageClassification(tf.ViTConfig(**eye)), tf.ViTImageProcessorPil(size=small)),
    }[kind]()
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
