"""The states of the patches of pictures at a hook point of a vision model, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Picture
from vista.errors import InputError
from vista.representations.hook_points import HookPoint, Place, resolve_hook_point
from vista.representations.hooked_model import HookedModel, pixels_of, read_states
from vista.representations.torch_models import quiet_transformers
from vista.representations.vision import on_white

BATCH_PICTURES = 16


class PictureStates(NamedTuple):
    """The states of one picture.

    Attributes:
        item_row: The picture's number in its list.
        states: (n_patches, d_in) float32, row by row from the top left.
        others: (n_others, d_in) float32; the positions before the patches: CLS first where the model has it, registers.
    """

    item_row: int
    states: NDArray[np.float32]
    others: NDArray[np.float32]


def patch_states(
    hooked: HookedModel, hook: HookPoint | str, pictures: Sequence[Picture], *, batch_pictures: int | None = None
) -> Iterator[PictureStates]:
    """Read the states of the patches of pictures, in order; transparency is laid on white.

    Args:
        hooked: A model that reads pictures.
        hook: Where to read.
        pictures: The pictures.
        batch_pictures: Most pictures in a batch; None chooses.

    Raises:
        InputError: If the model reads no pictures or has no such hook point, a picture cannot be decoded, or the model's
            positions are not the patches of a grid.
    """
    place = resolve_hook_point(hooked.model, hook)
    if hooked.image_processor is None or place.modality != "vision":
        raise InputError(f"'{place.name}' of {hooked.name} does not read pictures{'; give texts' if place.modality == 'text' else ''}")
    return _read(hooked, place, pictures, batch_pictures or BATCH_PICTURES)


def _read(hooked: HookedModel, place: Place, pictures: Sequence[Picture], batch_pictures: int) -> Iterator[PictureStates]:
    for start in range(0, len(pictures), batch_pictures):
        with quiet_transformers():
            pixels = pixels_of(hooked, [on_white(item) for item in pictures[start : start + batch_pictures]])
            states = read_states(hooked, place, {"pixel_values": pixels}).cpu().numpy()
        n_others = states.shape[1] - _n_patches(hooked, place, pixels.shape[-2], pixels.shape[-1])
        if n_others < 0:
            raise InputError(f"the {states.shape[1]} positions at '{place.name}' are not the patches of a picture; name another hook point")
        for i, of_picture in enumerate(states):
            yield PictureStates(start + i, of_picture[n_others:], of_picture[:n_others])


def _n_patches(hooked: HookedModel, place: Place, height_px: int, width_px: int) -> int:
    config = hooked.model.config
    patch = getattr(getattr(config, "vision_config", config), "patch_size", None)
    if patch is None:
        raise InputError(f"{hooked.name} does not cut pictures into patches, so '{place.name}' has none to read")
    rows, columns = (patch, patch) if isinstance(patch, int) else patch
    return int((height_px // rows) * (width_px // columns))
