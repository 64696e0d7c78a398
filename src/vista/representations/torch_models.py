"""Loading models of the transformers library: on which device, without chatter, and never with made-up weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vista.errors import InputError, InputFileError, nearest_name_hint, reason_of

DEVICES = ("cpu", "cuda", "mps")
# Where neither the model nor its tokenizer states a limit.
FALLBACK_MAX_TOKENS = 512
_NO_LIMIT = 10**9


def check_device_name(device: str | None) -> None:
    """Refuse a device that torch could not have.

    Raises:
        InputError: If `device` is none of "cpu", "cuda" (also "cuda:1") and "mps".
    """
    if device is not None and device.split(":")[0] not in DEVICES:
        raise InputError(f"no device '{device}'.{nearest_name_hint(device, DEVICES)}")


def pick_device(device: str | None) -> str:
    """Return the device to run on: the given one, or the best that is available.

    Raises:
        InputError: If the given device is not available here.
    """
    import torch

    available = [name for name, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())) if there]
    available.append("cpu")
    if device is not None and device.split(":")[0] not in available:
        raise InputError(f"the device '{device}' is not available here; use {' or '.join(available)}")
    return device or available[0]


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers from writing warnings and progress bars to the terminal."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def load_part(kind: Any, folder: Path, **options: Any) -> Any:
    """Load a tokenizer, configuration or image processor: `kind.from_pretrained(folder)`.

    Raises:
        InputFileError: If that fails.
    """
    try:
        return kind.from_pretrained(str(folder), trust_remote_code=False, local_files_only=True, **options)
    except Exception as error:  # each library below raises its own
        raise InputFileError(f"the model in '{folder.name}' cannot be loaded ({reason_of(error)})") from error


def load_model(kind: Any, folder: Path, device: str, **options: Any) -> Any:
    """Load a model in float32, or in the `dtype` among the options of `from_pretrained`, ready for inference.

    Raises:
        InputFileError: If it cannot be loaded, or if its files lack some of its weights, which would then be random. A
            missing pooler is no harm: VISTA takes the hidden states there.
    """
    model, info = load_part(kind, folder, output_loading_info=True, **options)
    missing = sorted(name for name in info["missing_keys"] if "pooler" not in name)
    if missing:
        raise InputFileError(f"the model in '{folder.name}' lacks {len(missing)} of its weights, such as '{missing[0]}'")
    return (model if "dtype" in options else model.float()).to(device).eval()


def token_limit(config: Any, tokenizer: Any) -> int:
    """Return how many tokens, special ones included, a model reads at most, by its configuration and its tokenizer."""
    stated = (getattr(config, "max_position_embeddings", None), tokenizer.model_max_length)
    return int(min((limit for limit in stated if limit and limit < _NO_LIMIT), default=FALLBACK_MAX_TOKENS))
