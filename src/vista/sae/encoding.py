"""Encoding a dataset: texts through a model, its states through an autoencoder, the codes into a store.

    texts ─► batches of token states ─► codes of tokens ─► store: items × latents, latents × items, and the tokens

The store's shards are ranges of items, and each is read in the same batches whenever it is made: a run that was stopped ends
with the same bytes as one that was not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vista.errors import InputError
from vista.execution import Progress, silent

if TYPE_CHECKING:
    from vista.artifacts import Items
    from vista.sae.reading import Reading
    from vista.sae.store import Pooling, Store, StoreMeta, TokenCodes

_PACKAGES = ("numpy", "torch", "transformers")
SANITY_TEXTS, SANITY_TOKENS = 256, 4_096  # on which the autoencoder is tried before all is encoded: seconds


def encode(
    data: object,
    output: str | Path,
    *,
    sae: str,
    model: str | None = None,
    hook: str | None = None,
    text: str | None = None,
    id: str | None = None,
    pool: Literal["max", "mean", "last"] = "max",
    tokens: bool = True,
    max_items: int | None = None,
    max_tokens: int | None = None,
    batch_tokens: int | None = None,
    sink_multiple: float | None = None,
    append: bool = False,
    device: str | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Store:
    """Encode texts with an autoencoder into a store, from which studies of its latents are made.

    A run that was stopped at any moment continues where it was when it is started again the same way.

    Args:
        data: The texts: a Parquet, CSV, TSV or JSONL file; in Python also a table (pandas, polars, pyarrow).
        output: Folder of the store.
        sae: The autoencoder: a folder, `hf:OWNER/NAME/FOLDER`, `saelens:RELEASE/ID`, a Neuronpedia id such as
            `gemma-2-2b/20-gemmascope-res-16k`, or `smollm2`, a small one that VISTA brings.
        model: The model: a folder, a GGUF file, a hub id or `smollm2`; by default the one that the autoencoder names.
        hook: Where the model's states are read; by default where the autoencoder says.
        text: Column of the texts; guessed where there is hardly a doubt.
        id: Column with unique ids; `row` numbers the rows. By default a column `id` or `item_id`, else row numbers.
        pool: How the codes of an item's tokens become its own: `max`, `mean` or `last`.
        tokens: Keep the codes of tokens beside those of the items, so that they can be colored; `--no-tokens` omits them.
        max_items: Encode a seeded random sample of this many items.
        max_tokens: Longest text in tokens; what is longer is cut, and counted. By default what the model reads.
        batch_tokens: Most tokens in a batch, padding included; chosen by device by default.
        sink_multiple: Drop tokens whose norm is above this multiple of the median in ordinary English; by default none.
        append: Add the items to a store that is there, made with the same model and autoencoder.
        device: `cpu`, `cuda` or `mps`; the best available by default.
        seed: Seed of the sample.
        progress: Told how far the work is.

    Returns:
        The store, opened.

    Raises:
        VistaError: If the data, a name or an option cannot be used; the message is one line. Nothing is lost then.
    """
    from vista.sae.reading import reading_of
    from vista.sae.specs import read, resolve
    from vista.sae.store import append_store, write_store

    place = resolve(sae)
    autoencoder = read(place)
    items = texts_of(data, text=text, id=id, sample=max_items, seed=seed, progress=progress)
    reading = reading_of(autoencoder, model=model, hook=hook, device=device)
    producer = TextCodes(reading, items.texts or [], max_tokens=max_tokens, sink_multiple=sink_multiple, batch_tokens=batch_tokens)
    meta = producer.meta(place.name, pool)
    for sentence in (*items.notes, *autoencoder.notes):
        progress.say(sentence)
    if append:
        store = append_store(output, producer, meta, items, progress=progress)
    else:
        store = write_store(output, producer, meta, items, tokens=tokens, trial=lambda: producer.tried(progress), progress=progress)
    for sentence in (*(() if producer.is_tried else _told_of_sanity(store.meta)), *producer.told()):
        progress.say(sentence)
    return store


def texts_of(data: object, *, text: str | None, id: str | None, sample: int | None, seed: int, progress: Progress = silent) -> Items:
    """Read the texts that are to be encoded; the arguments are those of `encode`.

    Raises:
        VistaError: If the data cannot be used as given, or has no texts.
    """
    from vista.sources import read_source

    items = read_source(data, text=text, id=id, sample=sample, seed=seed, progress=progress).items
    if items.texts is None:
        raise InputError("the data has no column of texts; name it with --text")
    return items


@dataclass(slots=True, eq=False)
class TextCodes:
    """Encodes ranges of texts, as a store asks for them.

    A range is always read in the same batches, since the last digits of a matrix product depend on its shape.

    Attributes:
        reading: The model, its hook and the autoencoder.
        texts: All texts.
        max_tokens, sink_multiple, batch_tokens: As in `token_state_batches`.
        counts: How many texts were cut and how many had no token, and how many tokens were dropped for their norm.
        is_tried: Whether `tried` has told what it found.
    """

    reading: Reading
    texts: list[str]
    max_tokens: int | None = None
    sink_multiple: float | None = None
    batch_tokens: int | None = None
    counts: dict[str, int] = field(default_factory=lambda: {"cut": 0, "empty": 0, "sinks": 0})
    is_tried: bool = False

    def __call__(self, start: int, stop: int, /) -> Iterator[TokenCodes]:
        from vista.representations import token_state_batches
        from vista.sae.autoencoder import encode_sparse
        from vista.sae.store import TokenCodes

        for batch in token_state_batches(
            self.reading.hooked,
            self.reading.hook,
            self.texts[start:stop],
            max_tokens=self.max_tokens,
            sink_multiple=self.sink_multiple,
            batch_tokens=self.batch_tokens,
        ):
            self.counts["cut"] += int(batch.is_cut.sum())
            self.counts["sinks"] += int(batch.n_sinks.sum())
            self.counts["empty"] += int((batch.starts[1:] == batch.starts[:-1]).sum())
            codes = encode_sparse(self.reading.sae, batch.states)
            yield TokenCodes(
                rows=start + batch.item_rows,
                token_starts=batch.starts,
                token_ids=batch.token_ids,
                char_starts=batch.offsets[:, 0],
                char_ends=batch.offsets[:, 1],
                code_starts=codes.indptr,
                latents=codes.indices,
                values=codes.data,
            )

    def meta(self, sae_name: str, pooling: Pooling) -> StoreMeta:
        """Return where the codes come from, as their store says it.

        Args:
            sae_name: The autoencoder, in words.
            pooling: How the codes of an item's tokens become its own.
        """
        from vista.sae.store import StoreMeta

        hooked = self.reading.hooked
        return StoreMeta(
            model=hooked.name,
            model_sha256=hooked.space,
            sae=sae_name,
            sae_sha256=self.reading.sae.fingerprint,
            hook_name=self.reading.hook,
            d_sae=self.reading.sae.d_sae,
            pooling=pooling,
            options={"max_tokens": self.max_tokens, "sink_multiple": self.sink_multiple, "dtype": hooked.dtype},
            versions={name: version(name) for name in _PACKAGES},
        )

    def tried(self, progress: Progress = silent) -> dict[str, Any] | None:
        """Try the autoencoder on the first texts, and return the figures as a store keeps them; None where there is no token.

        Args:
            progress: Told what in the figures says that the autoencoder and the model do not belong together.
        """
        from vista.sae.sanity import doubts, sanity_on_texts

        expected = self.reading.sae.expected_l0
        self.is_tried = True
        try:
            found = sanity_on_texts(self.reading, self.texts[:SANITY_TEXTS], SANITY_TOKENS)
        except InputError:
            return None
        for sentence in doubts(found, expected):
            progress.say(sentence)
        return {"fvu": found.fvu, "l0": found.mean_l0, "expected_l0": expected, "n_tokens": found.n_tokens}

    def told(self) -> Iterator[str]:
        """Yield what happened to the texts of this run, in sentences."""
        yield from _told_of_texts(len(self.texts), self.counts["cut"], self.counts["empty"])
        if self.counts["sinks"]:
            name = self.reading.hooked.name
            yield f"{self.counts['sinks']} tokens were dropped, since their states in {name} are out of the ordinary in length"


def told_of_store(store: Store) -> Iterator[str]:
    """Yield what happened to the texts of a store that `encode` made, in sentences, whichever runs it took.

    A text counts as cut where its last token ends before it does; where tokens were dropped for their norm, that is not known.
    """
    import pyarrow.compute as pc

    yield from _told_of_sanity(store.meta)
    if "max_tokens" not in store.meta.options:
        return
    n_tokens, ends = store.item_ends()
    lengths = pc.utf8_length(pc.utf8_rtrim_whitespace(store.items.column("text"))).fill_null(0).to_numpy()
    is_known = store.meta.options.get("sink_multiple") is None
    yield from _told_of_texts(len(store), int(((n_tokens > 0) & (ends < lengths)).sum()) if is_known else 0, int((n_tokens == 0).sum()))


def _told_of_sanity(meta: StoreMeta) -> Iterator[str]:
    """Yield what in the figures of a store's sanity line says that the autoencoder and the model do not belong together."""
    from vista.sae.sanity import Sanity, doubts

    if (found := meta.sanity) is not None:
        yield from doubts(Sanity(found["fvu"], found["l0"], 0.0, found["n_tokens"]), found["expected_l0"])


def _told_of_texts(n: int, n_cut: int, n_empty: int) -> Iterator[str]:
    if n_cut:
        yield f"{n_cut} of {n} texts are longer than is read: only their beginning is encoded"
    if n_empty:
        yield f"{n_empty} of {n} texts have no token that counts: no latent is active on them"
