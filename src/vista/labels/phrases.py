"""The phrase in which texts say a term: as most of them write it, with the words that stand beside it in most of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from vista.labels.terms import READ_CHARACTERS, WORD, stem_of

TEXTS_READ = 24
_MOST_WORDS = 4
_SAID_BY_MOST = 0.8  # share of the texts that must have the next word, too
_LONGEST_QUOTE = 26
_END_OF_HEAD = re.compile(r"[:;,.!?(]\s|\n|\s[–—-]\s")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a phrase stands in a text: its words from `start` to `end`."""

    words: tuple[str, ...]
    joined: tuple[bool, ...]  # whether nothing but a space parts each word from the one before
    start: int
    end: int


def spoken(term: str, texts: list[str]) -> str:
    """Return a term as the texts write it, longer by the words that stand beside it in four fifths of them, up to four words.

    Args:
        term: One or two words.
        texts: Some that hold the term; what most say shows in `TEXTS_READ`.
    """
    wanted = tuple(stem_of(word) for word in term.split(" "))
    places = [place for text in texts if (place := _found(wanted, text)) is not None]
    if not places:
        return term
    for _ in range(_MOST_WORDS - len(wanted)):
        longer = max((_grown(places, to_right) for to_right in (True, False)), key=len)
        if len(longer) < max(2, _SAID_BY_MOST * len(places)):
            break
        places = longer
    written = Counter(" ".join(place.words[place.start : place.end]) for place in places)
    return min(written, key=lambda phrase: (-written[phrase], phrase))


def quoted(text: str) -> str:
    """Return the beginning of a text in quotation marks: up to its first mark of punctuation, or about four words and an ellipsis."""
    text = text.strip()
    end = _END_OF_HEAD.search(text)
    head = " ".join((text[: end.start()] if end else text).rstrip(".;:,!?").split())
    if len(head) > _LONGEST_QUOTE:
        cut = head[:_LONGEST_QUOTE]
        head = (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"
    return f"“{head}”" if head else ""


def _grown(places: list[_Place], to_right: bool) -> list[_Place]:
    """Return the places where the commonest next word follows, or goes before, longer by it."""
    beside: dict[str, list[_Place]] = {}
    for place in places:
        at = place.end if to_right else place.start - 1
        if 0 <= at < len(place.words) and place.joined[place.end if to_right else place.start]:
            start, end = (place.start, place.end + 1) if to_right else (place.start - 1, place.end)
            beside.setdefault(stem_of(place.words[at]), []).append(_Place(place.words, place.joined, start, end))
    return max(beside.values(), key=len, default=[])


def _found(wanted: tuple[str, ...], text: str) -> _Place | None:
    words, joined = _words(text[:READ_CHARACTERS])
    stems = [stem_of(word) for word in words]
    for start in range(len(words) - len(wanted) + 1):
        end = start + len(wanted)
        if tuple(stems[start:end]) == wanted and all(joined[start + 1 : end]):
            return _Place(words, joined, start, end)
    return None


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    matches = list(WORD.finditer(text))
    starts = [match.start() for match in matches]
    ends = [0] + [match.end() for match in matches]
    return tuple(match.group() for match in matches), tuple(text[end:start] == " " for end, start in zip(ends, starts, strict=False))
