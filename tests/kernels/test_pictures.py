"""Decoding pictures: upright, in plain modes, and never at any price."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vista.kernels.pictures import FORMATS, check_picture, decode_picture

QUARTERS = np.zeros((16, 24, 3), dtype=np.uint8)
QUARTERS[:8, :12] = [250, 0, 0]  # red at the top left
QUARTERS[8:, 12:] = [0, 0, 250]  # blue at the bottom right


def encoded(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def noise(size: int = 120) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (size, size, 3), dtype=np.uint8))


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_decoded_from_bytes_and_from_a_file_of_any_name(tmp_path: Path, format: str) -> None:
    data = encoded(Image.fromarray(QUARTERS), format)
    (tmp_path / "picture.txt").write_bytes(data)
    for source in (data, tmp_path / "picture.txt"):
        image = decode_picture(source)
        assert (image.mode, image.size) == ("RGB", (24, 16))
        assert check_picture(source) == (24, 16)
        assert np.abs(np.asarray(image).astype(int)[3, 3] - [250, 0, 0]).max() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_whatever_its_exif_orientation(orientation: int) -> None:
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(turns[orientation](QUARTERS)))
    data = encoded(stored, "PNG", exif=exif)
    assert np.array_equal(np.asarray(decode_picture(data)), QUARTERS)
    assert check_picture(data) == (24, 16)


def test_no_metadata_outlive_the_decoding() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    image = decode_picture(encoded(Image.fromarray(QUARTERS), "JPEG", exif=exif))
    assert image.info == {}
    assert dict(image.getexif()) == {}


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_kept(mode: str) -> None:
    image = decode_picture(encoded(Image.new("RGBA", (4, 4), (255, 255, 255, 0)).convert(mode)))
    assert image.mode == "RGBA"
    assert image.getpixel((0, 0))[3] == 0


def test_a_transparent_color_of_a_palette_is_kept() -> None:
    assert decode_picture(encoded(Image.new("P", (4, 4)), transparency=0)).getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "P"])
def test_other_modes_become_plain_color(mode: str) -> None:
    format = "JPEG" if mode == "CMYK" else "PNG"
    image = decode_picture(encoded(Image.new("RGB", (4, 4), (255, 255, 255)).convert(mode), format))
    assert image.mode == "RGB"
    assert min(image.getpixel((0, 0))) > 250


def test_gray_of_16_bits_keeps_its_brightness() -> None:
    image = decode_picture(encoded(Image.fromarray(np.full((4, 4), 40_000, dtype=np.uint16))))
    assert image.getpixel((0, 0)) == (156, 156, 156)


def test_the_first_frame_of_an_animation_counts() -> None:
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode_picture(data).getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("read", [check_picture, decode_picture])
def test_damage_ends_in_a_reason_of_one_line(read, format: str) -> None:
    data = encoded(noise(), format)
    for damaged in (data[: len(data) // 2], data[:10], b"", b"hello"):
        with pytest.raises(ValueError) as caught:
            read(damaged)
        assert str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("read", [check_picture, decode_picture])
def test_a_picture_that_claims_to_be_enormous_is_refused_by_its_header(read) -> None:
    for side in (10_001, 60_000):
        with pytest.raises(ValueError, match="larger than 100,000,000 pixels"):
            read(png_that_claims(side, side))
    with pytest.raises(ValueError, match="24 × 16 is larger than 100 pixels"):
        read(encoded(Image.fromarray(QUARTERS)), limit_px=100)


def test_other_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="not one of JPEG, PNG, WEBP, GIF"):
        check_picture(encoded(Image.new("RGB", (4, 4)), "BMP"))


def test_a_missing_file_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^there is no such file$"):
        decode_picture(tmp_path / "absent.png")


def test_a_large_jpeg_may_come_smaller_but_keeps_the_pixels_asked_for() -> None:
    large = encoded(Image.linear_gradient("L").resize((1600, 800)).convert("RGB"), "JPEG")
    small = decode_picture(large, at_least_px=100)
    assert small.size == (200, 100)
    assert decode_picture(large).size == (1600, 800)
    assert decode_picture(encoded(noise()), at_least_px=8).size == noise().size  # other formats come as they are
