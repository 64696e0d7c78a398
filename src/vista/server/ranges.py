"""What HTTP asks of a file server: which bytes of a file a request wants, and whether it has them already (RFC 9110)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d*)-(\d*)[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` to `end`, both included."""

    start: int
    end: int

    @property
    def n_bytes(self) -> int:
        return self.end - self.start + 1


class UnsatisfiableRangeError(Exception):
    """A range begins behind the last byte."""


def requested_range(header: str | None, n_bytes: int) -> ByteRange | None:
    """Return the part of a file of `n_bytes` that a Range header asks for, or None for all of it.

    A header that is malformed, in another unit or lists several ranges asks for all of it, as the standard allows.

    Raises:
        UnsatisfiableRangeError: None of the bytes exist.
    """
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(0, n_bytes - int(last)), n_bytes - 1
    else:
        start, end = int(first), min(int(last), n_bytes - 1) if last else n_bytes - 1
        if last and int(last) < start:
            return None
    if start > end:
        raise UnsatisfiableRangeError
    return ByteRange(start, end)


def names_etag(header: str | None, etag: str) -> bool:
    """Return whether an If-None-Match header names `etag` (weak comparison) or everything."""
    tags = [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
    return etag in tags or tags == ["*"]


def accepts_gzip(header: str | None) -> bool:
    """Return whether an Accept-Encoding header allows gzip."""
    for offer in (header or "").lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() == "gzip":
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False
