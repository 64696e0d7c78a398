"""The map of one latent: the items on which it fires, under a metric that looks at its activation too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vista.metrics import LatentMetric
from vista.pipeline.plane import Plane
from vista.sae.body import LatentBody, body_of
from vista.sae.study.choice import Chosen
from vista.sae.study.options import StudyRun
from vista.sae.study.plane import plane_of

if TYPE_CHECKING:
    from vista.sae.store import Store


@dataclass(frozen=True, slots=True, eq=False)
class LatentMap:
    """A latent's map before it is drawn.

    Attributes:
        chosen: The latent, and why it is studied.
        body: The items.
        plane: Where they lie, under the latent metric.
        moran_i: How alike the activations of items are that lie side by side; None where it is not defined.
    """

    chosen: Chosen
    body: LatentBody
    plane: Plane
    moran_i: float | None

    @property
    def map_id(self) -> str:
        return f"latent-{self.chosen.latent}"


def map_latent(store: Store, chosen: Chosen, run: StudyRun) -> LatentMap:
    """Draw the items of a latent and map them.

    Raises:
        InputError: If the latent never fires.
    """
    from vista.trust import morans_i

    asked, latent = run.options, chosen.latent
    with run.timed("read"):
        body = body_of(store, latent, max_items=asked.max_items, sampling=asked.sampling, seed=asked.seed)
        codes = store.codes(body.rows)
    metric = LatentMetric(
        body.values, weight=asked.weight, scale=asked.scale, transform=asked.transform, left_out=None if asked.keep_latent else latent
    )
    plane = plane_of(codes, f"codes of {store.meta.sae}", metric, body.texts, run)
    return LatentMap(chosen, body, plane, morans_i(plane.layout, body.values))
