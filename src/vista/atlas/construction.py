"""A place where an atlas grows out of sight, and appears by rename when it is whole.

    out/.flowers.building-4711-0    work goes on here, on the same file system
    out/flowers                     the old atlas stands untouched until then

An interrupted run removes its folder; what a killed run left is removed by the next one.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vista.atlas.manifest import MANIFEST_NAME, Manifest, MapEntry, read_manifest
from vista.errors import AtlasFormatError, InputError, InputFileError

_DISK_ERRORS = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM,
    errno.ENOTDIR, errno.ENAMETOOLONG, errno.EIO, errno.EBUSY, errno.ELOOP,
}  # fmt: skip
_MAP_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_counter = itertools.count()


@dataclass(frozen=True, slots=True)
class Building:
    """An atlas under construction.

    Attributes:
        folder: Where its files are written.
        map_id: The map that is being made; where several are, the one that is being written.
        earlier: Manifest of the atlas that stood here, without the maps that are being replaced and without the item sets
            that no other map shows; None where no other map is left. The files that it names are already in `folder`.
        order: Ids of the maps that stood here, those that are being replaced among them, in the manifest's order.
    """

    folder: Path
    map_id: str
    earlier: Manifest | None
    order: tuple[str, ...] = ()


@contextmanager
def building(output: str | Path, *map_ids: str, overwrite: bool = False) -> Iterator[Building]:
    """Give a folder to write an atlas to, and put it in place of `output` at the end.

    `output` may be new, an empty folder, or an atlas, which then gains the maps. Nothing is left behind when the body
    raises or is interrupted.

    Raises:
        InputError: A map exists and `overwrite` is off, `output` is a folder that is not an atlas, an id cannot
            name a folder, or another run wrote the atlas meanwhile.
        InputFileError: The disk refuses: no space, no permission, a path under a file.
    """
    output = Path(os.path.realpath(output))
    standing = check_output(output, *map_ids, overwrite=overwrite)
    with appearing(output) as folder:
        earlier = None
        if standing is not None:
            _carry_over(output, folder, standing)
            earlier = _without_maps(standing, map_ids, folder)
        yield Building(folder, map_ids[0], earlier, tuple(standing["maps"]) if standing else ())
        if not (folder / MANIFEST_NAME).is_file():
            raise RuntimeError(f"an atlas was built without its {MANIFEST_NAME}")
        if check_output(output, *map_ids, overwrite=True) != standing:
            raise InputError(f"'{output}' was changed by another run meanwhile; run again.")


def check_output(output: str | Path, *map_ids: str, overwrite: bool = False) -> Manifest | None:
    """Refuse an output that cannot be built, before any work is done; return the manifest of an atlas that is there.

    Raises:
        InputError: As in `building`.
        InputFileError: A part of the path is a file.
    """
    for map_id in map_ids:
        if not _MAP_ID.fullmatch(map_id):
            raise InputError(
                f"a map cannot be called {map_id!r}: use up to 64 letters, digits, '.', '_' and '-', and begin with a letter or digit."
            )
    output = Path(os.path.realpath(output))
    with disk_errors(output):
        _restore_displaced(output)
        if not is_taken(output):
            return None
    try:
        manifest = read_manifest(output)
    except AtlasFormatError as error:
        raise InputError(f"the output cannot be written: {error} Choose a new or an empty folder.") from None
    taken = [map_id for map_id in map_ids if map_id in manifest["maps"]]
    if taken and not overwrite:
        map_id = taken[0]
        raise InputError(f"'{output}' has a map '{map_id}' already: choose another --name, or replace it with --overwrite.")
    return manifest


def is_taken(output: Path) -> bool:
    """Return whether something other than an empty folder is at `output`.

    Raises:
        NotADirectoryError: A part of the path above is a file.
    """
    try:
        return not (output.lstat() and output.is_dir() and next(output.iterdir(), None) is None)
    except FileNotFoundError:
        return False


@contextmanager
def appearing(output: Path) -> Iterator[Path]:
    """Give an empty sibling folder, and rename it to `output` (replacing what is there) when the body is done.

    Raises:
        InputFileError: The disk refuses.
    """
    with _workshop(output) as folder:
        yield folder
        _swap(folder, output)


@contextmanager
def appearing_file(output: Path) -> Iterator[Path]:
    """Give a path beside `output` to write a file to, and rename it to `output` when the body is done.

    Raises:
        InputFileError: The disk refuses.
    """
    with _workshop(output) as folder:
        yield folder / output.name
        (folder / output.name).replace(output)


@contextmanager
def _workshop(output: Path) -> Iterator[Path]:
    """Give an empty folder beside `output`, and remove what is left of it at the end."""
    with disk_errors(output), _parents(output.parent):
        _remove_leftovers(output)
        folder = output.parent / f".{output.name}.building-{os.getpid()}-{next(_counter)}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def disk_errors(output: Path) -> Iterator[None]:
    """Turn a refusal of the disk into one line about `output`."""
    try:
        yield
    except OSError as error:
        if isinstance(error, InputFileError) or error.errno not in _DISK_ERRORS:
            raise
        raise InputFileError(_why_refused(error, output)) from error


def _why_refused(error: OSError, output: Path) -> str:
    why = os.strerror(error.errno or errno.EIO)
    if isinstance(error.filename, str) and not _is_part_of(Path(error.filename), output):
        return f"'{error.filename}' cannot be read or written: {why}."
    return f"'{output}' cannot be written: {why}; free some space or choose another --output."


def _is_part_of(path: Path, output: Path) -> bool:
    """Return whether a path is the output, above it, in it, or in the sibling that it grows in."""
    if path in (output, *output.parents) or output in path.parents:
        return True
    return output.parent in path.parents and path.relative_to(output.parent).parts[0].startswith(f".{output.name}.")


@contextmanager
def _parents(folder: Path) -> Iterator[None]:
    """Make the folders above the output, and remove those again if nothing comes of it."""
    missing = list(itertools.takewhile(lambda parent: not parent.exists(), (folder, *folder.parents)))
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for parent in missing:
            _remove_if_empty(parent)
        raise


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return


def _swap(folder: Path, output: Path) -> None:
    """Rename `folder` to `output`; what stood there steps aside first, and comes back if the rename fails."""
    if not is_taken(output):
        folder.replace(output)
        return
    aside = output.parent / f".{output.name}.displaced-{os.getpid()}-{next(_counter)}"
    output.replace(aside)
    try:
        folder.replace(output)
    except BaseException:
        aside.replace(output)
        raise
    if aside.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.unlink()


def _remove_leftovers(output: Path) -> None:
    """Remove what runs that no longer live have left beside the output."""
    for path in _siblings(output, "building"):
        shutil.rmtree(path, ignore_errors=True)
    if output.exists():
        for path in _siblings(output, "displaced"):
            shutil.rmtree(path, ignore_errors=True)


def _restore_displaced(output: Path) -> None:
    """Put an atlas back that a run set aside and was killed before it could put the new one in its place."""
    if not output.exists():
        for path in _siblings(output, "displaced"):
            path.replace(output)
            return


def _siblings(output: Path, kind: str) -> list[Path]:
    """Return the leftovers of dead processes, oldest name first."""
    pattern = re.compile(rf"\.{re.escape(output.name)}\.{kind}-(\d+)-\d+")
    try:
        names = sorted(os.listdir(output.parent))
    except OSError:
        return []
    found = ((name, pattern.fullmatch(name)) for name in names)
    return [output.parent / name for name, match in found if match and not _lives(int(match[1]))]


def _lives(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _carry_over(atlas: Path, folder: Path, manifest: Manifest) -> None:
    """Give the new folder everything that the old one holds; links where the file system has them, for no bytes change."""
    for path in sorted(atlas.rglob("*")):
        relative = path.relative_to(atlas)
        if path.is_symlink() or not path.is_file() or relative.as_posix() == MANIFEST_NAME:
            continue
        (folder / relative).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, folder / relative)
        except OSError:
            shutil.copy2(path, folder / relative)
    if lost := [name for name in manifest["files"] if not (folder / name).is_file()]:
        raise InputError(f"the atlas at '{atlas}' is damaged: it lacks {lost[0]}; build it again in another folder.")


def _without_maps(manifest: Manifest, map_ids: Sequence[str], folder: Path) -> Manifest | None:
    """Return the manifest without some maps and without sets that no map shows any more, and remove their files.

    None where no map is left, for then nothing of the earlier atlas is.
    """
    maps = {name: _without_rows(entry, map_ids) for name, entry in manifest["maps"].items() if name not in map_ids}
    shown = {entry["set"] for entry in maps.values()}
    sets = {name: entry for name, entry in manifest["sets"].items() if name in shown}
    gone = [*(f"maps/{map_id}" for map_id in map_ids), *(f"items/{name}" for name in manifest["sets"] if name not in shown)]
    for room in gone:
        shutil.rmtree(folder / room, ignore_errors=True)
    stale = {path for map_id in map_ids for entry in manifest["maps"].values() for path in _rows_of(entry, map_id)}
    for path in stale:
        (folder / path).unlink(missing_ok=True)
    files = {
        path: entry
        for path, entry in manifest["files"].items()
        if path not in stale and not any(path.startswith(f"{room}/") for room in gone)
    }
    return {**manifest, "maps": maps, "sets": sets, "files": files} if maps else None


def _without_rows(entry: MapEntry, map_ids: Sequence[str]) -> MapEntry:
    """Return the entry of a map without the rows at which maps that go show its items."""
    if not any(map_id in entry.get("same_items", {}) for map_id in map_ids):
        return entry
    return {**entry, "same_items": {other: rows for other, rows in entry["same_items"].items() if other not in map_ids}}


def _rows_of(entry: MapEntry, map_id: str) -> Sequence[str]:
    rows = entry.get("same_items", {}).get(map_id)
    return () if rows is None else (rows["there"], rows["here"])
