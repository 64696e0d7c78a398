"""The codes that a study starts from: a store that is given, or texts encoded into a store that the cache keeps.

The kept store is found by all that decides its bytes: the items, the autoencoder, the model's files, the options and the code.
A study of the same is therefore never encoded twice, and one that was stopped continues where it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vista.errors import InputError, InputFileError
from vista.execution import Cache, Progress, content_key, default_cache_folder, source_version

if TYPE_CHECKING:
    from vista.artifacts import Items
    from vista.sae.autoencoder import SparseAutoencoder
    from vista.sae.specs import SAEPlace
    from vista.sae.store import Pooling, Store

_ROOMS = Path(__file__).parents[1]
_CODE = tuple(
    _ROOMS / part for part in ("representations", "kernels", "sae/autoencoder.py", "sae/encoding.py", "sae/reading.py", "sae/store")
)


def given_codes(
    folder: str | Path,
    autoencoder: SparseAutoencoder | None,
    *,
    model: str | None = None,
    hook: str | None = None,
    pool: Pooling = "max",
    reading: dict[str, object],
) -> Store:
    """Open a store, and refuse names that contradict what it says of itself.

    Args:
        folder: The store.
        autoencoder: The one that was named, or None.
        model: The model that was named, or None.
        hook: The hook that was named, or None.
        pool: The pooling; its default contradicts nothing.
        reading: Options that say how data is read, by name; None where they were not given.

    Raises:
        InputFileError: If there is no whole store, or the model cannot be found.
        InputError: If the store was made with another autoencoder, model or hook, or an option makes no sense with a store.
    """
    from vista.representations import hooked_space, model_name, parse_hook_point
    from vista.sae.store import open_store

    if asked := [f"--{name}" for name, value in reading.items() if value is not None]:
        raise InputError(f"{' and '.join(asked)} would say how data is read, and a store holds its items already; leave it out")
    store = open_store(folder)
    meta = store.meta
    if autoencoder is not None and autoencoder.fingerprint != meta.sae_sha256:
        raise InputError(_made_with_another("autoencoder", meta.sae_sha256, meta.sae, "--sae", autoencoder.fingerprint))
    if model is not None:
        space = hooked_space(model, dtype=meta.options.get("dtype", "float32"))
        if space != meta.model_sha256:
            raise InputError(_made_with_another("model", meta.model_sha256, meta.model, f"--model {model_name(model)}", space))
    if hook is not None and str(parse_hook_point(hook)) != str(parse_hook_point(meta.hook_name)):
        raise InputError(f"the store was made at the hook '{meta.hook_name}', and --hook is '{hook}'; leave --hook out")
    if pool not in ("max", meta.pooling):
        raise InputError(f"the store's items are pooled by '{meta.pooling}', and --pool is '{pool}'; leave --pool out")
    return store


def kept_codes(
    items: Items,
    place: SAEPlace,
    autoencoder: SparseAutoencoder,
    *,
    model: str | None = None,
    hook: str | None = None,
    pool: Pooling = "max",
    device: str | None = None,
    cache: Cache,
    progress: Progress,
) -> Store:
    """Open the store of these items' codes in the cache; what it lacks is encoded first.

    Args:
        items: The texts.
        place: Where the autoencoder was found.
        autoencoder: The autoencoder.
        model, hook, pool, device: As in `vista.encode`.
        cache: Where the store is kept.
        progress: Told how far the work is.

    Raises:
        VistaError: As `vista.encode`.
    """
    from vista.representations import hooked_space, model_name
    from vista.sae.encoding import TextCodes
    from vista.sae.reading import model_of, reading_of
    from vista.sae.store import open_store, write_store
    from vista.sae.store.items_file import items_sha256

    named = model_of(autoencoder, model)
    data = (items_sha256(items), items.text_column, items.color_columns, [(file.name, file.sha256) for file in items.inputs])
    origin = (place.name, autoencoder.fingerprint, model_name(named), hooked_space(named), hook or autoencoder.hook_name)
    key = content_key(source_version(*_CODE), data, origin, pool, device)
    folder = (cache.folder or default_cache_folder()) / "stores" / key[:32]
    try:
        return open_store(folder)
    except InputFileError:
        producer = TextCodes(reading_of(autoencoder, model=named, hook=hook, device=device), items.texts or [])
        meta = producer.meta(place.name, pool)
        return write_store(folder, producer, meta, items, trial=lambda: producer.tried(progress), progress=progress)


def _made_with_another(what: str, made: str, name: str, option: str, given: str) -> str:
    return (
        f"the store was made with another {what}: {made[:12]} ({name}), and {option} is {given[:12]}; "
        f"leave {option.split()[0]} out, or name the one that made the store"
    )
