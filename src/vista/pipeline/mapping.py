"""The story of VISTA: items ► representation ► neighbors ► layout ► fidelity ► regions and names ► pictures ► atlas."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vista.execution import Cache, Progress, default_cache_folder, silent
from vista.metrics.latent import ActivationScale, DifferenceTransform
from vista.pipeline.activation import Condition, condition_of, measure, metric_of
from vista.pipeline.drawing import write
from vista.pipeline.plane import BarePlane, Named, Plane
from vista.pipeline.run import Options, Run
from vista.pipeline.stages import (
    MapParts,
    arrange,
    check_encoders,
    column_words,
    connect,
    fair_sample,
    given_layout,
    judge,
    name_places,
    read,
    represent,
    texts_of,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from scipy.sparse import spmatrix

    from vista.artifacts import Direction, Layout, Representation
    from vista.atlas.reader import Atlas
    from vista.sources import Source

_OPTIONS = tuple(field.name for field in fields(Options))


def map(
    source: Any,
    output: str | Path,
    *,
    name: str = "main",
    title: str | None = None,
    text: str | None = None,
    image: str | None = None,
    id: str | None = None,
    color: Sequence[str] = (),
    labels: str | None = None,
    vectors: str | Path | ArrayLike | spmatrix | None = None,
    vectors_encoder: str | None = None,
    encoder: str | None = None,
    device: str | None = None,
    batch_size: int | None = None,
    metric: Literal["cosine", "euclidean"] = "cosine",
    activation: str | Direction | ArrayLike | None = None,
    weight: float | None = None,
    scale: ActivationScale | None = None,
    transform: DifferenceTransform | None = None,
    n_neighbors: int | None = None,
    layout: Literal["spectrum", "umap"] = "spectrum",
    detail: float | None = None,
    min_dist: float | None = None,
    x: str | None = None,
    y: str | None = None,
    renderer: Literal["collage", "density", "none"] | None = None,
    pictures: str | None = None,
    sample: int | None = None,
    exact: bool = False,
    strict: bool = False,
    seed: int = 0,
    overwrite: bool = False,
    cache_folder: Path | None = None,
    progress: Progress = silent,
) -> Atlas:
    """Build an atlas: a map of items by their representation, with pictures, names and a figure for how far to believe it.

    Args:
        source: What to map: a Parquet, CSV, TSV or JSONL file, a folder of images, or an array file (.npy, .npz, .safetensors, .h5ad).
            In Python also a table (pandas, polars, pyarrow) or an array (NumPy, torch).
        output: Folder of the atlas. An existing atlas gains the map; any other folder that holds something is refused.
        name: Id of the map within the atlas.
        title: Title of the atlas; the source's name by default.
        text: Column with the items' texts; guessed when unambiguous.
        image: Column with the items' images (paths relative to the table, or bytes); guessed when unambiguous.
        id: Column with unique ids; `row` numbers the rows. By default a column `id` or `item_id`, else row numbers.
        color: Column that the viewer offers for coloring; can be given several times. By default those that fit.
        labels: Column whose values name the regions, in place of their texts' words.
        vectors: Vectors in hand: a column, or a file `FILE[:array]` in row order. In Python also an array (NumPy, SciPy, torch).
        vectors_encoder: Encoder SPEC that made those vectors, so that pictures can be chosen by meaning in the same space.
        encoder: What makes the vectors: `text[:DIR|HUB]`, `vision[:DIR|HUB]`, or the hidden states of any model at a hook point,
            `states:MODEL@12[.resid_post][:mean|last|max]`. By default vision for a folder of
            images, text where there is a text column, else vision. With `x` and `y`, `none` encodes nothing, as is the default where there
            is nothing to encode or more than 50 000 items: such a map has no neighbors, and its fidelity is unknown.
        device: Where the encoder runs: `cpu`, `cuda` or `mps`; the best available by default.
        batch_size: Items that the encoder takes at once; chosen from the texts' lengths by default.
        metric: Distance in the representation.
        activation: One number an item that the map is conditioned on, so that items lie near each other when they are alike in the
            representation and in it: a column of numbers; `dim:12`, a neuron; `direction:FILE[:array]`, the inner product with a
            direction such as a probe; `means:COLUMN=a|b`, with the way from the mean of group b to that of a; or `latent:SAE/97`,
            with a latent's decoder row. Items without a number are left out, and said. In Python also an array, one number a row, or
            a `Direction`, which `vista.sae.directions.decoder_direction` gives for a latent.
        weight: How much the activation counts beside the cosine (λ), 0.25 by default; 0 is pure cosine.
        scale: How activations are scaled to 0 … 1: `max`, `rank` or `log`; by default `rank` where some are negative, else `max`.
        transform: How differences of scaled activations count: `linear`, the default, `sqrt` or `saturating`.
        n_neighbors: Neighbors of each item that the layout keeps together; by default 35, or 30 up to 5 000 items, and 15 for `umap`.
        layout: How items are laid out: `spectrum`, from t-SNE's detail to continents, or `umap`.
        detail: Of the layout `spectrum`: 0 shows continents, 1, the default, each item's own neighbors.
        min_dist: Of the layout `umap`: smallest gap between two items, in layout units; 0 packs clusters tightly, 0.1 is the default.
        x: Column with ready x coordinates; with `y`, skips the layout, and the fidelity judges this map by the vectors, or by what an
            encoder makes of the items.
        y: Column with ready y coordinates, growing downwards.
        renderer: Pictures of the map: `collage`, the default where there is a representation; `density`, the default elsewhere,
            shows points on a picture of how densely they lie; `none` shows points only.
        pictures: Pictures for texts: `noto`, `cards`, or a folder of captioned images, chosen by meaning.
        sample: Map a seeded random sample of this many items.
        exact: Ask every item for its neighbors in the fidelity figures, up to 20 000 items; the default does up to 5 000.
        strict: Refuse pictures that cannot be read and activations that are missing, in place of skipping these items.
        seed: Seed of everything random; the same input and seed give the same atlas.
        overwrite: Replace the map of the same name in an existing atlas.
        cache_folder: Where finished stages are kept; `$VISTA_CACHE` or the user's cache folder by default.
        progress: Told how far the work is.

    Returns:
        The finished atlas, opened.

    Raises:
        VistaError: If the data or an option cannot be used; the message is one line. Nothing is left in `output` then.
    """
    color = (color,) if isinstance(color, str) else tuple(color)
    given = locals()
    options = Options(**{option: given[option] for option in _OPTIONS})
    run = Run(command="map", options=options, cache=Cache(cache_folder or default_cache_folder()), progress=progress)
    return build(source, output, run, name=name, overwrite=overwrite)


def options_of_map(**changed: Any) -> Options:
    """Return the options of `map` at their defaults, but for those that are given."""
    defaults = {name: parameter.default for name, parameter in inspect.signature(map).parameters.items() if name in _OPTIONS}
    return Options(**(defaults | changed))


def build(source: Any, output: str | Path, run: Run, *, name: str, overwrite: bool) -> Atlas:
    """Tell the story of one map, and return the atlas that holds it."""
    from vista.atlas import building, check_output
    from vista.atlas.reader import open as open_atlas

    check_output(output, name, overwrite=overwrite)
    check_encoders(run)
    condition = condition_of(run.options.activation)
    found = read(source, condition, run)
    representation = represent(found, run)
    parts = _placed(found, run) if representation is None else _mapped(found, representation, condition, run)
    with building(output, name, overwrite=overwrite) as place:
        write(place, parts, run)
    return open_atlas(output)


def _mapped(found: Source, representation: Representation, condition: Condition | None, run: Run) -> MapParts:
    """Find neighbors, lay the items out unless a layout is given, judge it, and name its places."""
    from vista.metrics import metric_space

    activation = measure(condition, found, representation)
    metric, options = metric_of(activation, representation, run), run.options
    nearest = connect(representation, options.metric, options, run)
    graph = nearest if activation is None else connect(representation, metric, options, run)
    own = found.coordinates
    layout = arrange(representation, metric, graph, options, run) if own is None else given_layout(own, options)
    judged = judge(representation, metric, graph, layout, options, run)
    plane = Plane(
        layout=layout,
        named=_named(found, layout, run),
        representation=representation,
        space=metric_space(representation.vectors, metric),
        graph=graph,
        fidelity=judged.fidelity,
        trust=judged.trust,
    )
    return MapParts(found, plane, nearest, activation)


def _placed(found: Source, run: Run) -> MapParts:
    """Name the places of a layout that is given, where there is nothing to judge it by."""
    assert found.coordinates is not None
    layout = given_layout(found.coordinates, run.options)
    return MapParts(found, BarePlane(layout=layout, named=_named(found, layout, run)))


def _named(found: Source, layout: Layout, run: Run) -> Named:
    sample = fair_sample(len(found.items), run)
    return name_places(layout, texts_of(found, sample), run, words=column_words(found, sample), sample=sample)
