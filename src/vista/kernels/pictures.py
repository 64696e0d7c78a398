"""Decoding of pictures that strangers made: the format is read from the content, and damage ends in one clear reason.

JPEG, PNG, WebP and GIF (first frame) are read. The size is taken from the header before a pixel is decoded, so that a
small file that claims to be enormous costs nothing.
"""

from __future__ import annotations

import os
import threading
import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif")
LIMIT_PX = 100_000_000
_EXIF_ORIENTATION = 0x0112
_opening = threading.Lock()


def decode_picture(data: bytes | Path, *, limit_px: int = LIMIT_PX, at_least_px: int | None = None) -> Image:
    """Decode a picture upright, as it is meant to be seen.

    Args:
        data: The encoded picture: a file, or its bytes.
        limit_px: Largest number of pixels, width × height, that is accepted.
        at_least_px: A large JPEG may come at a half, a quarter or an eighth of its size, in a fraction of the time, as long
            as both its sides keep this many pixels.

    Returns:
        An image in mode RGB, or RGBA where the picture has transparency; turned as its EXIF orientation says, and
        bare of all metadata.

    Raises:
        ValueError: If the picture cannot be decoded; the message is the reason alone, without a name.
    """
    with _open(data, limit_px) as image:
        if at_least_px is not None:
            image.draft(None, (at_least_px, at_least_px))
        _load(image)
        return _in_plain_mode(_upright(image))


def check_picture(data: bytes | Path, *, limit_px: int = LIMIT_PX) -> tuple[int, int]:
    """Return the (width, height) in pixels that `decode_picture` would give, having read the whole picture.

    A JPEG is decoded at an eighth of its size, which reads every byte at a fraction of the cost.

    Raises:
        ValueError: If the picture cannot be decoded; the message is the reason alone.
    """
    with _open(data, limit_px) as image:
        width, height = image.size
        sideways = _orientation(image) in (5, 6, 7, 8)
        image.draft(None, (max(1, width // 8), max(1, height // 8)))
        _load(image)
    return (height, width) if sideways else (width, height)


def _open(data: bytes | Path, limit_px: int) -> Image:
    from PIL import Image, UnidentifiedImageError

    if isinstance(data, Path) and not os.path.isfile(data):
        raise ValueError("there is no such file")
    try:
        # The filter list is shared by all threads, and Pillow's own warning would only repeat the check below.
        with _opening, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data) if isinstance(data, bytes) else data, formats=FORMATS)
    except UnidentifiedImageError:
        raise ValueError(f"the content is not one of {', '.join(FORMATS)}") from None
    except Image.DecompressionBombError:
        raise ValueError(f"larger than {limit_px:,} pixels") from None
    except Exception as error:  # a damaged header makes Pillow raise whatever the damage leads to
        raise ValueError(_reason(error)) from error
    if image.width * image.height > limit_px:
        image.close()
        raise ValueError(f"{image.width} × {image.height} is larger than {limit_px:,} pixels")
    return image


def _load(image: Image) -> None:
    try:
        image.load()
    except Exception as error:  # as above: OSError, SyntaxError, struct.error, zlib.error, …
        raise ValueError(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror  # the full message would hold the path
    return " ".join(str(error).split()) or type(error).__name__


def _orientation(image: Image) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # damaged EXIF does not spoil the picture: it is then shown as stored
        return 1


def _upright(image: Image) -> Image:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


def _in_plain_mode(image: Image) -> Image:
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.info.clear()  # the orientation is used up, and a place or a camera is nobody's business
    return plain


def _from_16_bits(image: Image) -> Image:
    from PIL import Image as pillow

    values = np.asarray(image).astype(np.int64)
    return pillow.fromarray(np.clip(values >> 8, 0, 255).astype(np.uint8)).convert("RGB")
