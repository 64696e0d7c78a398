"""The demonstration: Noto's emoji, mapped by what their names and keywords mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vista.errors import AtlasFormatError, InputError
from vista.execution import Cache, Progress, default_cache_folder, silent
from vista.pipeline.mapping import build, options_of_map
from vista.pipeline.run import Run

if TYPE_CHECKING:
    from vista.atlas.reader import Atlas

COMMAND = "demo"
MAP = "main"


def demo(
    output: str | Path | None = None,
    *,
    fresh: bool = False,
    seed: int = 0,
    cache_folder: Path | None = None,
    progress: Progress = silent,
) -> Atlas:
    """Build the demonstration atlas: Noto's emoji by the meaning of their names and keywords, with no network.

    The vectors are those of all-MiniLM-L6-v2, shipped with the pictures.

    Args:
        output: Folder of the atlas; `vista-demo` here by default. An earlier demonstration there is replaced.
        fresh: Run the text encoder anew instead of reading the shipped vectors.
        seed: Seed of everything random.
        cache_folder: Where finished stages are kept.
        progress: Told how far the work is.

    Returns:
        The finished atlas, opened.

    Raises:
        VistaError: If `output` holds something else, or `fresh` finds no encoder.
    """
    from vista.rendering import demonstration_table

    output = Path(output or "vista-demo")
    options = options_of_map(
        title="Noto emoji by the meaning of their names",
        text="text",
        image="image",
        id="item_id",
        color=("group", "subgroup"),
        vectors=None if fresh else "vector",
        encoder="text" if fresh else None,
        seed=seed,
    )
    run = Run(command=COMMAND, options=options, cache=Cache(cache_folder or default_cache_folder()), progress=progress)
    return build(demonstration_table(), output, run, name=MAP, overwrite=_holds_a_demonstration(output))


def _holds_a_demonstration(folder: Path) -> bool:
    """Return whether nothing but an earlier demonstration is at `folder`, which may then be replaced."""
    from vista.atlas import read_manifest

    try:
        manifest = read_manifest(folder)
    except AtlasFormatError:
        return False
    if list(manifest["maps"]) == [MAP] and manifest["provenance"]["command"] == COMMAND:
        return True
    raise InputError(f"'{folder}' holds an atlas of your own: choose another --output for the demonstration")
