"""Build the short texts that ship with VISTA for the study of a sparse autoencoder: definitions and usage examples of WordNet.

Input is WordNet 3.0 as the Debian package `wordnet-base` holds it. The same input gives the same rows.

    apt-get install wordnet-base
    python tools/build_demo_texts.py [--wordnet /usr/share/wordnet]

A text is a whole usage example, or "word: definition". Half are the one, half the other, one of a synset at most. WordNet's 45
lexicographer files share them by the square root of their sizes, so that no field of meaning outweighs the others. What WordNet
marks as offensive or vulgar is left out.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

N_TEXTS = 4_000
OUTPUT = Path(__file__).parent.parent / "src/vista/sae/demo"
LEXNAMES = [
    "adj.all",
    "adj.pert",
    "adv.all",
    "noun.Tops",
    "noun.act",
    "noun.animal",
    "noun.artifact",
    "noun.attribute",
    "noun.body",
    "noun.cognition",
    "noun.communication",
    "noun.event",
    "noun.feeling",
    "noun.food",
    "noun.group",
    "noun.location",
    "noun.motive",
    "noun.object",
    "noun.person",
    "noun.phenomenon",
    "noun.plant",
    "noun.possession",
    "noun.process",
    "noun.quantity",
    "noun.relation",
    "noun.shape",
    "noun.state",
    "noun.substance",
    "noun.time",
    "verb.body",
    "verb.change",
    "verb.cognition",
    "verb.communication",
    "verb.competition",
    "verb.consumption",
    "verb.contact",
    "verb.creation",
    "verb.emotion",
    "verb.motion",
    "verb.perception",
    "verb.possession",
    "verb.social",
    "verb.stative",
    "verb.weather",
    "adj.ppl",
]
ROUGH = re.compile(
    r"offensive|disparag|derogat|obscen|vulgar|slang|slur|sexual|\bsex\b|coit|copulat|genital|prostitut|excrement|\bracis|\brape|pejorative"
    r"|\bnegro|whore|bitch|fuck|\bshit|nigg|faggot|slut|\bdarky|\bjap\b|nazi|suicid|massacre",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Text:
    """A text of WordNet.

    Attributes:
        text: The whole text.
        kind: "example" or "definition".
        lexname: WordNet's lexicographer file, such as "noun.food".
        word: The synset's first word.
        source: Where it is from: WordNet's part of speech and the synset's offset in its data file.
    """

    text: str
    kind: str
    lexname: str
    word: str
    source: str


def main() -> None:
    """Write the texts and their license into the package."""
    arguments = _arguments()
    chosen = choose(list(texts_of(arguments.wordnet)), arguments.texts, arguments.seed)
    arguments.output.mkdir(parents=True, exist_ok=True)
    columns = zip(*map(astuple, chosen), strict=True)
    table = pa.table({field.name: list(column) for field, column in zip(fields(Text), columns, strict=True)})
    pq.write_table(table, arguments.output / "texts.parquet", compression="zstd", compression_level=19)
    (arguments.output / "LICENSE").write_text(LICENSE, encoding="utf-8")


def texts_of(wordnet: Path) -> Iterator[Text]:
    """Yield the definition and the usage examples of every synset that WordNet does not mark as rough."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in (wordnet / f"data.{part}").read_text(encoding="latin-1").splitlines():
            if not line.startswith("  ") and not ROUGH.search(line):
                yield from _texts_of_line(line, part)


def choose(texts: list[Text], n_texts: int, seed: int) -> list[Text]:
    """Return that many texts, half of each kind, in a seeded order and no synset twice."""
    generator = random.Random(seed)
    generator.shuffle(texts)
    chosen: dict[str, Text] = {}
    said: set[str] = set()
    for kind, until in (("example", n_texts // 2), ("definition", n_texts)):
        fields_left: dict[str, list[Text]] = {}
        for text in texts:
            if text.kind == kind and text.source not in chosen and text.text.lower() not in said:
                said.add(text.text.lower())
                fields_left.setdefault(text.lexname, []).append(text)
        taken = dict.fromkeys(fields_left, 0)
        weight = {name: len(held) ** 0.5 for name, held in fields_left.items()}
        while len(chosen) < until and fields_left:
            name = min(fields_left, key=lambda name: ((taken[name] + 1) / weight[name], name))
            text = fields_left[name].pop()
            taken[name] += text.source not in chosen
            chosen.setdefault(text.source, text)
            if not fields_left[name]:
                del fields_left[name]
    rows = list(chosen.values())
    generator.shuffle(rows)
    return rows


def _texts_of_line(line: str, part: str) -> Iterator[Text]:
    entry, _, gloss = line.partition("|")
    words = entry.split(" ")
    word = words[4].split("(")[0].replace("_", " ")
    lexname, source = LEXNAMES[int(words[1])], f"{part}:{words[0]}"
    definition = re.split(r";\s*\"", gloss)[0].strip().strip(";: ")
    if 7 <= len(definition.split()) <= 40 and '"' not in definition and _is_whole(definition):
        yield Text(f"{word}: {definition}", "definition", lexname, word, source)
    for example in re.findall(r'"([^"]+)"', gloss):
        if 6 <= len(example.split()) <= 40 and _is_whole(example):
            yield Text(example.strip(), "example", lexname, word, source)


def _is_whole(text: str) -> bool:
    return text.count("(") == text.count(")") and not text.rstrip().endswith((",", "-", "..."))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"), help="folder of data.noun and its like")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--texts", type=int, default=N_TEXTS)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


LICENSE = """\
The texts in texts.parquet are definitions and usage examples of WordNet 3.0, selected and otherwise unchanged. WordNet's license:

This software and database is being provided to you, the LICENSEE, by Princeton University under the following license.
By obtaining, using and/or copying this software and database, you agree that you have read, understood, and will comply
with these terms and conditions.:

Permission to use, copy, modify and distribute this software and database and its documentation for any purpose and
without fee or royalty is hereby granted, provided that you agree to comply with the following copyright notice and
statements, including the disclaimer, and that the same appear on ALL copies of the software, database and documentation,
including modifications that you make for internal use or for distribution.

WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.

THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR
IMPLIED. BY WAY OF EXAMPLE, BUT NOT LIMITATION, PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES OF
MERCHANTABILITY OR FITNESS FOR ANY PARTICULAR PURPOSE OR THAT THE USE OF THE LICENSED SOFTWARE, DATABASE OR DOCUMENTATION
WILL NOT INFRINGE ANY THIRD PARTY PATENTS, COPYRIGHTS, TRADEMARKS OR OTHER RIGHTS.

The name of Princeton University or Princeton may not be used in advertising or publicity pertaining to distribution of
the software and/or database. Title to copyright in this software, database and any associated documentation shall at all
times remain with Princeton University and LICENSEE agrees to preserve same.
"""


if __name__ == "__main__":
    main()
