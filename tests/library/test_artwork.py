"""Covers: told apart safely, made small, boiled down; and which picture in a folder is the cover."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from segue.library.artwork import (
    IMAGE_EXTENSIONS,
    BadImage,
    best_artist_image,
    best_cover,
    blurhash,
    dominant_color,
    identify,
    image_header,
    look,
    oklch,
    thumbnail,
)
from segue.library.scan import walk
from tests.library.media import noise


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def plain(mode: str = "RGB", size: tuple[int, int] = (60, 40), colour: object = (200, 40, 30)) -> Image.Image:
    return Image.new(mode, size, colour)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "AVIF"])
def test_a_picture_is_told_by_its_header(kind: str) -> None:
    data = encoded(plain(), kind)
    assert image_header(data) == (f"image/{kind.lower()}", 60, 40)
    assert identify(data)[1:] == (60, 40)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}])
def test_every_kind_of_webp_has_a_size(options: dict[str, object]) -> None:
    assert image_header(encoded(plain(), "WEBP", **options))[1:] == (60, 40)


@pytest.mark.parametrize("format", ["webp", "jpeg", "avif", "png"])
def test_a_thumbnail_keeps_the_shape_and_is_never_larger(format: str) -> None:
    large = thumbnail(encoded(plain(size=(1200, 600)), "JPEG"), 300, format)  # type: ignore[arg-type]
    assert image_header(large)[1:] == (300, 150)
    small = thumbnail(encoded(plain(), "PNG"), 300, format)  # type: ignore[arg-type]
    assert image_header(small)[1:] == (60, 40)


@pytest.mark.parametrize(
    ("mode", "colour", "kind"),
    [
        ("CMYK", (0, 200, 200, 20), "JPEG"),
        ("L", 90, "JPEG"),
        ("P", 3, "PNG"),
        ("1", 1, "PNG"),
        ("RGBA", (10, 200, 30, 128), "PNG"),
        ("LA", (90, 40), "PNG"),
        ("I;16", 40_000, "PNG"),
        ("P", 3, "GIF"),
    ],
)
@pytest.mark.parametrize("format", ["webp", "jpeg", "avif"])
def test_every_kind_of_pixel_can_be_shown(mode: str, colour: object, kind: str, format: str) -> None:
    data = encoded(plain(mode, colour=colour), kind)
    assert image_header(thumbnail(data, 32, format))[1:] == (32, 21)  # type: ignore[arg-type]
    assert look(data).width == 60


def test_transparency_is_put_on_white_in_jpeg_and_kept_in_webp() -> None:
    data = encoded(plain("RGBA", colour=(0, 0, 0, 0)), "PNG")
    assert Image.open(io.BytesIO(thumbnail(data, 32, "jpeg"))).getpixel((5, 5)) == (255, 255, 255)
    assert Image.open(io.BytesIO(thumbnail(data, 32, "webp"))).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_a_rotated_photograph_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(plain(size=(600, 200)), "JPEG", exif=exif)
    assert identify(data)[1:] == (200, 600)
    assert image_header(thumbnail(data, 300, "jpeg"))[1:] == (100, 300)


def bomb(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [b"", noise(1000), bomb(100_000, 100_000), bomb(0, 10), encoded(plain(), "PNG")[:60], b"\xff\xd8\xff" + noise(500)],
    ids=["nothing", "noise", "bomb", "no width", "cut", "broken jpeg"],
)
def test_broken_and_giant_pictures_are_refused(data: bytes) -> None:
    with pytest.raises(BadImage):
        thumbnail(data, 100)
    with pytest.raises(BadImage):
        look(data)


def test_a_picture_cut_in_the_middle_is_refused_not_half_shown() -> None:
    data = encoded(Image.effect_noise((400, 400), 80), "JPEG")
    with pytest.raises(BadImage):
        thumbnail(data[: len(data) // 2], 100)


def test_the_colour_of_a_cover_is_its_saturated_part_not_its_background() -> None:
    cover = plain(size=(100, 100), colour=(245, 245, 245))
    cover.paste((20, 60, 210), (20, 20, 70, 70))
    found = look(encoded(cover, "PNG"))
    red, green, blue = (int(found.color[at : at + 2], 16) for at in (1, 3, 5))
    assert blue > 150
    assert blue > 2 * max(red, green)
    assert found.hue == pytest.approx(264, abs=12)


def test_a_grey_cover_is_grey_and_has_no_hue() -> None:
    found = look(encoded(plain(colour=(80, 80, 80)), "PNG"))
    assert (found.color, found.hue) == ("#505050", None)


def test_oklch_of_known_colours() -> None:
    """Values of the reference implementation (https://bottosson.github.io/posts/oklab)."""
    assert oklch(255, 255, 255) == pytest.approx((1, 0, 0), abs=1e-3, rel=1e-3) or oklch(255, 255, 255)[1] < 1e-3
    assert oklch(255, 0, 0) == pytest.approx((0.628, 0.2577, 29.23), abs=0.02)
    assert oklch(0, 0, 255) == pytest.approx((0.452, 0.3132, 264.05), abs=0.02)


def test_the_blurhash_of_one_colour_has_no_waves() -> None:
    """The first characters by hand: 4 × 3 components are `L`, a flat picture has the smallest maximum `0`."""
    flat = blurhash([(255, 255, 255)] * 64, 8, 8)
    assert flat[:2] == "L0"
    assert len(flat) == 1 + 1 + 4 + 2 * 11
    value = 0
    for character in flat[2:6]:
        value = (
            value * 83
            + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~".index(character)
        )
    assert value == 0xFFFFFF


def test_the_dominant_colour_of_nothing_is_black() -> None:
    assert dominant_color([]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("names", "best"),
    [
        ([b"folder.jpg", b"cover.png", b"back.jpg"], b"cover.png"),
        ([b"Folder.JPG", b"front.jpg"], b"Folder.JPG"),
        ([b"cover.png", b"cover.jpg"], b"cover.jpg"),
        ([b"AlbumArtSmall.jpg", b"Band - Album (front).jpg"], b"Band - Album (front).jpg"),
        ([b"scan0001.jpg", b"01 Song.mp3"], b"scan0001.jpg"),
        ([b"scan0001.jpg", b"scan0002.jpg"], None),
        ([b"back.jpg"], None),
        ([b"artist.jpg"], None),
        ([b"cover.txt", b"notes.pdf"], None),
        ([b"caf\xe9.jpg"], b"caf\xe9.jpg"),
        ([], None),
    ],
)
def test_the_cover_among_a_folders_entries(names: list[bytes], best: bytes | None) -> None:
    assert best_cover(names) == best


def test_the_artists_picture_among_a_folders_entries() -> None:
    assert best_artist_image([b"cover.jpg", b"Artist.png"]) == b"Artist.png"
    assert best_artist_image([b"cover.jpg"]) is None


def test_every_picture_that_the_walk_notices_can_be_a_cover() -> None:
    assert set(map(str.encode, IMAGE_EXTENSIONS)) == walk.IMAGE_EXTENSIONS
