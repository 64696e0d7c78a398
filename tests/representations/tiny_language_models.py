"""Small models with random weights to hook: built in memory, or saved with a tokenizer as the real ones are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

N_LAYERS = 3
DIM = 16
MAX_TOKENS = 24
WORDS = ["a", "cat", "dog", "red", "blue", "sits", "runs", "on", "the", "mat", "over", "river", "sun", "one", "two"]
SPECIAL = ["<pad>", "<unk>", "<s>", "</s>"]
VOCABULARY = [*SPECIAL, *WORDS]
KINDS = ("gemma2", "gpt2", "llama", "bert", "clip", "dinov2", "vit")
SIZES = {"hidden_size": DIM, "intermediate_size": 32, "num_hidden_layers": N_LAYERS, "num_attention_heads": 2}
EYE = {**SIZES, "image_size": 32, "patch_size": 8}
TONGUE = {"vocab_size": len(VOCABULARY), "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "max_position_embeddings": MAX_TOKENS}


def build(kind: str, *, seed: int = 0) -> Any:
    """Build a model, its norms' gains random too, since a gain of 1 hides a norm that is left out."""
    import torch
    import transformers as tf

    torch.manual_seed(seed)
    grouped = {**SIZES, **TONGUE, "num_key_value_heads": 1, "head_dim": 8}
    model = {
        "gemma2": lambda: tf.Gemma2ForCausalLM(tf.Gemma2Config(**grouped)),
        "llama": lambda: tf.LlamaForCausalLM(tf.LlamaConfig(**grouped)),
        "granite": lambda: tf.GraniteForCausalLM(tf.GraniteConfig(**grouped, residual_multiplier=0.2)),
        "gpt2": lambda: tf.GPT2LMHeadModel(
            tf.GPT2Config(n_embd=DIM, n_layer=N_LAYERS, n_head=2, n_positions=MAX_TOKENS, vocab_size=len(VOCABULARY), bos_token_id=2)
        ),
        "bloom": lambda: tf.BloomForCausalLM(tf.BloomConfig(hidden_size=DIM, n_layer=N_LAYERS, n_head=2, vocab_size=len(VOCABULARY))),
        "bert": lambda: tf.BertModel(tf.BertConfig(**SIZES, **TONGUE)),
        "t5": lambda: tf.T5Model(tf.T5Config(d_model=DIM, d_kv=8, d_ff=32, num_layers=N_LAYERS, num_heads=2, vocab_size=len(VOCABULARY))),
        "clip": lambda: tf.CLIPModel(tf.CLIPConfig(vision_config=EYE, text_config={**SIZES, **TONGUE}, projection_dim=12)),
        "dinov2": lambda: tf.Dinov2Model(
            tf.Dinov2Config(**{name: size for name, size in EYE.items() if name != "intermediate_size"}, layerscale_value=0.5)
        ),
        "siglip": lambda: tf.SiglipModel(tf.SiglipConfig(vision_config=EYE, text_config={**SIZES, **TONGUE})),
        "vit": lambda: tf.ViTModel(tf.ViTConfig(**EYE)),
        "gemma3": lambda: tf.Gemma3ForConditionalGeneration(
            tf.Gemma3Config(text_config=grouped, vision_config=EYE, mm_tokens_per_image=16, image_token_index=1)
        ),
    }[kind]()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name.lower() or "ln_" in name:
                weight.add_(0.3 * torch.randn_like(weight))
    return model.eval()


def tokenizer(kind: str) -> Any:
    """Build a tokenizer of whole words that adds what its kind adds: GPT-2's nothing, BERT's and CLIP's both ends."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.WordLevel({word: number for number, word in enumerate(VOCABULARY)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = {"gpt2": "$A", "bert": "<s> $A </s>", "clip": "<s> $A </s>", "siglip": "$A </s>"}
    inner.post_processor = processors.TemplateProcessing(single=ends.get(kind, "<s> $A"), special_tokens=[("<s>", 2), ("</s>", 3)])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>", model_max_length=MAX_TOKENS
    )


def save(folder: Path, kind: str, *, seed: int = 0) -> Path:
    """Save a model with its tokenizer, its image processor, or both."""
    import transformers as tf

    build(kind, seed=seed).save_pretrained(folder)
    if kind not in ("dinov2", "vit"):
        tokenizer(kind).save_pretrained(folder)
    small = {"height": 32, "width": 32}
    if kind in ("clip", "gemma3"):
        tf.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=small).save_pretrained(folder)
    if kind == "siglip":
        tf.SiglipImageProcessorPil(size=small).save_pretrained(folder)
    if kind == "dinov2":
        tf.BitImageProcessorPil(size={"shortest_edge": 32}, crop_size=small).save_pretrained(folder)
    if kind == "vit":
        tf.ViTImageProcessorPil(size=small).save_pretrained(folder)
    return folder
