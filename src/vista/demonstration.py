"""The demonstrations: Noto's emoji by what their names mean, and the latents of a small autoencoder on WordNet's texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vista.errors import AtlasFormatError, InputError
from vista.execution import Cache, Progress, default_cache_folder, silent
from vista.pipeline.mapping import build, options_of_map
from vista.pipeline.run import Run

if TYPE_CHECKING:
    from vista.atlas.reader import Atlas
    from vista.sae.store import Store

COMMAND = "demo"
MAP = "main"
SAE = "smollm2"
SHIPPED = Path(__file__).parent / "sae" / "demo"
LATENTS = "auto:12,random:6"


def demo(
    output: str | Path | None = None,
    *,
    latents: bool = False,
    fresh: bool = False,
    seed: int = 0,
    cache_folder: Path | None = None,
    progress: Progress = silent,
) -> Atlas:
    """Build a demonstration atlas, with no network: emoji by the meaning of their names, or with `--latents` a study of latents.

    The emoji's vectors are those of all-MiniLM-L6-v2, shipped with the pictures. The latents are those of an autoencoder of
    SmolLM2-135M, on 4 000 definitions and usage examples of WordNet; their codes are shipped too.

    Args:
        output: Folder of the atlas; `vista-demo` or `vista-demo-latents` here by default. An earlier demonstration there is replaced.
        latents: Study latents.
        fresh: Run the models instead of reading what is shipped; what they make is kept in the cache.
        seed: Seed of everything random.
        cache_folder: Where finished stages are kept.
        progress: Told how far the work is.

    Returns:
        The finished atlas, opened.

    Raises:
        VistaError: If `output` holds something else, or `fresh` finds no model.
    """
    cache = Cache(cache_folder or default_cache_folder())
    if latents:
        return _demo_latents(Path(output or "vista-demo-latents"), fresh, seed, cache, progress)
    return _demo_pictures(Path(output or "vista-demo"), fresh, seed, cache, progress)


def _demo_pictures(output: Path, fresh: bool, seed: int, cache: Cache, progress: Progress) -> Atlas:
    from vista.rendering import demonstration_table

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
    run = Run(command=COMMAND, options=options, cache=cache, progress=progress)
    return build(demonstration_table(), output, run, name=MAP, overwrite=_holds_a_demonstration(output))


def _demo_latents(output: Path, fresh: bool, seed: int, cache: Cache, progress: Progress) -> Atlas:
    from vista.sae.encoding import encode
    from vista.sae.latents import options_of_latents, study
    from vista.sae.specs import read, resolve
    from vista.sae.study.options import StudyRun

    overwrite = _holds_a_demonstration(output)
    options = options_of_latents(title="Latents of SmolLM2 on WordNet's texts", latents=LATENTS, seed=seed)
    autoencoder = read(resolve(SAE))
    stores = (cache.folder or default_cache_folder()) / "stores"
    texts = SHIPPED / "texts.parquet"
    if fresh:
        store = encode(texts, stores / f"demo-fresh-{autoencoder.fingerprint[:16]}", sae=SAE, text="text", progress=progress)
    else:
        store = _shipped_store(texts, stores, progress)
    run = StudyRun(command=COMMAND, options=options, cache=cache, progress=progress, source=store.content_sha256)
    return study(output, store, autoencoder, run, overwrite=overwrite)


def _shipped_store(texts: Path, stores: Path, progress: Progress) -> Store:
    """Write the shipped codes into a store in the cache, once."""
    from vista.atlas.files import file_entry
    from vista.sae.packed_codes import unpack_codes
    from vista.sae.store import write_store
    from vista.sources import read_source

    packed = SHIPPED / "codes.xz"
    codes = unpack_codes(packed)
    items = read_source(texts, text="text").items
    return write_store(stores / f"demo-{file_entry(packed)['sha256'][:16]}", codes, codes.meta, items, progress=progress)


def _holds_a_demonstration(folder: Path) -> bool:
    """Return whether nothing but an earlier demonstration is at `folder`, which may then be replaced."""
    from vista.atlas import read_manifest

    try:
        manifest = read_manifest(folder)
    except AtlasFormatError:
        return False
    is_own = all(map_id == MAP or "kind" in entry or map_id == "items" for map_id, entry in manifest["maps"].items())
    if is_own and not manifest["history"] and manifest["provenance"]["command"] == COMMAND:
        return True
    raise InputError(f"'{folder}' holds an atlas of your own: choose another --output for the demonstration")
