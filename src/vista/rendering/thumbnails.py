"""Pictures of single items, as the viewer shows them beside the map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO

from vista.artifacts import Picture
from vista.execution import in_order, thread_pool
from vista.kernels.pictures import decode_picture

THUMBNAIL_PX = 256


def encode_thumbnails(pictures: Iterable[Picture | None]) -> Iterator[bytes | None]:
    """Encode pictures in threads and yield them in order; None stays None.

    Raises:
        ValueError: As `encode_thumbnail`.
    """
    with thread_pool() as pool:
        yield from in_order(pool, lambda picture: None if picture is None else encode_thumbnail(picture), pictures)


def encode_thumbnail(picture: Picture, *, px: int = THUMBNAIL_PX) -> bytes:
    """Encode a picture as a WebP whose longer side is at most `px`; nothing is enlarged.

    Raises:
        ValueError: If the picture cannot be decoded; the message is the reason alone.
    """
    from PIL import Image

    image = decode_picture(picture, at_least_px=px)
    image.thumbnail((px, px), Image.Resampling.LANCZOS, reducing_gap=3.0)
    packed = BytesIO()
    image.save(packed, "WEBP", quality=80, alpha_quality=80, method=2)
    return packed.getvalue()
