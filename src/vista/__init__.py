"""VISTA: maps of what a model's representation holds.

`vista.map(...)` builds an atlas, `vista.open(path)` reads one, `vista.serve(path)` shows it, `vista.export(...)` shares it. Names load on
first use, so that `import vista` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from vista.artifacts import Direction, Fidelity, Items, Label, Labels, Layout, NeighborGraph, RegionName, Regions, Representation, Trust
    from vista.atlas.exporting import export
    from vista.atlas.reader import Atlas, AtlasMap, open
    from vista.atlas.summary import fidelity, info
    from vista.errors import AtlasFormatError, InputError, InputFileError, MissingExtraError, UnknownMapError, VistaError
    from vista.pipeline import map
    from vista.sae.encoding import encode
    from vista.sae.latents import latents
    from vista.server.serving import serve
    from vista.widget import show

__all__ = [
    "Atlas",
    "AtlasFormatError",
    "AtlasMap",
    "Direction",
    "Fidelity",
    "InputError",
    "InputFileError",
    "Items",
    "Label",
    "Labels",
    "Layout",
    "MissingExtraError",
    "NeighborGraph",
    "RegionName",
    "Regions",
    "Representation",
    "Trust",
    "UnknownMapError",
    "VistaError",
    "encode",
    "export",
    "fidelity",
    "info",
    "latents",
    "map",
    "open",
    "serve",
    "show",
]

# fmt: off
_HOMES = {
    "vista.pipeline": ("map",),
    "vista.sae.encoding": ("encode",),
    "vista.sae.latents": ("latents",),
    "vista.server.serving": ("serve",),
    "vista.widget": ("show",),
    "vista.atlas.exporting": ("export",),
    "vista.atlas.summary": ("fidelity", "info"),
    "vista.atlas.reader": ("Atlas", "AtlasMap", "open"),
    "vista.errors": ("AtlasFormatError", "InputError", "InputFileError", "MissingExtraError", "UnknownMapError", "VistaError"),
    "vista.artifacts": (
        "Direction", "Fidelity", "Items", "Label", "Labels", "Layout", "NeighborGraph", "RegionName", "Regions", "Representation", "Trust",
    ),
}
# fmt: on
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'vista' has no attribute '{name}'")
    value: object = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(["__version__", *__all__])
