"""Rendering: from items on the plane to the pictures of the map."""

from vista.rendering.cards import is_drawable
from vista.rendering.cells import RULE, RULE_TEXT, LevelCells, choose_representatives
from vista.rendering.collage import CollageSummary, render_collage, render_preview
from vista.rendering.library import DEFAULT_LIBRARY, PictureLibrary, demonstration_table, load_library, match_pictures
from vista.rendering.pictures import PictureSource, hues_around
from vista.rendering.thumbnails import THUMBNAIL_PX, encode_thumbnail, encode_thumbnails

__all__ = [
    "DEFAULT_LIBRARY",
    "RULE",
    "RULE_TEXT",
    "THUMBNAIL_PX",
    "CollageSummary",
    "LevelCells",
    "PictureLibrary",
    "PictureSource",
    "choose_representatives",
    "demonstration_table",
    "encode_thumbnail",
    "encode_thumbnails",
    "hues_around",
    "is_drawable",
    "load_library",
    "match_pictures",
    "render_collage",
    "render_preview",
]
