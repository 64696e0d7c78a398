"""The story of a study: codes ► a map of all items ► latents to look at ► a map for each ► their words ► the dictionary ► atlas."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from vista.errors import AtlasFormatError, InputError
from vista.execution import Cache, Progress, default_cache_folder, silent
from vista.metrics.latent import ActivationScale, DifferenceTransform
from vista.sae.sampling import Sampling
from vista.sae.study.options import DictionaryBy, StudyOptions, StudyRun

if TYPE_CHECKING:
    from vista.atlas import StudyEntry
    from vista.atlas.reader import Atlas
    from vista.atlas.study_entries import SanityEntry
    from vista.sae.autoencoder import SparseAutoencoder
    from vista.sae.specs import SAEPlace
    from vista.sae.store import Store
    from vista.sae.study.choice import Chosen
    from vista.sae.study.latent_map import LatentMap

BASE_ITEMS = 20_000  # most items on the map of all items
BASE_REGIONS = 100  # most regions of it that the choice of latents looks at
_OPTIONS = tuple(field.name for field in fields(StudyOptions))


def latents(
    output: str | Path,
    *,
    data: object = None,
    sae: str | None = None,
    model: str | None = None,
    hook: str | None = None,
    store: str | Path | None = None,
    latents: str = "auto:24",
    text: str | None = None,
    id: str | None = None,
    pool: Literal["max", "mean", "last"] = "max",
    sample: int | None = None,
    max_items: int = 5_000,
    sampling: Sampling = "strata",
    weight: float = 0.25,
    scale: ActivationScale = "max",
    transform: DifferenceTransform = "linear",
    keep_latent: bool = True,
    dictionary: DictionaryBy = "coactivation",
    explanations: str | None = None,
    explainer: str | None = None,
    untrained: str | Path | None = None,
    renderer: Literal["collage", "none"] = "collage",
    pictures: str | None = None,
    title: str | None = None,
    device: str | None = None,
    seed: int = 0,
    overwrite: bool = False,
    cache_folder: Path | None = None,
    progress: Progress = silent,
) -> Atlas:
    """Study the latents of a sparse autoencoder on one's own data: a map for each latent, one of the dictionary, one of all items.

    Args:
        output: Folder of the atlas. An existing atlas gains the study; any other folder that holds something is refused.
        data: The texts: a Parquet, CSV, TSV or JSONL file; in Python also a table (pandas, polars, pyarrow).
        sae: The autoencoder: a folder, `smollm2`, `hf:OWNER/NAME/FOLDER`, `saelens:RELEASE/ID`, or a Neuronpedia id such as
            `gemma-2-2b/20-gemmascope-res-16k`; where it ends in a latent, that one is studied first.
        model: The model: a folder, a GGUF file, a hub id or `smollm2`; by default the one that the autoencoder names.
        hook: Where the model's states are read; by default where the autoencoder says.
        store: A store that `vista encode` made, in place of data to encode.
        latents: Which latents get a map: numbers, `auto:N` for those with several parts, `random:N`; several, with commas.
        text: Column of the texts; guessed where there is hardly a doubt.
        id: Column with unique ids; `row` numbers the rows. By default a column `id` or `item_id`, else row numbers.
        pool: How the codes of an item's tokens become its own: `max`, `mean` or `last`.
        sample: Encode a seeded random sample of this many items.
        max_items: Most items on a latent's map.
        sampling: Which of the items that a latent fires on are shown: `strata` of equal count, `bins` of equal width, or `top`.
        weight: How much the activation counts in a latent's map beside the cosine of the codes (λ); 0 is pure cosine.
        scale: How activations are scaled to 0 … 1: `max`, `rank` or `log`.
        transform: How differences of scaled activations count: `linear`, `sqrt` or `saturating`.
        keep_latent: Keep the latent itself in the codes that are compared; `--no-keep-latent` leaves it out.
        dictionary: What brings latents together on the map of the dictionary: `coactivation` on the data, or `decoder` directions.
        explanations: Where sentences on the latents come from: a file, or `neuronpedia`, which is asked over the network.
        explainer: A language model that writes a sentence on each latent: the address of one (OpenAI-compatible), a folder, or `smollm2`.
        untrained: A store of the same items that was made with an untrained model: the scores gain it as a baseline.
        renderer: Pictures of the maps; `none` shows points only.
        pictures: Pictures for texts: `noto`, `cards`, or a folder of captioned images, chosen by meaning.
        title: Title of the atlas.
        device: `cpu`, `cuda` or `mps`; the best available by default.
        seed: Seed of everything random.
        overwrite: Replace an earlier study in an existing atlas.
        cache_folder: Where finished stages and codes are kept; `$VISTA_CACHE` or the user's cache folder by default.
        progress: Told how far the work is.

    Returns:
        The finished atlas, opened.

    Raises:
        VistaError: If the data, a name or an option cannot be used; the message is one line. Nothing is left in `output` then.
    """
    given = locals()
    from vista.sae.scores import check_untrained
    from vista.sae.specs import read, resolve
    from vista.sae.store import open_store
    from vista.sae.study.choice import check_latents

    place = None if sae is None else resolve(sae)
    if place is not None and place.latent is not None:
        given["latents"] = f"{place.latent},{latents}"
    given["untrained"] = None if untrained is None else Path(untrained)
    options = StudyOptions(**{option: given[option] for option in _OPTIONS})
    if (store is None) == (data is None):
        raise InputError("give either --data with --sae to encode texts, or --store with codes that `vista encode` made")
    if store is None and place is None:
        raise InputError("name the autoencoder with --sae, such as smollm2 or gemma-2-2b/20-gemmascope-res-16k")
    _standing_maps(output, options.latents, overwrite)  # refuses before any work
    cache = Cache(cache_folder or default_cache_folder())
    rival = None if untrained is None else open_store(untrained)
    autoencoder = None if place is None else read(place)
    if autoencoder is not None:
        check_latents(options.latents, autoencoder.d_sae)
    codes = _codes(given, place, autoencoder, cache, progress)
    if rival is not None:
        check_untrained(codes, rival)
    run = StudyRun(command="latents", options=options, cache=cache, progress=progress, source=codes.content_sha256, untrained=rival)
    return study(output, codes, autoencoder, run, overwrite=overwrite)


def options_of_latents(**changed: Any) -> StudyOptions:
    """Return the options of `latents` at their defaults, but for those that are given."""
    defaults = {name: parameter.default for name, parameter in inspect.signature(latents).parameters.items() if name in _OPTIONS}
    return StudyOptions(**(defaults | changed))


def study(
    output: str | Path,
    store: Store,
    autoencoder: SparseAutoencoder | None,
    run: StudyRun,
    *,
    overwrite: bool = False,
) -> Atlas:
    """Tell the story of a study from its codes on, and return the atlas.

    Args:
        output: Folder of the atlas.
        store: The codes.
        autoencoder: Their autoencoder, where it is at hand: the dictionary by decoder directions needs it.
        run: The run.
        overwrite: Replace the maps of an earlier study in the atlas.
    """
    from vista.atlas import building, check_output
    from vista.atlas.reader import open as open_atlas
    from vista.sae.encoding import told_of_store
    from vista.sae.study import dictionary as dictionary_room
    from vista.sae.study.choice import choose_latents
    from vista.sae.study.dictionary import map_dictionary
    from vista.sae.study.illustration import illustrate_texts, meanings_of
    from vista.sae.study.labels import label_and_score
    from vista.sae.study.plane import finest_regions, plane_of
    from vista.sae.study.writing import ITEMS_MAP, Study, write_study

    options, standing = run.options, _standing_maps(output, run.options.latents, overwrite)
    _refuse_impossible(options, store, autoencoder)
    run.note(*told_of_store(store))
    base_rows = _base_rows(len(store), options.seed)
    codes = store.codes(base_rows)
    texts = store.read_items(base_rows).texts
    base = plane_of(codes, f"codes of {store.meta.sae}", "cosine", texts, run)
    regions = finest_regions(base, BASE_REGIONS)
    chosen = choose_latents(options.latents, store, base_rows, codes, regions, seed=options.seed, say=run.note)
    check_output(output, *(f"latent-{one.latent}" for one in chosen), overwrite=overwrite)
    maps = _map_latents(store, chosen, run)
    rows = _rows_shown(store, base_rows, maps)
    items = store.read_items(rows)
    meanings = meanings_of(items.texts or [], run)
    words = label_and_score(store, autoencoder, maps, rows, meanings, run)
    directions = None if options.dictionary == "coactivation" or autoencoder is None else autoencoder.W_dec.float().cpu().numpy()
    mapped = map_dictionary(codes, directions, words.labels(store.d_sae), run)
    illustration = illustrate_texts(items, meanings, run)
    entry = _study_entry(store, autoencoder)
    ids = dict.fromkeys((dictionary_room.MAP_ID, *(made.map_id for made in maps), ITEMS_MAP, *standing))
    with building(output, *ids, overwrite=overwrite) as place:
        write_study(place, Study(store, rows, base_rows, base, tuple(maps), mapped, words, illustration, entry), run)
    return open_atlas(output)


def _refuse_impossible(options: StudyOptions, store: Store, autoencoder: SparseAutoencoder | None) -> None:
    """Refuse options that this store and this autoencoder cannot fulfil."""
    from vista.sae.study.choice import check_latents, refuse_silent

    check_latents(options.latents, store.d_sae)
    refuse_silent(options.latents, store)
    if options.dictionary == "decoder" and autoencoder is None:
        raise InputError("the dictionary by decoder directions needs the autoencoder: name it with --sae")


def _map_latents(store: Store, chosen: Sequence[Chosen], run: StudyRun) -> list[LatentMap]:
    from vista.sae.study.latent_map import map_latent

    maps = []
    with run.progress.stage("mapping latents", len(chosen)) as advance:
        for one in chosen:
            maps.append(map_latent(store, one, run))
            advance(1)
    return maps


def _codes(given: dict[str, Any], place: SAEPlace | None, autoencoder: SparseAutoencoder | None, cache: Cache, progress: Progress) -> Store:
    """Open the store, or encode the data into one that is kept in the cache."""
    from vista.sae.encoding import texts_of
    from vista.sae.study_codes import given_codes, kept_codes

    named = {name: given[name] for name in ("model", "hook")}
    reading = {name: given[name] for name in ("text", "id", "sample")}
    if place is None or autoencoder is None or given["store"] is not None:
        return given_codes(given["store"], autoencoder, **named, pool=given["pool"], reading=reading)
    items = texts_of(given["data"], **reading, seed=given["seed"], progress=progress)
    for sentence in (*items.notes, *autoencoder.notes):
        progress.say(sentence)
    return kept_codes(items, place, autoencoder, **named, pool=given["pool"], device=given["device"], cache=cache, progress=progress)


def _standing_maps(output: str | Path, latents: str, overwrite: bool) -> tuple[str, ...]:
    """Return the maps of an earlier study in the atlas, and refuse before any work an output that cannot be built."""
    from vista.atlas import check_output, read_manifest
    from vista.sae.study.dictionary import MAP_ID
    from vista.sae.study.writing import ITEMS_MAP

    named = (f"latent-{part.strip()}" for part in latents.split(",") if part.strip().isdecimal())
    check_output(output, MAP_ID, ITEMS_MAP, *named, overwrite=overwrite)
    try:
        manifest = read_manifest(output)
    except AtlasFormatError:
        return ()
    if ITEMS_MAP in manifest["maps"] and "study" not in manifest:
        raise InputError(f"the atlas at '{output}' has a map '{ITEMS_MAP}' of its own, a name that a study needs: choose another --output")
    return tuple(map_id for map_id, entry in manifest["maps"].items() if "kind" in entry)


def _base_rows(n: int, seed: int) -> NDArray[np.int64]:
    if n <= BASE_ITEMS:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, BASE_ITEMS, replace=False))


def _rows_shown(store: Store, base_rows: NDArray[np.int64], maps: list[Any]) -> NDArray[np.int64]:
    """Return the rows that some map shows, and those of the strongest items of each latent."""
    from vista.sae.study.writing import TOP_ITEMS

    parts = [base_rows]
    for made in maps:
        found = store.latent(made.chosen.latent)
        parts += [made.body.rows, found.rows[np.lexsort((found.rows, -found.values))[:TOP_ITEMS]]]
    return np.unique(np.concatenate(parts))


def _study_entry(store: Store, autoencoder: SparseAutoencoder | None) -> StudyEntry:
    meta = store.meta
    return {
        "model": meta.model,
        "sae": meta.sae,
        "hook_name": meta.hook_name,
        "d_sae": meta.d_sae,
        "pooling": meta.pooling,
        "n_items": len(store),
        "store_sha256": store.content_sha256,
        "model_sha256": meta.model_sha256,
        "sae_sha256": meta.sae_sha256,
        "neuronpedia_id": None if autoencoder is None else autoencoder.neuronpedia_id,
        "sanity": _sanity_entry(store),
    }


def _sanity_entry(store: Store) -> SanityEntry | None:
    found = store.meta.sanity
    if found is None:
        return None
    return {
        "fvu": found["fvu"],
        "l0": found["l0"],
        "expected_l0": found["expected_l0"],
        "dead_share": float((store.statistics.n_active == 0).mean()),
        "n_tokens": found["n_tokens"],
    }
