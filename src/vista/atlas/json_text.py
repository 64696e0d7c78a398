"""JSON as an atlas holds it: the same bytes for the same values, and no NaN."""

from __future__ import annotations

import datetime
import decimal
import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def json_bytes(value: Any, *, indent: int | None = None) -> bytes:
    """Return UTF-8 JSON of `plain(value)`; without `indent` it has no spaces."""
    separators = (",", ":") if indent is None else (",", ": ")
    write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent, separators=separators, default=_from_elsewhere).encode
    try:
        text = write(value)
    except ValueError:  # NaN is rare, and looking for it in Python is slow
        text = write(plain(value))
    return text.encode("utf-8", "replace")


def plain(value: Any) -> Any:
    """Return `value` in JSON's own types: arrays become lists, NaN and infinity None, moments ISO 8601, the rest text."""
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return _from_elsewhere(value)


def _from_elsewhere(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return plain(float(value))
    return str(value)


def rounded(values: NDArray[np.floating], digits: int) -> NDArray[np.float64]:
    """Return `values` with so many significant digits, each the double nearest to the decimal, so that JSON is short."""
    exact = np.asarray(values, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.where(exact != 0, np.floor(np.log10(np.abs(exact))), 0.0)
    shift = np.nan_to_num(digits - 1 - exponent, posinf=0.0, neginf=0.0)
    up, down = 10.0 ** np.maximum(shift, 0), 10.0 ** np.maximum(-shift, 0)
    result: NDArray[np.float64] = np.round(exact * up / down) * down / up
    return result
