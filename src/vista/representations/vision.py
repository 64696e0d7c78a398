"""Pictures to vectors: EfficientNet-Lite0 from its package, or a vision transformer from a folder or the hub."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vista.artifacts import Picture
from vista.errors import InputError, InputFileError, nearest_name_hint
from vista.kernels.pictures import decode_picture
from vista.representations import efficientnet_lite
from vista.representations.encoder import Encoded
from vista.representations.model_files import space_of
from vista.representations.torch_models import load_model, load_part, pick_device, quiet_transformers

if TYPE_CHECKING:
    from PIL.Image import Image

BATCH_PICTURES = 32
Run: TypeAlias = "Callable[[list[Image]], NDArray[np.float32]]"


class VisionEncoder:
    """Encodes pictures with one model; the model is loaded at the first picture. Transparency is laid on white.

    Args:
        path: A folder in transformers layout (CLIP, SigLIP, DINOv2, ViT), or the weights file of EfficientNet-Lite0.
        name: The model's name, for people.
        device: "cpu", "cuda", "mps", or None for the best available.

    Raises:
        InputError: If the folder holds another kind of model.
        InputFileError: If its configuration cannot be read.
    """

    kind: Literal["text", "vision"] = "vision"
    shard_items = 256
    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, name: str, device: str | None = None) -> None:
        self.name = name
        self.space = space_of("vision", [path])
        self._path = path
        self._device = device

    def content_hash(self, item: Picture) -> bytes:
        return picture_hash(item)

    def length(self, item: Picture) -> int:
        return 1

    def encode_items(self, items: Sequence[Picture], *, batch_size: int | None, advance: Callable[[int], None]) -> Encoded:
        batch = batch_size or BATCH_PICTURES
        parts = []
        for start in range(0, len(items), batch):
            pictures = [on_white(item) for item in items[start : start + batch]]
            parts.append(self._run(pictures))
            advance(len(pictures))
        return Encoded(np.concatenate(parts), np.zeros(len(items), dtype=bool))

    @cached_property
    def _run(self) -> Run:
        device = pick_device(self._device)
        return _load_lite(self._path, device) if self._path.is_file() else _load_transformer(self._path, device)


def picture_hash(item: Picture) -> bytes:
    """Return the SHA-256 of a picture's file, 32 bytes.

    Raises:
        InputFileError: If the file cannot be read.
    """
    if isinstance(item, bytes):
        return hashlib.sha256(item).digest()
    try:
        with item.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise InputFileError(f"the picture '{item.name}' cannot be read ({error.strerror})") from error


def on_white(item: Picture) -> Image:
    """Return a picture in RGB, its transparency laid on white.

    Raises:
        InputError: If it cannot be decoded.
    """
    from PIL import Image

    try:
        picture = decode_picture(item)
    except ValueError as error:
        name = "a picture" if isinstance(item, bytes) else f"the picture '{item.name}'"
        raise InputError(f"{name} cannot be decoded: {error}") from error
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def _load_lite(weights_file: Path, device: str) -> Run:
    import torch

    network = efficientnet_lite.read_network(weights_file, device)

    def run(pictures: list[Image]) -> NDArray[np.float32]:
        pixels = torch.from_numpy(np.stack([efficientnet_lite.to_pixels(picture) for picture in pictures]))
        with torch.inference_mode():
            return np.asarray(efficientnet_lite.features(network, pixels.to(device)).cpu().numpy())

    return run


def _load_transformer(folder: Path, device: str) -> Run:
    from transformers import AutoConfig, AutoImageProcessor, AutoModel

    with quiet_transformers():
        model_type = load_part(AutoConfig, folder).model_type
        if model_type not in _FEATURES:
            raise InputError(
                f"'{folder.name}' is a '{model_type}' model, which gives no picture vectors here.{nearest_name_hint(model_type, _FEATURES)}"
            )
        processor = load_part(AutoImageProcessor, folder, **pillow_backend())
        model = load_model(AutoModel, folder, device)
    return partial(_run_transformer, processor, model, _FEATURES[model_type], device)


def _run_transformer(
    processor: Any, model: Any, features: Callable[[Any, Any], Any], device: str, pictures: list[Image]
) -> NDArray[np.float32]:
    import torch

    with quiet_transformers(), torch.inference_mode():
        pixels = processor(images=pictures, return_tensors="pt")["pixel_values"].to(device)
        return np.asarray(features(model, pixels).float().cpu().numpy(), dtype=np.float32)


def pillow_backend() -> dict[str, Any]:
    """Return the options that make transformers prepare pictures with Pillow."""
    # The pixels must not depend on whether torchvision happens to be installed. Version 5 renamed the option.
    import transformers

    return {"backend": "pil"} if int(transformers.__version__.split(".")[0]) >= 5 else {"use_fast": False}


def _image_features(model: Any, pixels: Any) -> Any:
    """Return the vectors that CLIP and SigLIP compare with those of texts."""
    out = model.get_image_features(pixel_values=pixels)
    return getattr(out, "pooler_output", out)  # a tensor before version 5


def _pooler(model: Any, pixels: Any) -> Any:
    return model(pixel_values=pixels).pooler_output


def _class_token(model: Any, pixels: Any) -> Any:
    """Return the normalized CLS token; the pooler of a ViT is often not among its weights."""
    return model(pixel_values=pixels).last_hidden_state[:, 0]


_FEATURES: dict[str, Callable[[Any, Any], Any]] = {
    "clip": _image_features,
    "siglip": _image_features,
    "clip_vision_model": _pooler,
    "siglip_vision_model": _pooler,
    "dinov2": _class_token,
    "dinov2_with_registers": _class_token,
    "dinov3_vit": _class_token,
    "vit": _class_token,
    "deit": _class_token,
}
