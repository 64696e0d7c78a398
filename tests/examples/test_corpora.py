"""Texts from packages: how pages, dictionaries and novels are read, cut and freed of repeats."""

from __future__ import annotations

import importlib
import zlib
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def corpora() -> ModuleType:
    return importlib.import_module("corpora")


def test_a_paragraph_met_before_is_left_out(corpora: ModuleType):
    seen: set[bytes] = set()
    texts = ["One two three four five.\n\nOnly here is this said.", "One  two three\nFOUR five.\n\nAnd only here is that."]
    assert list(corpora._without_repeats(iter(texts), seen)) == [
        "One two three four five.\nOnly here is this said.",
        "And only here is that.",
    ]


def test_long_texts_are_cut_between_paragraphs_and_long_paragraphs_behind_sentences(corpora: ModuleType):
    paragraphs = ["a b. " * 700 + "end.", "c " * 2_000, "d " * 2_000]
    documents = list(corpora._cut(paragraphs))
    assert len(documents) == 3
    assert "".join("".join(documents).split()) == "".join("".join(paragraphs).split())
    pieces = corpora._pieces("One sentence here. " * 1_000)
    assert all(len(piece) <= corpora.DOCUMENT_CHARS and piece.strip().endswith(".") for piece in pieces)


def test_pages_give_their_running_text(corpora: ModuleType, tmp_path: Path):
    page = "<p>The first paragraph <em>has</em> several words.</p><pre>code is left out of all this</pre><ul><li>Menu</li></ul>"
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    assert list(corpora._pages(tmp_path)) == ["The first paragraph has several words."]


def test_of_a_manual_in_several_languages_only_the_english_is_read(corpora: ModuleType, tmp_path: Path):
    for language, words in (("en", "This is the English page of it."), ("fr", "Ceci est la page en langue française.")):
        (tmp_path / language).mkdir()
        (tmp_path / language / "page.html").write_text(f"<p>{words}</p>", encoding="utf-8")
    assert list(corpora._pages(tmp_path)) == ["This is the English page of it."]


def test_wordnet_lines_give_words_gloss_and_examples(corpora: ModuleType, tmp_path: Path):
    folder = tmp_path / "usr/share/wordnet"
    folder.mkdir(parents=True)
    line = '00001740 13 n 02 ice_cream 0 gelato 0 001 @ 00000001 n 0000 | frozen dessert; "she ate ice cream"  \n'
    for part in ("noun", "verb", "adj", "adv"):
        (folder / f"data.{part}").write_text("  1 a license line\n" + (line if part == "noun" else ""), encoding="latin-1")
    assert list(corpora._wordnet(tmp_path)) == ['ice cream, gelato: frozen dessert; "she ate ice cream"']


def test_novels_are_found_in_the_blocks_of_an_r_package(corpora: ModuleType, tmp_path: Path):
    def block(*lines: bytes) -> bytes:
        held = b"".join(b"\x00\x04\x00\x09" + len(line).to_bytes(4) + line for line in lines)
        return len(held).to_bytes(4) + zlib.compress(held)

    (tmp_path / "Rdata.rdb").write_bytes(block(b"CHAPTER 1", b"", b"It was a day.") + block(b"Another book."))
    assert list(corpora._novels(tmp_path)) == ["CHAPTER 1\n\nIt was a day.", "Another book."]


def test_a_module_s_streams_are_found_and_freed_of_markup(corpora: ModuleType, tmp_path: Path):
    streams = [zlib.compress(text.encode()) for text in ("<p>In the beginning</p><note>a note</note>", "<verse>And it was so.</verse>")]
    (tmp_path / "ot.bzz").write_bytes(streams[0] + b"\x78\x9c\xff" + streams[1])
    assert [" ".join(text.split()) for text in corpora._sword(tmp_path)] == ["In the beginning", "And it was so."]
