"""The machine's form of the manifest: JSON Schema generated from its types, and the check before it is written."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vista.atlas.json_text import json_bytes, plain
from vista.atlas.manifest import FORMAT_VERSION, Manifest

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def schema_text() -> str:
    """Return `schema/atlas.schema.json`, the JSON Schema (2020-12) of the manifest."""
    described = _adapter().json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"format_version {FORMAT_VERSION}; generated from vista.atlas.manifest",
    }
    return json.dumps(head | described, indent=2, ensure_ascii=False) + "\n"


def checked(manifest: Manifest) -> Manifest:
    """Return the manifest with its keys in the order of the types.

    Raises:
        ValueError: A value has another type than the manifest's types say, or a key is unknown; this is a mistake in
            the code that built the manifest, not in anything that a user gave.
    """
    given = plain(manifest)
    validated = _adapter().validate_json(json_bytes(given), strict=True)
    if unknown := _unknown_keys(given, validated, ""):
        raise ValueError(f"the manifest has keys that the format does not know: {', '.join(unknown)}")
    return validated


@lru_cache
def _adapter() -> TypeAdapter[Manifest]:
    from pydantic import TypeAdapter

    return TypeAdapter(Manifest)


def _unknown_keys(given: Any, known: Any, where: str) -> list[str]:
    """Return the paths of keys that validation dropped."""
    if isinstance(given, dict):
        lost = [f"{where}{key}" for key in given if key not in known]
        return lost + [path for key in given if key in known for path in _unknown_keys(given[key], known[key], f"{where}{key}.")]
    if isinstance(given, list | tuple):
        return [path for i, value in enumerate(given) for path in _unknown_keys(value, known[i], f"{where}{i}.")]
    return []
