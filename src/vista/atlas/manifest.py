"""The manifest `atlas.json`: its shape, written down as types, and reading it.

`docs/format.md` gives the meaning of every key. This module loads nothing beyond the standard library, so that looking
at an atlas costs next to nothing.
"""

from __future__ import annotations

import errno
import json
import sys
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NotRequired, cast

from vista.atlas.study_entries import ActivationEntry, LatentEntry, MapNeighborsEntry, StudyEntry, TokensEntry
from vista.errors import AtlasFormatError

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict  # pydantic reads only this one before 3.12

FORMAT_NAME: Literal["vista-atlas"] = "vista-atlas"
FIRST_VERSION = 1
FORMAT_VERSION = 2  # the newest that is read; an atlas is written as 2 only where a map has tiled points
MANIFEST_NAME = "atlas.json"


class CardsEntry(TypedDict):
    """Blocks of item cards."""

    data: str
    index: str
    items_per_block: int


class PicturesEntry(TypedDict):
    """Blocks of pictures; `of` says whether block i is the picture of item i or one that cards name."""

    data: str
    index: str
    n: int
    px: int
    of: Literal["item", "library"]


class SearchEntry(TypedDict):
    """An index of the words of many texts, read in ranges; `characters` of each text are indexed."""

    terms: str
    index: str
    postings: str
    n_terms: int
    characters: int


class NeighborsEntry(TypedDict):
    """The nearest items of every item in the representation."""

    path: str
    k: int
    metric: str
    exact: bool
    recall: float


class ColumnEntry(TypedDict):
    """One of the user's columns, with the name of its Arrow type."""

    name: str
    type: str


class SetEntry(TypedDict):
    """Items, stored once and shown by one map or several; many texts have an index in place of titles.

    `served_search` is only in what `vista serve` answers, where it can answer api/search.
    """

    n_items: int
    items: str
    cards: CardsEntry
    titles: str | None
    search: NotRequired[SearchEntry]
    served_search: NotRequired[bool]
    pictures: PicturesEntry | None
    neighbors: NeighborsEntry | None
    text_column: str | None
    columns: list[ColumnEntry]


class ExtentEntry(TypedDict):
    """The square of the layout that the map shows."""

    x0: float
    y0: float
    size: float


class BoundsEntry(TypedDict):
    """The part of the square in which items lie: smallest and largest coordinates."""

    x0: float
    y0: float
    x1: float
    y1: float


class PointsEntry(TypedDict):
    """Files of the columns that drawing needs, in drawing order; a tiled map has `tiles` and no `item`; early atlases lack `region`."""

    tiles: NotRequired[str]
    xy: str
    item: str | None
    trust_false: str | None
    trust_missing: str | None
    region: NotRequired[str]


class CategoryColor(TypedDict):
    """A column to color by, as codes of named categories, the most frequent first."""

    name: str
    kind: Literal["category"]
    path: str
    dtype: Literal["uint8", "uint16"]
    categories: list[str]
    counts: list[int]


class NumberColor(TypedDict):
    """A column to color by, as numbers between `low` and `high`; a tiled map has them once more as shades of one byte."""

    name: str
    kind: Literal["number"]
    path: str
    dtype: Literal["float32"]
    low: float
    high: float
    shades: NotRequired[str]


class SheetsEntry(TypedDict):
    """The pictures of the deeper levels, 64 to a sheet."""

    data: str
    index: str
    n: int


class CollageEntry(TypedDict):
    """The pyramid of pictures, and how the pictures were chosen."""

    tiles: str
    cells: str
    sheets: SheetsEntry | None
    n_levels: int
    n_tile_levels: int
    cell_px: int
    tile_px: int
    rule: str
    rule_text: str
    pictures: Literal["items", "library", "cards", "mixed"]
    picture_text: str
    alone_share: float


class NullEntry(TypedDict):
    """The area under R_NX of shuffled layouts: mean, smallest and largest of n."""

    mean: float | None
    low: float | None
    high: float | None
    n: int


class NullGainEntry(TypedDict):
    """The gain of shuffled layouts at every `k`: mean, smallest and largest."""

    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]


class FidelityEntry(TypedDict):
    """How far the map keeps the neighbors of the representation; lists run over `k`, None stands for "not defined".

    Early atlases have `null_gain` only in `fidelity.json`.
    """

    metric: str
    n_queries: int
    exact: bool
    k: list[int]
    percent: list[float | None]
    gain: list[float | None]
    gain_ci: list[tuple[float | None, float | None]]
    rnx: list[float | None]
    rnx_area: float | None
    trustworthiness: list[float | None]
    continuity: list[float | None]
    null: NullEntry
    null_gain: NotRequired[NullGainEntry]
    trust_k: int
    mean_false: float | None
    mean_missing: float | None


class RepresentationEntry(TypedDict):
    """The vectors behind a map."""

    encoder: str
    space: str | None
    dim: int
    n_zero: int
    metric: str


class LayoutEntry(TypedDict):
    """How the coordinates were made."""

    method: str
    parameters: dict[str, Any]
    seed: int


class RowsEntry(TypedDict):
    """Files that say for each row of a tiled map which row of another shows the same item (`there`), and the reverse (`here`)."""

    there: str
    here: str


class MapEntry(TypedDict):
    """One map of items of a set; early atlases lack `bounds`. Only maps of a study or an activation have `kind` or keys at the end.

    Where there is no representation to judge the map by, `fidelity`, its curve and `representation` are None. `same_items` names
    tiled maps, made before, of the items of this one.
    """

    kind: NotRequired[Literal["latent", "dictionary"]]
    set: str
    n_items: int
    title: str
    extent: ExtentEntry
    bounds: NotRequired[BoundsEntry]
    items: str
    points: PointsEntry
    colors: list[CategoryColor | NumberColor]
    collage: CollageEntry | None
    ground: str | None
    preview: str | None
    labels: str
    regions: str
    fidelity: FidelityEntry | None
    fidelity_curve: str | None
    representation: RepresentationEntry | None
    layout: LayoutEntry
    same_items: NotRequired[dict[str, RowsEntry]]
    neighbors: NotRequired[MapNeighborsEntry]
    tokens: NotRequired[TokensEntry]
    terrain: NotRequired[str]
    outcomes: NotRequired[str]
    activation: NotRequired[ActivationEntry]
    latent: NotRequired[LatentEntry]
    opens: NotRequired[dict[str, str]]


class InputEntry(TypedDict):
    """A file that was read: base name, SHA-256 in hex, bytes."""

    name: str
    sha256: str
    n_bytes: int


class SkippedEntry(TypedDict):
    """An item that was left out, and why."""

    name: str
    reason: str


class Provenance(TypedDict):
    """The command that made a map, what it ran on, and what it had to say; early atlases lack the last three keys."""

    map: str
    vista_version: str
    command: str
    parameters: dict[str, Any]
    seed: int
    inputs: list[InputEntry]
    versions: dict[str, str]
    created: str
    seconds: dict[str, float]
    warnings: NotRequired[list[str]]
    skipped: NotRequired[list[SkippedEntry]]
    n_skipped: NotRequired[int]


class FileEntry(TypedDict):
    """Size and SHA-256 (hex) of one file of the atlas."""

    n_bytes: int
    sha256: str


class Manifest(TypedDict):
    """Everything that `atlas.json` holds."""

    format: Literal["vista-atlas"]
    format_version: int
    title: str
    study: NotRequired[StudyEntry]
    sets: dict[str, SetEntry]
    maps: dict[str, MapEntry]
    provenance: Provenance
    history: list[Provenance]
    warnings: list[str]
    skipped: list[SkippedEntry]
    n_skipped: int
    files: dict[str, FileEntry]


def read_manifest(folder: str | Path) -> Manifest:
    """Return the manifest of the atlas in `folder`.

    Raises:
        AtlasFormatError: There is no such folder, it holds no atlas, the atlas is incomplete or damaged, or it was
            written by a newer version of VISTA.
    """
    folder = Path(folder)
    manifest = _parsed(folder)
    _check_version(manifest, folder)
    _check_keys(manifest, folder)
    return cast(Manifest, manifest)


def _parsed(folder: Path) -> dict[str, Any]:
    try:
        text = (folder / MANIFEST_NAME).read_text(encoding="utf-8")
    except OSError as error:
        raise AtlasFormatError(_why_unreadable(folder, error)) from None
    except UnicodeDecodeError:
        raise AtlasFormatError(_damaged(folder, "is not UTF-8 text")) from None
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        raise AtlasFormatError(_damaged(folder, "is not complete JSON")) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT_NAME:
        raise AtlasFormatError(f'\'{folder}\' is not an atlas: its {MANIFEST_NAME} does not say "format": "{FORMAT_NAME}".')
    return manifest


def _why_unreadable(folder: Path, error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.EIO):
        return f"the atlas at '{folder}' cannot be read: {error.strerror}."
    if not folder.exists():
        return f"no atlas at '{folder}': there is no such folder; make one with `vista map SOURCE -o {folder.name or 'ATLAS'}`."
    if not folder.is_dir():
        return f"no atlas at '{folder}': an atlas is a folder, and this is a file."
    if (folder / "maps").is_dir() or (folder / "items").is_dir():
        return f"the atlas at '{folder}' is incomplete: it has no {MANIFEST_NAME}, which is written last; build it again."
    return f"'{folder}' is not an atlas: it holds no {MANIFEST_NAME}."


def _damaged(folder: Path, how: str) -> str:
    return f"the atlas at '{folder}' is damaged: its {MANIFEST_NAME} {how}; build it again."


def _check_version(manifest: dict[str, Any], folder: Path) -> None:
    version = manifest.get("format_version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise AtlasFormatError(_damaged(folder, f"has the format_version {version!r}"))
    if version > FORMAT_VERSION:
        raise AtlasFormatError(
            f"'{folder}' was written by a newer VISTA (format {version}, this one reads {FORMAT_VERSION}): pip install -U vista-atlas"
        )


def _check_keys(manifest: dict[str, Any], folder: Path) -> None:
    """Check that what every reader relies on is there, and that no file lies outside the atlas."""
    _require(manifest, _always_there(Manifest), "", folder)
    for room, keys in (("sets", _always_there(SetEntry)), ("maps", _always_there(MapEntry))):
        _require(manifest[room], frozenset(), f"{room}.", folder)
        for name, entry in manifest[room].items():
            _require(entry, keys, f"{room}.{name}.", folder)
    _require(manifest["files"], frozenset(), "files.", folder)
    for name, entry in manifest["maps"].items():
        if entry["set"] not in manifest["sets"]:
            raise AtlasFormatError(_damaged(folder, f"has no set {entry['set']!r} for the map '{name}'"))
    for path in manifest["files"]:
        if not is_inside(path):
            raise AtlasFormatError(_damaged(folder, f"names the file {path!r} outside the atlas"))


def _always_there(entry: type) -> frozenset[str]:
    """Return the keys that an entry must have; `__required_keys__` takes annotations that are strings for required."""
    return frozenset(key for key, told in entry.__annotations__.items() if "NotRequired[" not in _spelled(told))


def _spelled(annotation: object) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__forward_arg__", repr(annotation))


def _require(entry: object, keys: frozenset[str], where: str, folder: Path) -> None:
    if not isinstance(entry, dict):
        raise AtlasFormatError(_damaged(folder, f"has no table at '{where.rstrip('.')}'"))
    if missing := sorted(keys - entry.keys()):
        raise AtlasFormatError(_damaged(folder, f"lacks '{where}{missing[0]}'"))


def is_inside(path: str) -> bool:
    """Return whether a manifest's path is relative, uses `/`, and never climbs or hides."""
    parts = PurePosixPath(path).parts
    plain = bool(parts) and "\\" not in path and ":" not in path and "\x00" not in path and not path.startswith("/")
    return plain and not any(part.startswith(".") for part in parts)
