"""What a store says of itself, and where its files are.

    STORE/store.json                     written last, by rename: what the store holds, with a hash of every file
    STORE/writing.json                   there only while items are added: what is being added
    STORE/items/0.arrow                  the items, one file each time that some were added
    STORE/shards/000000.safetensors      their codes, a range of items each
    STORE/statistics/0.safetensors       figures of all latents over all items

No file holds a time, a path or a machine's name: the same codes give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vista.artifacts import InputFile
from vista.errors import InputError, InputFileError, reason_of
from vista.sae.store.pooling import POOLINGS, Pooling
from vista.sae.store.tensors import write_whole

FORMAT_NAME = "vista-store"
FORMAT_VERSION = 1
STORE_NAME = "store.json"
WRITING_NAME = "writing.json"
ROOMS = ("items", "shards", "statistics")


@dataclass(frozen=True, slots=True)
class StoreMeta:
    """Where codes come from. Codes can share a store only where all but the last two agree.

    Attributes:
        model: The model, in words.
        model_sha256: Hash (hex) of its weights and configuration.
        sae: The sparse autoencoder, in words.
        sae_sha256: Hash (hex) of its weights and configuration.
        hook_name: Where in the model the activations are taken.
        d_sae: Number of latents.
        pooling: How the codes of tokens become the codes of an item.
        options: What else decides the codes (context size, windows, positions that are dropped), in JSON's types.
        versions: Versions of the packages that made them.
        sanity: How the autoencoder does on the first of the items: `fvu`, `l0`, `expected_l0`, `n_tokens`; None where it was not measured.
    """

    model: str
    model_sha256: str
    sae: str
    sae_sha256: str
    hook_name: str
    d_sae: int
    pooling: Pooling = "max"
    options: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    sanity: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.pooling not in POOLINGS:
            raise InputError(f"no pooling '{self.pooling}'. Known: {', '.join(POOLINGS)}.")
        if self.d_sae < 1:
            raise InputError(f"an SAE must have at least one latent, not {self.d_sae}.")


@dataclass(frozen=True, slots=True)
class ShardEntry:
    """A range of items: its file, relative to the store, and its rows."""

    path: str
    start: int
    n_items: int

    @property
    def stop(self) -> int:
        return self.start + self.n_items


@dataclass(frozen=True, slots=True)
class PartEntry:
    """Items that were added at one time.

    Attributes:
        items: Their file, relative to the store.
        start: Row of the first in the store.
        n_items: Their number.
        items_sha256: Hash (hex) of the file.
        shards: Their codes.
        text_column: Name of the column that the texts came from, or None.
        color_columns: Columns that the viewer offers for coloring.
        inputs: The files that the items were read from.
    """

    items: str
    start: int
    n_items: int
    items_sha256: str
    shards: tuple[ShardEntry, ...]
    text_column: str | None = None
    color_columns: tuple[str, ...] = ()
    inputs: tuple[InputFile, ...] = ()


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Size and hash of one file."""

    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StoreManifest:
    """All that `store.json` says.

    Attributes:
        meta: Where the codes come from.
        tokens: Whether the codes of tokens are kept.
        parts: The items, in the order in which they were added.
        statistics: File of the latents' figures.
        files: Every file but `store.json`, by its path relative to the store.
    """

    meta: StoreMeta
    tokens: bool
    parts: tuple[PartEntry, ...]
    statistics: str
    files: dict[str, FileEntry]

    @property
    def n_items(self) -> int:
        return sum(part.n_items for part in self.parts)

    @property
    def shards(self) -> tuple[ShardEntry, ...]:
        return tuple(shard for part in self.parts for shard in part.shards)

    @property
    def content_sha256(self) -> str:
        """Hash of all that the store holds: equal for stores with the same files and the same origin."""
        return hashlib.sha256(_json_of(_plain_store(self))).hexdigest()


@dataclass(frozen=True, slots=True)
class Writing:
    """All that `writing.json` says: the part that is being added, and what it must agree with."""

    meta: StoreMeta
    tokens: bool
    part: PartEntry


def write_store_manifest(folder: Path, manifest: StoreManifest) -> None:
    """Write `store.json`, which makes the store whole."""
    _write(folder / STORE_NAME, _plain_store(manifest) | {"content_sha256": manifest.content_sha256})


def write_writing(folder: Path, writing: Writing) -> None:
    """Write `writing.json`, which marks the store as half-written."""
    _write(folder / WRITING_NAME, {"format": FORMAT_NAME, "format_version": FORMAT_VERSION} | asdict(writing))


def read_store_manifest(folder: Path) -> StoreManifest | None:
    """Return what `store.json` says, or None where there is none.

    Raises:
        InputFileError: If it cannot be read, or comes from another format or version.
    """
    told = _read(folder / STORE_NAME)
    return None if told is None else _checked(folder / STORE_NAME, told, _store_of)


def read_writing(folder: Path) -> Writing | None:
    """Return what `writing.json` says, or None where there is none.

    Raises:
        InputFileError: If it cannot be read, or comes from another format or version.
    """
    told = _read(folder / WRITING_NAME)
    return None if told is None else _checked(folder / WRITING_NAME, told, _writing_of)


def file_entry(path: Path) -> FileEntry:
    """Return the size and the hash of a file."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return FileEntry(file.tell(), sha256)


def _plain_store(manifest: StoreManifest) -> dict[str, Any]:
    return {"format": FORMAT_NAME, "format_version": FORMAT_VERSION, "n_items": manifest.n_items} | asdict(manifest)


def _json_of(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"


def _write(path: Path, value: dict[str, Any]) -> None:
    write_whole(path, lambda part: part.write_bytes(_json_of(value)))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        return told
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise InputFileError(f"'{path}' cannot be read ({reason_of(error)}).") from error


def _checked(path: Path, told: dict[str, Any], read: Any) -> Any:
    if not isinstance(told, dict) or told.get("format") != FORMAT_NAME:
        raise InputFileError(f"'{path}' is not that of a store of codes.")
    if told.get("format_version") != FORMAT_VERSION:
        raise InputFileError(
            f"'{path}' has version {told.get('format_version')}, and this VISTA reads {FORMAT_VERSION}; use the one that wrote it."
        )
    try:
        return read(told)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputFileError(f"'{path}' is damaged ({reason_of(error)}).") from error


def _store_of(told: dict[str, Any]) -> StoreManifest:
    files = {path: FileEntry(**entry) for path, entry in told["files"].items()}
    parts = tuple(_part_of(part) for part in told["parts"])
    return StoreManifest(StoreMeta(**told["meta"]), told["tokens"], parts, told["statistics"], files)


def _writing_of(told: dict[str, Any]) -> Writing:
    return Writing(StoreMeta(**told["meta"]), told["tokens"], _part_of(told["part"]))


def _part_of(told: dict[str, Any]) -> PartEntry:
    lists = {
        "shards": tuple(ShardEntry(**shard) for shard in told["shards"]),
        "inputs": tuple(InputFile(**file) for file in told["inputs"]),
        "color_columns": tuple(told["color_columns"]),
    }
    return PartEntry(**{**told, **lists})
