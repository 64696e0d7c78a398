"""`vista.show`: an atlas as a widget, for people who have the packages of a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from vista.atlas import reader
from vista.atlas.reader import Atlas
from vista.errors import InputError, MissingExtraError, nearest_name_hint

if TYPE_CHECKING:
    from vista.widget.notebook import AtlasWidget

NotebookTheme = Literal["auto", "light", "dark"]

DEFAULT_HEIGHT_PX = 640
LEAST_HEIGHT_PX, MOST_HEIGHT_PX = 120, 8_000


def show(
    atlas: Atlas | str | Path,
    *,
    map: str | None = None,
    selection: Sequence[int] = (),
    height: int = DEFAULT_HEIGHT_PX,
    theme: NotebookTheme = "auto",
) -> AtlasWidget:
    """Return an atlas as a widget, which a notebook that runs anywidgets displays; tried in JupyterLab.

    Args:
        atlas: The atlas: its folder, or an open one.
        map: The map to begin with; by default the first, or of a study the gallery of all.
        selection: Items that are selected at first, by their rows in the set.
        height: Height of the widget in pixels; it is as wide as its cell.
        theme: `light`, `dark`, or the notebook's own.

    Raises:
        InputError: An option is not one that is known, or an item is none of the map's set.
        UnknownMapError: The atlas has no such map.
        AtlasFormatError: There is no atlas that this version can read.
        InputFileError: The viewer is not built.
        MissingExtraError: anywidget is not installed.
    """
    atlas = reader.open(atlas)
    if theme not in get_args(NotebookTheme):
        raise InputError(f"there is no theme '{theme}'.{nearest_name_hint(theme, get_args(NotebookTheme))}")
    if not LEAST_HEIGHT_PX <= height <= MOST_HEIGHT_PX:
        raise InputError(f"a height of {height} pixels cannot be shown: use {LEAST_HEIGHT_PX} to {MOST_HEIGHT_PX}.")
    entry = (atlas.maps[map] if map is not None else next(iter(atlas.maps.values()))).entry
    n_items = atlas.manifest["sets"][entry["set"]]["n_items"]
    for item in selection:
        if not 0 <= item < n_items:
            raise InputError(f"no item {item} in the set '{entry['set']}' to select: its items are 0 to {n_items - 1}.")
    try:
        from vista.widget.notebook import AtlasWidget
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("anywidget", "ipywidgets", "traitlets"):
            raise
        raise MissingExtraError("notebook needs anywidget: pip install 'vista-atlas[notebook]'") from None
    return AtlasWidget(atlas, map_id=map or "", selection=[int(item) for item in selection], height=int(height), theme=theme)
