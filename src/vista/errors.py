"""The errors that VISTA raises on purpose: each says what was wrong, what was given and what to do.

The command line prints a `VistaError` as one line and exits with 1; anything else is a bug and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class VistaError(Exception):
    """Something that the user gave, or the machine lacks, stops the work; the message is one line."""


class InputError(VistaError, ValueError):
    """The data or an option cannot be used as given."""


class InputFileError(VistaError, OSError):
    """A file or folder cannot be read or written."""


class MissingExtraError(VistaError, ImportError):
    """A part needs a package that is not installed; the message holds the command that installs it."""


class AtlasFormatError(VistaError, ValueError):
    """A folder is not an atlas, or is one that this version cannot read."""


class UnknownMapError(VistaError, KeyError):
    """An atlas has no map of that name."""

    __str__ = Exception.__str__  # a KeyError would put quotes around the line


def reason_of(error: Exception, limit_characters: int = 160) -> str:
    """Return the kind and the words of another library's error, in one line of limited length, for an error message."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:limit_characters]


def nearest_name_hint(name: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'? Known: a, b, c.` for an error message about an unknown `name`."""
    names = [str(candidate) for candidate in known]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    meant = f" Did you mean '{near[0]}'?" if near else ""
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"{meant} Known: {shown or 'none'}."
