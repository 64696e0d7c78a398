"""How a folder in sentence-transformers layout turns tokens into one vector: read from its JSON files, nothing loaded.

```
modules.json ► Transformer (sentence_bert_config.json) ► Pooling ► Dense … ► Normalize
```
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vista.errors import InputError, InputFileError

# In the order in which sentence-transformers joins them when a model uses several.
POOLINGS = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
_OLD_POOLING_KEYS = {
    "cls": "pooling_mode_cls_token",
    "max": "pooling_mode_max_tokens",
    "mean": "pooling_mode_mean_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}
_SETTINGS_FILES = ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")


@dataclass(frozen=True, slots=True)
class Dense:
    """A linear layer after pooling, whose weights lie in `folder`; `activation` is a name from torch.nn."""

    folder: Path
    activation: str


@dataclass(frozen=True, slots=True)
class Normalize:
    """Scaling to unit length."""


@dataclass(frozen=True, slots=True)
class SentenceRecipe:
    """What to do with a text.

    Attributes:
        transformer: Folder of the transformers model and its tokenizer.
        poolings: How token vectors become one; several are joined end to end.
        heads: What follows the pooling, in order.
        max_tokens: Longest input, special tokens included; None: what model and tokenizer allow.
        lower_case: Whether texts are lower-cased first.
        prompt: Put before every text.
        folders: All folders that the recipe was read from, the model's own first.
    """

    transformer: Path
    poolings: tuple[str, ...]
    heads: tuple[Dense | Normalize, ...]
    max_tokens: int | None
    lower_case: bool
    prompt: str
    folders: tuple[Path, ...]


def read_recipe(folder: Path) -> SentenceRecipe:
    """Read the recipe of a model's folder; one without modules.json is a plain transformer, whose tokens are averaged.

    Raises:
        InputError: If the folder names a module that VISTA does not know.
        InputFileError: If a JSON file cannot be read.
    """
    if not (folder / "modules.json").is_file():
        return SentenceRecipe(folder, ("mean",), (), None, False, "", (folder,))
    modules = [(str(module["type"]).rsplit(".", 1)[-1], folder / module["path"]) for module in _read_json(folder / "modules.json")]
    if [name for name, _ in modules[:2]] != ["Transformer", "Pooling"]:
        raise InputError(
            f"'{folder.name}' starts with {' and '.join(name for name, _ in modules[:2])}; VISTA reads Transformer and Pooling"
        )
    transformer, settings = modules[0][1], _transformer_settings(modules[0][1])
    prompt = _prompt(folder)
    return SentenceRecipe(
        transformer=transformer,
        poolings=_poolings(modules[1][1], prompt),
        heads=tuple(_head(name, path) for name, path in modules[2:]),
        max_tokens=settings.get("max_seq_length"),
        lower_case=bool(settings.get("do_lower_case", False)),
        prompt=prompt,
        folders=(folder, *(path for _, path in modules if path != folder and path.is_dir())),
    )


def _transformer_settings(folder: Path) -> dict[str, Any]:
    for name in _SETTINGS_FILES:
        if (path := folder / f"sentence_{name}_config.json").is_file():
            return dict(_read_json(path))
    return {}


def _poolings(folder: Path, prompt: str) -> tuple[str, ...]:
    settings = _read_json(folder / "config.json")
    if prompt and settings.get("include_prompt", True) is False:
        raise InputError("this model leaves its prompt out of the pooling, which VISTA does not do; give a model without one")
    named = settings.get("pooling_mode")
    chosen = [named] if isinstance(named, str) else named or [mode for mode, key in _OLD_POOLING_KEYS.items() if settings.get(key)]
    unknown = [mode for mode in chosen if mode not in POOLINGS]
    if unknown or not chosen:
        raise InputError(f"no pooling '{unknown[0] if unknown else ''}'; VISTA knows {', '.join(POOLINGS)}")
    return tuple(mode for mode in POOLINGS if mode in chosen)


def _prompt(folder: Path) -> str:
    path = folder / "config_sentence_transformers.json"
    settings = _read_json(path) if path.is_file() else {}
    name = settings.get("default_prompt_name")
    return str(settings.get("prompts", {}).get(name, "")) if name else ""


def _head(name: str, folder: Path) -> Dense | Normalize:
    if name == "Normalize":
        return Normalize()
    if name == "Dense":
        settings = _read_json(folder / "config.json")
        return Dense(folder, str(settings.get("activation_function", "Tanh")).rsplit(".", 1)[-1])
    raise InputError(f"the model has a module '{name}'; VISTA knows Transformer, Pooling, Dense and Normalize")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputFileError(f"'{path.parent.name}/{path.name}' of the model cannot be read ({error})") from error
