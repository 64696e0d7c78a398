"""Writing a store, shard by shard, so that a run that was stopped at any moment continues where it was.

    items/0.arrow ► writing.json ► shards/000000, shards/000001, … ► statistics/0 ► store.json ► writing.json goes

Every file appears by rename, and a shard that is there is whole. Which items make a shard is decided before the first is
encoded, and a shard depends on nothing but its items; an interrupted store therefore ends with the same bytes as one that
was not. Adding items goes the same way with the next numbers; until `store.json` is replaced, the store is the old one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vista.artifacts import Items
from vista.errors import InputError, InputFileError
from vista.execution import Progress, silent
from vista.execution.progress import Advance
from vista.sae.store.codes import Producer, TokenCodes
from vista.sae.store.index import MOST_ROWS
from vista.sae.store.items_file import OWN_COLUMNS, item_table, write_items
from vista.sae.store.manifest import (
    WRITING_NAME,
    PartEntry,
    ShardEntry,
    StoreManifest,
    StoreMeta,
    Writing,
    file_entry,
    read_store_manifest,
    read_writing,
    write_store_manifest,
    write_writing,
)
from vista.sae.store.reader import Store, open_store
from vista.sae.store.shards import build_shard
from vista.sae.store.statistics import statistics_of, write_statistics
from vista.sae.store.tensors import PART_SUFFIX, map_tensors, write_tensors, write_whole

if TYPE_CHECKING:
    import pyarrow as pa

SHARD_ITEMS = 1 << 14
SHARD_CHARACTERS = 1 << 21  # half a million tokens: their codes at 70 a token take some 0.3 GB while they are collected
Trial = Callable[[], dict[str, Any] | None]
_LEFT_BY_A_START = {f"items/0.arrow{PART_SUFFIX}", "items/0.arrow", f"{WRITING_NAME}{PART_SUFFIX}"}


def write_store(
    folder: Path | str,
    producer: Producer,
    meta: StoreMeta,
    items: Items,
    *,
    tokens: bool = True,
    shard_items: int = SHARD_ITEMS,
    trial: Trial | None = None,
    progress: Progress = silent,
) -> Store:
    """Encode items into a store; a run that was stopped continues, and a store that is whole already is opened.

    Args:
        folder: Where the store goes: a folder that does not exist or is empty, or a half-written store of the same.
        producer: Encodes a range of the items.
        meta: Where the codes come from.
        items: What is encoded.
        tokens: Whether to keep the codes of tokens beside those of the items.
        shard_items: Most items in a shard; long texts make smaller ones. A store that was begun keeps its shards.
        trial: Tries the encoder where the store begins, before the first item is encoded; its figures are kept as `sanity`. A store
            that was begun keeps those it has.
        progress: Is told how many items are done.

    Raises:
        InputError: If there are no items, or what the producer yields is wrong.
        InputFileError: If the folder holds something else, a store of other items, model or SAE, or cannot be written.
    """
    folder = Path(folder)
    table = _checked_table(items, shard_items)
    with _sole_writer(folder):
        manifest, writing = read_store_manifest(folder), read_writing(folder)
        for earlier in (manifest, writing):
            if earlier is not None:
                _refuse_other(folder, earlier, meta, tokens)
        if manifest is not None:
            _put_items(folder, table, manifest.parts[0].items, manifest.parts[0].items_sha256)
            if writing is None or writing.part in manifest.parts:
                _tidy(folder, manifest)
        else:
            if writing is None:
                _refuse_foreign(folder)
                tried = meta if trial is None else replace(meta, sanity=trial())
                writing = _begin(folder, tried, tokens, table, _plan(items, shard_items, 0, 0, 0))
            else:
                _put_items(folder, table, writing.part.items, writing.part.items_sha256)
            _finish(folder, producer, writing, None, progress)
        return open_store(folder)


def append_store(
    folder: Path | str, producer: Producer, meta: StoreMeta, items: Items, *, shard_items: int = SHARD_ITEMS, progress: Progress = silent
) -> Store:
    """Add items to a store; a run that was stopped continues.

    Rows given to the producer count from the first of the new items. The arguments are those of `write_store`.

    Raises:
        InputError: If an item is in the store already, the columns do not fit, or what the producer yields is wrong.
        InputFileError: If the folder is no whole store, or was made with another model or SAE, or cannot be written.
    """
    folder = Path(folder)
    table = _checked_table(items, shard_items)
    with _sole_writer(folder):
        store = open_store(folder)
        manifest, writing = store.manifest, read_writing(folder)
        _refuse_other(folder, manifest, meta, manifest.tokens)
        if writing is None:
            _refuse_known_items(store, items)
            _refuse_other_columns(store, table)
            plan = _plan(items, shard_items, len(manifest.parts), len(store), len(manifest.shards))
            writing = _begin(folder, manifest.meta, manifest.tokens, table, plan)
        else:
            _put_items(folder, table, writing.part.items, writing.part.items_sha256)
        if writing.part in manifest.parts:  # all was done but the tidying
            _tidy(folder, manifest)
        else:
            _finish(folder, producer, writing, manifest, progress)
        return open_store(folder)


def _begin(folder: Path, meta: StoreMeta, tokens: bool, table: pa.Table, plan: PartEntry) -> Writing:
    """Put the items in their place and write down what is going to be done with them."""
    writing = Writing(meta, tokens, replace(plan, items_sha256=_put_items(folder, table, plan.items, None)))
    write_writing(folder, writing)
    return writing


def _finish(folder: Path, producer: Producer, writing: Writing, earlier: StoreManifest | None, progress: Progress) -> None:
    """Write the shards that are missing, the statistics of the whole, and the manifest."""
    with progress.stage("encoding items", writing.part.n_items) as advance:
        for shard in writing.part.shards:
            if _is_whole(folder / shard.path):
                advance(shard.n_items)
            else:
                _write_shard(folder, producer, writing, shard, advance)
    manifest = _whole(folder, writing, earlier)
    write_store_manifest(folder, manifest)
    _tidy(folder, manifest)


def _is_whole(path: Path) -> bool:
    try:
        map_tensors(path)
    except InputFileError:
        return False
    return True


def _write_shard(folder: Path, producer: Producer, writing: Writing, shard: ShardEntry, advance: Advance) -> None:
    start = shard.start - writing.part.start
    batches = _told(producer(start, start + shard.n_items), advance)
    meta = writing.meta
    tensors = build_shard(batches, start, start + shard.n_items, d_sae=meta.d_sae, pooling=meta.pooling, tokens=writing.tokens)
    write_tensors(folder / shard.path, tensors)


def _told(batches: Iterable[TokenCodes], advance: Advance) -> Iterator[TokenCodes]:
    for codes in batches:
        yield codes
        advance(codes.n_items)


def _whole(folder: Path, writing: Writing, earlier: StoreManifest | None) -> StoreManifest:
    parts = (*(earlier.parts if earlier else ()), writing.part)
    shards = [shard.path for part in parts for shard in part.shards]
    statistics = f"statistics/{len(parts) - 1}.safetensors"
    n_items = sum(part.n_items for part in parts)
    figures = statistics_of([folder / path for path in shards], writing.meta.d_sae, n_items)
    write_statistics(folder / statistics, figures)
    known = earlier.files if earlier else {}
    paths = [*(part.items for part in parts), *shards, statistics]
    files = {path: known.get(path) or file_entry(folder / path) for path in paths}
    return StoreManifest(writing.meta, writing.tokens, parts, statistics, files)


def _tidy(folder: Path, manifest: StoreManifest) -> None:
    """Remove what only the writing needed, and figures of the store before items were added."""
    for path in (folder / "statistics").iterdir():
        if f"statistics/{path.name}" != manifest.statistics:
            path.unlink()
    (folder / WRITING_NAME).unlink(missing_ok=True)


def _plan(items: Items, shard_items: int, number: int, start: int, n_shards: int) -> PartEntry:
    """Return the part that the items will be, number `number`, from row `start` and shard `n_shards` on."""
    shards = tuple(
        ShardEntry(f"shards/{n_shards + i:06d}.safetensors", start + first, stop - first)
        for i, (first, stop) in enumerate(_ranges(items, shard_items))
    )
    return PartEntry(
        f"items/{number}.arrow", start, len(items), "", shards, items.text_column, tuple(items.color_columns), tuple(items.inputs)
    )


def _ranges(items: Items, shard_items: int) -> Iterator[tuple[int, int]]:
    """Cut the items into ranges of at most `shard_items` items and, unless one item alone has more, `SHARD_CHARACTERS`."""
    first, n_characters = 0, 0
    for row in range(len(items)):
        length = 0 if items.texts is None else len(items.texts[row])
        if row > first and (row - first == shard_items or n_characters + length > SHARD_CHARACTERS):
            yield first, row
            first, n_characters = row, 0
        n_characters += length
    yield first, len(items)


def _put_items(folder: Path, table: pa.Table, path: str, expected_sha256: str | None) -> str:
    """Put the items into their file and return its hash.

    Raises:
        InputFileError: If the hash is not the expected one: the store was begun with other items.
    """
    sha256 = ""

    def write(part: Path) -> None:
        nonlocal sha256
        write_items(part, table)
        sha256 = file_entry(part).sha256
        if expected_sha256 not in (None, sha256):
            part.unlink()
            raise InputFileError(
                f"the store in '{folder}' was begun with other items (hash {str(expected_sha256)[:16]}) than those given "
                f"(hash {sha256[:16]}); give the same items to continue, write to another folder, or append to the store once it is whole."
            )

    write_whole(folder / path, write)
    return sha256


def _checked_table(items: Items, shard_items: int) -> pa.Table:
    if len(items) == 0:
        raise InputError("there are no items to encode.")
    if not 1 <= shard_items <= MOST_ROWS:
        raise InputError(f"a shard must hold from 1 to {MOST_ROWS} items, not {shard_items}.")
    return item_table(items)


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder that holds more than what a run leaves that was stopped at its very start."""
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in _LEFT_BY_A_START:
            raise InputFileError(f"'{folder}' holds something else ('{path.name}'); give a folder that is empty or does not exist.")


def _refuse_other(folder: Path, earlier: StoreManifest | Writing, meta: StoreMeta, tokens: bool) -> None:
    """Refuse to mix codes of different origins in one store."""
    made, given = asdict(earlier.meta), asdict(meta)
    for kind in ("model", "sae"):
        if made[f"{kind}_sha256"] != given[f"{kind}_sha256"]:
            raise InputFileError(
                f"the store in '{folder}' was made with another {'SAE' if kind == 'sae' else kind}: {made[kind]} "
                f"(hash {made[f'{kind}_sha256'][:16]}), not {given[kind]} (hash {given[f'{kind}_sha256'][:16]}); write to another folder."
            )
    for name in ("hook_name", "d_sae", "pooling", "options"):
        if made[name] != given[name]:
            raise InputFileError(
                f"the store in '{folder}' was made with {name} {made[name]}, not {given[name]}; use the same, or write to another folder."
            )
    if earlier.tokens != tokens:
        raise InputFileError(
            f"the store in '{folder}' was made {'with' if earlier.tokens else 'without'} the codes of tokens; use the same."
        )


def _refuse_known_items(store: Store, items: Items) -> None:
    known = set(items.ids).intersection(store.items.column("item_id").to_pylist())
    if known:
        raise InputError(
            f"{len(known)} of {len(items)} items are in the store already, such as '{min(known)}'; leave them out, or give the new "
            "ones ids of their own."
        )


def _refuse_other_columns(store: Store, table: pa.Table) -> None:
    for name in set(table.column_names).intersection(store.items.column_names) - set(OWN_COLUMNS):
        old, new = store.items.schema.field(name).type, table.schema.field(name).type
        if old != new:
            raise InputError(f"column '{name}' holds {new}, and {old} in the store; convert it.")


@contextmanager
def _sole_writer(folder: Path) -> Iterator[None]:
    """Make the folder and hold it for this process alone, where the system can lock a folder.

    Raises:
        InputFileError: If the folder cannot be made, or another process is writing into it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputFileError(f"cannot make the folder '{folder}': {error.strerror}.") from error
    if os.name == "nt":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputFileError(f"another process is writing the store in '{folder}'; wait for it to end.") from None
