"""The word index, read as `docs/format.md` says. `python tests/atlas/test_word_index.py` renews what the viewer's test reads,
but for its format, which `npx biome format --write` gives it."""

import base64
import bisect
import gzip
import json
import re
import sys
import tempfile
import unicodedata
from pathlib import Path

import pytest

from vista.atlas import building, write_item_set
from vista.atlas.word_index import INDEXED_CHARACTERS, LONGEST_TERM, TERMS_PER_BLOCK, write_word_index

SHARED = Path(__file__).parents[2] / "viewer" / "src" / "bundle" / "word-index.fixture.json"
FORMS = ("amber", "ambergris", "am", "Café", "CAFÉS", "naïve", "ΣΙΣΥΦΟΣ", "日本語", "x86_64", "don't", "🙂", "straße", "İzmir")
TEXTS = [f"{FORMS[i % 13]} item{i:03d} and {FORMS[i * 7 % 13]}, part {i % 10}" for i in range(400)]
TEXTS[5] = ""
TEXTS[6] = "<script>alert(1)</script> \t\n amber"
QUERIES = (
    "amber",
    "am",
    "ambe",
    "cafe",
    "CAFE item0",
    "item",
    "part 3",
    "σισυφος",
    "Σισ",
    "日本",
    "64",
    "nothing",
    "amber nothing",
    "item007 part 7",
    "",
    "!?",
)


class Read:
    """A reader of three files, written from the format's page."""

    def __init__(self, index: bytes, terms: bytes, postings: bytes) -> None:
        self.index, self.terms, self.postings = json.loads(gzip.decompress(index)), terms, postings

    def all_terms(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for block in range(len(self.index["first"])):
            found |= self.block(block)
        return found

    def block(self, number: int) -> dict[str, list[int]]:
        data = gzip.decompress(self.terms[self.index["terms"][number] : self.index["terms"][number + 1]])
        at, before, start, found = 0, b"", self.index["postings"][number], {}
        while at < len(data):
            shared, at = varint(data, at)
            rest, at = varint(data, at)
            term, at = before[:shared] + data[at : at + rest], at + rest
            n_items, at = varint(data, at)
            length, at = varint(data, at)
            items, place, item = [], start, 0
            while place < start + length:
                gap, place = varint(self.postings, place)
                item += gap
                items.append(item)
            assert len(items) == n_items
            found[term.decode()] = items
            before, start = term, start + length
        return found

    def search(self, query: str) -> list[int]:
        words = terms_of(query)
        lists = []
        for place, word in enumerate(words):
            begins = bisect.bisect_right([first.encode() for first in self.index["first"]], word.encode()) - 1
            blocks = range(max(0, begins), len(self.index["first"]))
            known = [(term, items) for block in blocks for term, items in self.block(block).items()]
            is_last = place == len(words) - 1
            lists.append({item for term, items in known if (term.startswith(word) if is_last else term == word) for item in items})
        return sorted(set.intersection(*lists)) if lists else []


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at


def terms_of(text: str) -> list[str]:
    """Return the terms of a text, by Python's own means."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.category(letter).startswith("M"))
    return [word[:LONGEST_TERM] for word in re.findall(r"[^\W_]+", plain.lower().replace("ς", "σ"))]


def by_brute_force(texts: list[str], query: str) -> list[int]:
    words = terms_of(query)
    held = [terms_of(text[:INDEXED_CHARACTERS]) for text in texts]
    whole, begun = words[:-1], words[-1:]
    return [
        item for item, terms in enumerate(held) if begun and set(whole) <= set(terms) and any(term.startswith(begun[0]) for term in terms)
    ]


def written(texts: list[str], folder: Path) -> Read:
    (folder / "items" / "main").mkdir(parents=True)
    entry = write_word_index(folder, "items/main", texts)
    read = Read(*((folder / entry[key]).read_bytes() for key in ("index", "terms", "postings")))
    assert entry["n_terms"] == len(read.all_terms())
    return read


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_what_reading_all_texts_finds(query: str, tmp_path: Path) -> None:
    assert written(TEXTS, tmp_path).search(query) == by_brute_force(TEXTS, query)


def test_terms_are_sorted_by_their_bytes_over_several_blocks(tmp_path: Path) -> None:
    read = written(TEXTS, tmp_path)
    terms = [term.encode() for term in read.all_terms()]
    assert terms == sorted(set(terms))
    assert len(read.index["first"]) == -(-len(terms) // TERMS_PER_BLOCK) > 1
    assert [term.encode() for term in read.index["first"]] == terms[::TERMS_PER_BLOCK]


@pytest.mark.parametrize("n_terms", [0, 1, TERMS_PER_BLOCK - 1, TERMS_PER_BLOCK, TERMS_PER_BLOCK + 1])
def test_any_number_of_terms_makes_an_index(n_terms: int, tmp_path: Path) -> None:
    texts = [f"word{i}" for i in range(n_terms)] or ["", "…"]
    read = written(texts, tmp_path)
    assert read.search("word") == list(range(n_terms))
    assert read.search(f"word{n_terms - 1}") == ([n_terms - 1] if n_terms else [])


def test_far_items_and_long_words_come_back(tmp_path: Path) -> None:
    texts = ["here" if i in (0, 127, 128, 20_000, 69_999) else f"{i % 3}" for i in range(70_000)]
    texts[300] = "b" * 500
    read = written(texts, tmp_path)
    assert read.search("here") == [0, 127, 128, 20_000, 69_999]
    assert read.search("b" * 600) == [300]


def test_what_comes_late_in_a_long_text_is_not_indexed(tmp_path: Path) -> None:
    read = written(["early " + "- " * INDEXED_CHARACTERS + "late"], tmp_path)
    assert (read.search("early"), read.search("late")) == ([0], [])


def test_many_texts_have_an_index_in_place_of_titles(tmp_path: Path) -> None:
    import numpy as np
    import pyarrow as pa

    from vista.artifacts import Items

    n = 50_001
    items = Items([str(i) for i in range(n)], np.arange(n), [f"text {i}" for i in range(n)], None, pa.table({"n": np.arange(n)}))
    with building(tmp_path / "atlas", "main") as place:
        _, entry = write_item_set(place, items)
        assert entry["titles"] is None
        read = Read(*((place.folder / entry["search"][key]).read_bytes() for key in ("index", "terms", "postings")))
        assert read.search("text 50000") == [50_000]
        (place.folder / "atlas.json").write_text("{}")


def test_the_viewer_is_tested_on_an_index_that_says_the_same(tmp_path: Path) -> None:
    shared = json.loads(SHARED.read_text())
    fresh, kept = written(TEXTS, tmp_path), Read(*(base64.b64decode(shared[key]) for key in ("index", "terms", "postings")))
    assert shared["n_items"] == len(TEXTS)
    assert kept.all_terms() == fresh.all_terms()
    assert shared["found"] == {query: by_brute_force(TEXTS, query) for query in QUERIES}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "items" / "main").mkdir(parents=True)
        entry = write_word_index(Path(folder), "items/main", TEXTS)
        files = {key: base64.b64encode((Path(folder) / entry[key]).read_bytes()).decode() for key in ("index", "terms", "postings")}
    found = {query: by_brute_force(TEXTS, query) for query in QUERIES}
    SHARED.write_text(json.dumps({"n_items": len(TEXTS), **files, "found": found}, ensure_ascii=False, indent=1) + "\n")
    sys.stdout.write(f"written: {SHARED}\n")
