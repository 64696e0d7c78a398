"""Pictures of single items."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from vista.rendering import encode_thumbnail, encode_thumbnails


def photo(color, size) -> bytes:
    packed = BytesIO()
    Image.new("RGB", size, color).save(packed, "PNG")
    return packed.getvalue()


def test_a_thumbnail_keeps_its_proportions_and_is_never_enlarged():
    large = Image.open(BytesIO(encode_thumbnail(photo((5, 5, 5), (1000, 500)))))
    small = Image.open(BytesIO(encode_thumbnail(photo((5, 5, 5), (40, 30)))))
    assert (large.format, large.size) == ("WEBP", (256, 128))
    assert small.size == (40, 30)


def test_a_thumbnail_of_a_broken_picture_is_refused():
    with pytest.raises(ValueError):
        encode_thumbnail(b"broken")


def test_many_thumbnails_come_in_the_order_of_their_pictures():
    pictures = [None if i % 5 == 0 else photo((i, i, i), (i, 10)) for i in range(60)]
    assert list(encode_thumbnails(pictures)) == [picture and encode_thumbnail(picture) for picture in pictures]
