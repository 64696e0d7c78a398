"""Picture libraries: captioned pictures from which texts get a picture by meaning.

The default library, "noto", ships with the package: emoji with their names and keywords, and the captions' vectors. Any
folder of captioned images is a library too.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Picture, Skipped
from vista.errors import InputError, InputFileError
from vista.kernels.pictures import PICTURE_ENDINGS, check_picture

if TYPE_CHECKING:
    import pyarrow as pa

DEFAULT_LIBRARY = "noto"
_CAPTION_TABLE = "captions.csv"
_MATCH_BLOCK_ROWS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class PictureLibrary:
    """Pictures with captions.

    Attributes:
        name: "noto", or the folder's name.
        ids: What each picture is called: the code points of an emoji, or a path inside the folder.
        captions: What each picture shows, in words.
        pictures: The encoded pictures.
        license: Whose pictures these are and under which license; "" where unknown.
        caption_vectors: (n_pictures, dim) float32 unit vectors of the captions, or None where they have to be encoded.
        space: Identity of the space of these vectors, as `Representation.space` has it; None where unknown.
        skipped: Pictures that were left out, and why.
    """

    name: str
    ids: tuple[str, ...]
    captions: tuple[str, ...]
    pictures: tuple[Picture, ...]
    license: str = ""
    caption_vectors: NDArray[np.float32] | None = None
    space: str | None = None
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


def load_library(name_or_folder: str | Path = DEFAULT_LIBRARY) -> PictureLibrary:
    """Load a picture library.

    Args:
        name_or_folder: "noto", or a folder of jpg, png, webp and gif files, with folders inside it if need be. Captions
            come from `captions.csv` in the folder (columns `file_name` and `caption`), else from a `.txt` file of the
            picture's own name, else from the words of that name.

    Raises:
        InputFileError: If there is no such folder.
        InputError: If the folder holds no readable picture, or its `captions.csv` lacks a column.
    """
    if str(name_or_folder) == DEFAULT_LIBRARY:
        return _load_noto()
    folder = Path(name_or_folder)
    if not folder.is_dir():
        raise InputFileError(f"no picture library '{name_or_folder}': it is neither '{DEFAULT_LIBRARY}' nor a folder of captioned images")
    return _load_folder(folder)


def match_pictures(
    item_vectors: NDArray[np.float32], caption_vectors: NDArray[np.float32], *, min_similarity: float = -1.0
) -> NDArray[np.int32]:
    """Return the picture whose caption is nearest to each item by cosine similarity, (n_items,) int32.

    Ties go to the lower picture. An item without direction (a zero vector), or with no caption at `min_similarity` or
    above, gets -1.

    Args:
        item_vectors: (n_items, dim), in the same space as the captions.
        caption_vectors: (n_pictures, dim), at least one.
        min_similarity: Lowest cosine similarity, −1 … 1, at which a picture fits.
    """
    captions = _unit_rows(caption_vectors)
    matches = np.empty(len(item_vectors), dtype=np.int32)
    for start in range(0, len(item_vectors), _MATCH_BLOCK_ROWS):
        rows = _unit_rows(item_vectors[start : start + _MATCH_BLOCK_ROWS])
        similarities = rows @ captions.T  # (n_rows, n_pictures)
        best = similarities.argmax(axis=1)
        fits = (similarities[np.arange(len(rows)), best] >= min_similarity) & rows.any(axis=1)
        matches[start : start + len(rows)] = np.where(fits, best, -1)
    return matches


def demonstration_table() -> pa.Table:
    """Return the default library as a table of items, for the demonstration.

    Columns: `item_id` (code points), `text` (name and keywords), `emoji` (the character), `group`, `subgroup`,
    `image` (encoded picture), `vector` (unit vector of the text, float32).
    """
    import pyarrow as pa

    entries = _noto_index()["pictures"]
    vectors, _ = _noto_vectors()
    columns = {
        "item_id": pa.array([entry["id"] for entry in entries], pa.string()),
        "text": pa.array([entry["caption"] for entry in entries], pa.string()),
        "emoji": pa.array([entry["emoji"] for entry in entries], pa.string()),
        "group": pa.array([entry["group"] for entry in entries], pa.string()),
        "subgroup": pa.array([entry["subgroup"] for entry in entries], pa.string()),
        "image": pa.array(_noto_pictures(entries), pa.binary()),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1]),
    }
    return pa.table(columns)


def _load_noto() -> PictureLibrary:
    index = _noto_index()
    entries = index["pictures"]
    vectors, space = _noto_vectors()
    return PictureLibrary(
        name=DEFAULT_LIBRARY,
        ids=tuple(entry["id"] for entry in entries),
        captions=tuple(entry["caption"] for entry in entries),
        pictures=tuple(_noto_pictures(entries)),
        license=index["license"],
        caption_vectors=vectors,
        space=space,
    )


def _noto_index() -> dict[str, Any]:
    index: dict[str, Any] = json.loads(files("vista.rendering").joinpath("noto", "index.json").read_text(encoding="utf-8"))
    return index


def _noto_pictures(entries: list[dict[str, Any]]) -> list[bytes]:
    data = files("vista.rendering").joinpath("noto", "pictures.bin").read_bytes()
    ends = np.cumsum([entry["n_bytes"] for entry in entries]).tolist()
    return [data[end - entry["n_bytes"] : end] for entry, end in zip(entries, ends, strict=True)]


def _noto_vectors() -> tuple[NDArray[np.float32], str | None]:
    with files("vista.rendering").joinpath("noto", "caption_vectors.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return _unit_rows(stored["vectors"]), str(stored["space"]) or None


def _load_folder(folder: Path) -> PictureLibrary:
    paths = sorted(
        (path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_ENDINGS), key=lambda path: path.relative_to(folder).as_posix()
    )
    captions = _captions_of_table(folder / _CAPTION_TABLE)
    kept, skipped = [], []
    for path in paths:
        try:
            check_picture(path)
            kept.append(path)
        except ValueError as error:
            skipped.append(Skipped(path.relative_to(folder).as_posix(), str(error)))
    if not kept:
        raise InputError(f"the picture library '{folder}' holds no readable jpg, png, webp or gif ({len(skipped)} cannot be read)")
    ids = tuple(path.relative_to(folder).as_posix() for path in kept)
    return PictureLibrary(
        name=folder.resolve().name,
        ids=ids,
        captions=tuple(captions.get(name) or _own_caption(path) for name, path in zip(ids, kept, strict=True)),
        pictures=tuple(kept),
        skipped=tuple(skipped),
    )


def _captions_of_table(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = {"file_name", "caption"} - set(table.fieldnames or ())
            if missing:
                raise InputError(f"'{path}' has no column '{min(missing)}': it needs the columns file_name and caption")
            return {row["file_name"]: (row["caption"] or "").strip() for row in table}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputFileError(f"'{path}' cannot be read as a UTF-8 CSV file: {error}") from error


def _own_caption(path: Path) -> str:
    beside = path.with_suffix(".txt")
    if beside.is_file():
        caption = beside.read_text(encoding="utf-8", errors="replace").strip()
        if caption:
            return caption
    return " ".join(path.stem.replace("_", " ").replace("-", " ").split())


def _unit_rows(vectors: NDArray[Any]) -> NDArray[np.float32]:
    rows = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0))
