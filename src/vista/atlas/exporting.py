"""An atlas for others: a folder for any static host, or one table for other tools."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal, cast, get_args

from vista.atlas import reader
from vista.atlas.blocks import Blocks, gzipped, inflated, write_blocks
from vista.atlas.construction import appearing, appearing_file, disk_errors, is_taken
from vista.atlas.files import file_entry
from vista.atlas.json_text import json_bytes
from vista.atlas.manifest import MANIFEST_NAME, CategoryColor, Manifest, MapEntry, NumberColor, SetEntry
from vista.atlas.poster import DEFAULT_PX, Theme, write_poster
from vista.atlas.provenance import scrubbed
from vista.atlas.publishing import without_columns
from vista.atlas.reader import Atlas
from vista.atlas.schema import checked
from vista.atlas.study_files import ACTIVATION
from vista.atlas.tables import write_table
from vista.atlas.viewer import VIEWER_PAGE, viewer_files
from vista.errors import AtlasFormatError, InputError, nearest_name_hint
from vista.execution import Progress, silent

ExportForm = Literal["site", "png", "parquet"]


def export(
    atlas: Atlas | str | Path,
    output: str | Path,
    *,
    to: ExportForm = "site",
    columns: Sequence[str] | None = None,
    name: str | None = None,
    size: int | None = None,
    theme: Theme | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Path:
    """Write an atlas for others and return where it is.

    Args:
        atlas: What to export: its folder, or an open atlas.
        output: A folder for `site`, a file for `png` and `parquet`.
        to: `site` is the viewer beside the atlas, for any host that answers Range requests; all its URLs are relative.
            `png` is a poster of one map. `parquet` is `AtlasMap.items()` of one map.
        columns: Which of the user's columns to publish; all by default. Ids, texts, pictures and names of regions are
            what a map shows, and always go along; so is the column that a map is conditioned on, which has to be among them.
        name: The map to write as `png` or `parquet`; the first by default.
        size: Width of the `png` in pixels; 4 096 by default.
        theme: Colors of the `png`: `light`, the default, or `dark`.
        overwrite: Replace an earlier export.
        progress: Told how far the work is.

    Raises:
        InputError: The form, a column or the map is unknown, a map is conditioned on a column that is to stay at home, or the
            output is taken.
        InputFileError: The viewer is not built, or the disk refuses.
        AtlasFormatError: A file of the atlas is missing or damaged.
    """
    if to not in get_args(ExportForm):
        raise InputError(f"an atlas cannot be exported to '{to}'.{nearest_name_hint(to, get_args(ExportForm))}")
    _refuse_foreign(to, {"columns": columns, "size": size, "theme": theme, "name": name})
    atlas = reader.open(atlas)
    columns = (columns,) if isinstance(columns, str) else columns
    _check_columns(atlas.manifest, columns)
    output = Path(os.path.realpath(output))
    if to == "site":
        _export_site(atlas, output, columns, overwrite, progress)
    elif to == "png":
        map_id = _map_to_export(atlas, name)
        _check_file_output(output, "picture", "png", overwrite)
        with appearing_file(output) as path:
            write_poster(atlas, map_id, path, size_px=size or DEFAULT_PX, theme=theme or "light", progress=progress)
        return output
    else:
        _export_parquet(atlas, output, columns, _map_to_export(atlas, name), overwrite)
    progress.say(f"published columns: {', '.join(published_columns(atlas.manifest) if columns is None else columns) or 'none'}")
    return output


def published_columns(manifest: Manifest) -> list[str]:
    """Return the names of the user's columns that an atlas or a site holds."""
    return list(dict.fromkeys(column["name"] for entry in manifest["sets"].values() for column in entry["columns"]))


def _check_columns(manifest: Manifest, columns: Sequence[str] | None) -> None:
    known = published_columns(manifest)
    for name in columns or ():
        if name not in known:
            raise InputError(f"the atlas has no column '{name}' to publish.{nearest_name_hint(name, known)}")


_OPTIONS_OF = {"site": ("columns",), "png": ("size", "theme", "name"), "parquet": ("columns", "name")}


def _refuse_foreign(to: ExportForm, options: dict[str, object]) -> None:
    for name, value in options.items():
        if value is not None and name not in _OPTIONS_OF[to]:
            raise InputError(f"--{name} is no option of an export to '{to}': leave it out.")


def _map_to_export(atlas: Atlas, map_id: str | None) -> str:
    map_id = next(iter(atlas.maps)) if map_id is None else map_id
    if map_id not in atlas.maps:
        raise InputError(f"the atlas has no map '{map_id}'.{nearest_name_hint(map_id, atlas.maps)}")
    return map_id


def _check_file_output(output: Path, kind: str, suffix: str, overwrite: bool) -> None:
    if output.is_dir():
        raise InputError(f"'{output}' is a folder: name a file for the {kind}, such as {output.name}.{suffix}.")
    if output.exists() and not overwrite:
        raise InputError(f"'{output}' exists already: choose another --output, or replace it with --overwrite.")


def _export_parquet(atlas: Atlas, output: Path, columns: Sequence[str] | None, map_id: str, overwrite: bool) -> None:
    _check_file_output(output, "table", "parquet", overwrite)
    table = atlas.maps[map_id].items()
    if columns is not None:
        users = {column["name"] for column in atlas.manifest["sets"][atlas.maps[map_id].entry["set"]]["columns"]}
        of_hidden = {ACTIVATION} if _conditioning_column(atlas.maps[map_id].entry) not in (None, *columns) else set()
        table = table.drop_columns(sorted((users - set(columns)) | of_hidden))
    with appearing_file(output) as path:
        write_table(table, path)


def _export_site(atlas: Atlas, output: Path, columns: Sequence[str] | None, overwrite: bool, progress: Progress) -> None:
    if columns is not None:
        _refuse_hidden_activation(atlas.manifest, columns)
    viewer = viewer_files()
    _check_site_output(atlas, output, overwrite)
    with appearing(output) as site:
        _copy_atlas(atlas, site, progress)
        manifest = scrubbed(_known(atlas.manifest))
        if columns is not None:
            manifest = without_columns(_with_columns(manifest, site, frozenset(columns)), frozenset(columns))
        for name, path in viewer.items():
            _copy(path, site / name)
        (site / MANIFEST_NAME).write_bytes(json_bytes(checked(manifest), indent=1) + b"\n")


def _refuse_hidden_activation(manifest: Manifest, columns: Sequence[str]) -> None:
    for map_id, entry in manifest["maps"].items():
        if (column := _conditioning_column(entry)) not in (None, *columns):
            raise InputError(
                f"the map '{map_id}' is conditioned on the column '{column}', and shows it: publish that too, "
                f"with --columns {','.join((*columns, str(column)))}, or export an atlas without this map."
            )


def _conditioning_column(entry: MapEntry) -> str | None:
    """Return the user's column that a map is conditioned on, or None."""
    return entry["activation"]["column"] if "activation" in entry else None


def _check_site_output(atlas: Atlas, output: Path, overwrite: bool) -> None:
    source = Path(os.path.realpath(atlas.path))
    if output == source or source in output.parents or output in source.parents:
        raise InputError(f"'{output}' overlaps the atlas at '{source}': choose another --output.")
    with disk_errors(output):
        taken = is_taken(output)
    if not taken:
        return
    if not ((output / MANIFEST_NAME).is_file() and (output / VIEWER_PAGE).is_file()):
        raise InputError(f"'{output}' exists and is not an exported site: choose a new or an empty folder.")
    if not overwrite:
        raise InputError(f"'{output}' holds an exported site already: choose another --output, or replace it with --overwrite.")


def _copy_atlas(atlas: Atlas, site: Path, progress: Progress) -> None:
    """Copy the files that the manifest names, and nothing else."""
    with progress.stage("copying the atlas", len(atlas.manifest["files"])) as advance:
        for name, entry in atlas.manifest["files"].items():
            path = atlas.path / name
            if not path.is_file() or path.stat().st_size != entry["n_bytes"]:
                raise AtlasFormatError(f"the atlas at '{atlas.path}' is damaged: {name} is missing or cut short; build it again.")
            _copy(path, site / name)
            advance(1)


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def _known(manifest: Manifest) -> Manifest:
    """Return the manifest without keys that this version does not know, for it cannot tell what they would publish."""
    return cast(Manifest, {key: value for key, value in manifest.items() if key in Manifest.__annotations__})


def _with_columns(manifest: Manifest, site: Path, columns: Collection[str]) -> Manifest:
    """Rewrite the tables, cards and colors of a site so that they hold only some of the user's columns."""
    sets = {name: _set_with_columns(entry, site, columns) for name, entry in manifest["sets"].items()}
    maps = {name: _map_with_columns(entry, columns) for name, entry in manifest["maps"].items()}
    hidden = [color for entry in manifest["maps"].values() for color in entry["colors"] if not _is_shown(color, columns)]
    dropped = {path for color in hidden for path in _files_of(color)}
    for path in dropped:
        (site / path).unlink()
    rewritten = {path for entry in sets.values() for path in (entry["items"], entry["cards"]["data"], entry["cards"]["index"])}
    kept = {path: entry for path, entry in manifest["files"].items() if path not in dropped}
    files = kept | {path: file_entry(site / path) for path in sorted(rewritten)}
    return {**manifest, "sets": sets, "maps": maps, "files": files}


def _map_with_columns(entry: MapEntry, columns: Collection[str]) -> MapEntry:
    return {**entry, "colors": [color for color in entry["colors"] if _is_shown(color, columns)]}


def _files_of(color: CategoryColor | NumberColor) -> list[str]:
    return [color["path"], color["shades"]] if color["kind"] == "number" and "shades" in color else [color["path"]]


def _is_shown(color: CategoryColor | NumberColor, columns: Collection[str]) -> bool:
    """Return whether a site may color by a column: one that is published, or what a latent's map is of."""
    return color["name"] in columns or color["path"].endswith(f"/{ACTIVATION}.bin")


def _set_with_columns(entry: SetEntry, site: Path, columns: Collection[str]) -> SetEntry:
    import pyarrow.parquet as pq

    hidden = [column["name"] for column in entry["columns"] if column["name"] not in columns]
    table = pq.read_table(site / entry["items"], partitioning=None)
    write_table(table.drop_columns(hidden), site / entry["items"])
    data, index = site / entry["cards"]["data"], site / entry["cards"]["index"]
    whole = data.with_suffix(".whole")
    data.rename(whole)
    write_blocks(data, index, _narrowed_cards(Blocks(whole, index), frozenset(hidden)))
    whole.unlink()
    return {**entry, "columns": [column for column in entry["columns"] if column["name"] in columns]}


def _narrowed_cards(blocks: Blocks, hidden: Collection[str]) -> Iterator[bytes]:
    for block in (blocks[i] for i in range(len(blocks))):
        cards = json.loads(inflated(block))
        for card in cards:
            card["columns"] = {name: value for name, value in card["columns"].items() if name not in hidden}
        yield gzipped(json_bytes(cards))
