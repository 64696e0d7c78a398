"""Results of stages, kept between runs: compute an artifact once for each combination of inputs, parameters and code."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

from vista.execution.cache import Cache

Artifact = TypeVar("Artifact")
_PLAIN = "plain values"


def remember(cache: Cache, key: str, kind: type[Artifact], compute: Callable[[], Artifact]) -> Artifact:
    """Return the artifact stored under `key`, or compute and store it.

    Args:
        cache: Where results are kept.
        key: `content_key` of everything that the result depends on.
        kind: The artifact's dataclass; its fields are arrays, dataclasses of the same sort, or JSON values.
        compute: Makes the artifact when it is not there.
    """
    stored = cache.read(key)
    if stored is not None:
        return _unpack(kind, stored, "")
    artifact = compute()
    cache.write(key, _pack(artifact, ""))
    return artifact


def _pack(artifact: Any, prefix: str) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(artifact):
        value = getattr(artifact, field.name)
        if isinstance(value, np.ndarray):
            arrays[prefix + field.name] = value
        elif dataclasses.is_dataclass(value):
            arrays |= _pack(value, f"{prefix}{field.name}.")
        else:
            plain[field.name] = value
    arrays[prefix + _PLAIN] = np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)
    return arrays


def _unpack(kind: type[Artifact], arrays: dict[str, NDArray[Any]], prefix: str) -> Artifact:
    plain = json.loads(arrays[prefix + _PLAIN].tobytes())
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        name = prefix + field.name
        if name in arrays:
            values[field.name] = arrays[name]
        elif f"{name}.{_PLAIN}" in arrays:
            values[field.name] = _unpack(hints[field.name], arrays, f"{name}.")
        else:
            value = plain[field.name]
            values[field.name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)
