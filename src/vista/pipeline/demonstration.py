"""The demonstration: Noto's emoji, mapped by what their names and keywords mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vista.execution import Progress, silent
from vista.pipeline.mapping import map as build_map

if TYPE_CHECKING:
    from vista.atlas.reader import Atlas


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

    return build_map(
        demonstration_table(),
        output or "vista-demo",
        title="Noto emoji by the meaning of their names",
        text="text",
        image="image",
        id="item_id",
        color=("group", "subgroup"),
        vectors=None if fresh else "vector",
        encoder="text" if fresh else None,
        seed=seed,
        overwrite=True,
        cache_folder=cache_folder,
        progress=progress,
    )
