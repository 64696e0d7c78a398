"""The words and two-word terms of texts, and which text holds which.

Words are runs of letters and digits of any script; they count as one term when they differ in case or in an English
ending only ("Smiling", "smile"). A two-word term is two neighboring words with nothing but a space between them. Runs of
Chinese or Japanese characters, which have no spaces, are read as pairs of characters.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import scipy.sparse as sp

READ_CHARACTERS = 2_000  # of each text; the beginning of a long text says what it is about
WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_VOWEL = re.compile(r"[aeiouy]")

_STOP_TEXT = """
a about above across after again against all almost along already also although always am among an and another any anyone anything are
aren't around as at away back be became because become been before behind being below between both but by came can can't cannot could
did didn't do does doesn't doing don't done down during each either else enough especially etc even ever every everyone everything few
for from further get gets getting give given go goes going got had has hasn't have haven't having he her here hers herself him himself
his how however i if in indeed instead into is isn't it it's its itself just keep let like likely made make makes making many may maybe
me might mine more most much must my myself near neither never no nobody nor not nothing now of off often on once one ones only onto or
other others our ours out over own part per perhaps please put quite rather really s same see seem seems several shall she should since
so some someone something sometimes somewhere still such t take taken than that that's the their theirs them themselves then there these
they thing things this those though through throughout thus to together too toward towards under until up upon us use used uses using
usually various very via was wasn't we well were what when where whether which while who whole whom whose why will with within without
won't would yet you your yours yourself
"""
STOP_WORDS = frozenset(_STOP_TEXT.split())


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The terms of some texts.

    Attributes:
        incidence: (n_texts, n_terms) CSR of float32: 1 where the text holds the term.
        surfaces: (n_terms) how each term is most often written.
        stems: (n_terms) the stems of each term's words.
    """

    incidence: sp.csr_matrix
    surfaces: list[str]
    stems: list[frozenset[str]]


def read_terms(texts: list[str], *, without: frozenset[str] = STOP_WORDS) -> Terms:
    """Return the terms of the texts, but for single letters and the words `without`, which part the words around them."""
    import scipy.sparse as sp

    numbers: dict[str, int] = {}
    written: Counter[tuple[int, str]] = Counter()
    columns, starts = array("i"), array("q", [0])
    for text in texts:
        held: set[int] = set()
        for stem, surface in _terms_of(text[:READ_CHARACTERS], without):
            number = numbers.setdefault(stem, len(numbers))
            held.add(number)
            written[number, surface] += 1
        columns.extend(sorted(held))
        starts.append(len(columns))
    shape = (len(texts), len(numbers))
    incidence = sp.csr_matrix((np.ones(len(columns), np.float32), np.array(columns, np.int32), np.array(starts, np.int64)), shape=shape)
    return Terms(incidence, _most_written(written, len(numbers)), [frozenset(stem.split(" ")) for stem in numbers])


@lru_cache(maxsize=65536)
def stem_of(word: str) -> str:
    """Return a word without case and English endings: plural, -ing, -ed, a last -e."""
    stem = word.lower().replace("’", "'").removesuffix("'s")
    if stem.endswith("ies") and len(stem) > 4:
        stem = stem[:-3] + "y"
    elif stem.endswith("s") and len(stem) > 3 and not stem.endswith(("ss", "us", "is")):
        stem = stem[:-1]
    for ending in ("ing", "ed"):
        if stem.endswith(ending) and len(stem) > len(ending) + 2 and _VOWEL.search(stem[: -len(ending)]):
            stem = _single_last_letter(stem[: -len(ending)])
            break
    return stem[:-1] if stem.endswith("e") and len(stem) > 3 else stem


def _single_last_letter(stem: str) -> str:
    doubled = len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lsz"
    return stem[:-1] if doubled else stem


def _terms_of(text: str, without: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the stem and the surface of every term, as often as it occurs."""
    before, end_before = "", -1
    for match in WORD.finditer(text):
        word = match.group()
        if _UNSPACED.search(word):
            yield from ((pair, pair) for pair in _pairs(word))
            before = ""
        elif len(word) < 2 or word.lower() in without:
            before = ""
        else:
            yield stem_of(word), word
            if before and text[end_before : match.start()] == " " and stem_of(before) != stem_of(word):
                yield f"{stem_of(before)} {stem_of(word)}", f"{before} {word}"
            before, end_before = word, match.end()


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)] or [run]


def _most_written(written: Counter[tuple[int, str]], n_terms: int) -> list[str]:
    surfaces, counts = [""] * n_terms, [0] * n_terms
    for (number, surface), count in sorted(written.items()):
        if count > counts[number]:
            surfaces[number], counts[number] = surface, count
    return surfaces
