"""Covers as pictures: told apart safely, made small, and boiled down to a colour and a blur.

Images come from strangers' files, so nothing is decoded before its header has said that it is of a sane size. Pure
functions from bytes to values; Pillow is imported when something must be decoded.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from operator import mul
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 64_000_000
"""Pixels of the largest picture that is decoded: 8,000 by 8,000, 192 MB as RGB for a moment."""
MAX_BYTES = 50 * 1024 * 1024

Format = Literal["webp", "jpeg", "avif", "png"]
_QUALITY = {"webp": 80, "jpeg": 85, "avif": 60}


class BadImage(ValueError):
    """The bytes are no picture that can be shown: unknown, damaged, or of an insane size.

    `code` is image_unreadable, image_damaged or image_too_large, with the `params` of its sentence.
    """

    def __init__(self, message: str, code: str = "image_unreadable", **params: int | str) -> None:
        super().__init__(message)
        self.code = code
        self.params: dict[str, int | str] = params


@lru_cache(maxsize=1)
def writes_avif() -> bool:
    """Whether the Pillow that is installed can write AVIF."""
    from PIL import features

    return bool(features.check("avif"))


def image_header(data: bytes) -> tuple[str, int, int]:
    """Return (MIME type, width, height) as the header declares them, `("", 0, 0)` for what is no known image.

    JPEG, PNG, GIF, WebP, BMP, AVIF/HEIC and TIFF (without its size); nothing is decoded. JPEG's size is as stored,
    before any EXIF rotation.
    """
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg", *_jpeg_size(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png", int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif", int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", *_webp_size(data)
    if data[:2] == b"BM" and len(data) >= 26:
        height = int.from_bytes(data[22:26], "little", signed=True)
        return "image/bmp", int.from_bytes(data[18:22], "little"), abs(height)
    if data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1"):
        mime = "image/avif" if data[8:11] == b"avi" or b"avif" in data[8:40] else "image/heic"
        at = data.find(b"ispe", 0, 65536)
        if at < 0:
            return mime, 0, 0
        return mime, int.from_bytes(data[at + 8 : at + 12], "big"), int.from_bytes(data[at + 12 : at + 16], "big")
    if data[:4] in (b"II*\0", b"MM\0*"):
        return "image/tiff", 0, 0
    return "", 0, 0


def _jpeg_size(data: bytes) -> tuple[int, int]:
    position = 2
    for _ in range(1000):
        while data[position : position + 1] == b"\xff" and data[position + 1 : position + 2] == b"\xff":
            position += 1
        if position + 9 > len(data) or data[position] != 0xFF:
            break
        marker = data[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height = int.from_bytes(data[position + 5 : position + 7], "big")
            return int.from_bytes(data[position + 7 : position + 9], "big"), height
        if marker in (0x01, *range(0xD0, 0xD9)):
            position += 2
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return 0, 0


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return 0, 0


class Identified(NamedTuple):
    """A picture that can be decoded: MIME type, and width and height as it is shown (EXIF rotation applied)."""

    mime: str
    width: int
    height: int


def identify(data: bytes) -> Identified:
    """Return what a picture is; raises BadImage for what is unknown, damaged in its header, or too large to decode."""
    return _identified(_open(data), data)


def _identified(image: Image.Image, data: bytes) -> Identified:
    width, height = image.size
    if _orientation(image) >= 5:
        width, height = height, width
    return Identified(image.get_format_mimetype() or image_header(data)[0], width, height)  # type: ignore[attr-defined]


def _orientation(image: Image.Image) -> int:
    """How it is to be turned, as EXIF says it: 1 is not at all, 5 and more change width and height."""
    try:
        turned: int = image.getexif().get(_ORIENTATION, 1)
    except Exception as error:  # Pillow looks for EXIF through the whole of a PNG
        raise BadImage("the picture is damaged", "image_damaged") from error
    return turned


_ORIENTATION = 0x0112
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "AVIF", "TIFF")


def _open(data: bytes) -> Image.Image:
    from PIL import Image

    if len(data) > MAX_BYTES:
        raise _too_large(0, 0, len(data))
    _mime, width, height = image_header(data)
    if width * height > MAX_PIXELS:
        raise _too_large(width, height, len(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Exception as error:
        raise BadImage("not a picture that can be read") from error
    if image.width * image.height > MAX_PIXELS or not image.width * image.height:
        raise _too_large(image.width, image.height, len(data))
    return image


def _too_large(width: int, height: int, size: int) -> BadImage:
    message = f"a picture of {width} × {height} pixels is too large or empty"
    return BadImage(message, "image_too_large", width=width, height=height, bytes=size)


def _decode(data: bytes, size: int) -> Image.Image:
    """Decode to RGB or RGBA with the longer side at most `size` where that is smaller, turned as EXIF says."""
    from PIL import Image

    image = _loaded(_open(data), size)
    if max(image.size) > size:
        image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def _loaded(image: Image.Image, size: int) -> Image.Image:
    """Decode an opened picture to RGB or RGBA, turned as EXIF says; a JPEG only as finely as `size` needs."""
    from PIL import ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if image.format == "JPEG":
                image.draft("RGB", (size * 2, size * 2))
            image.load()
            turned = image if _orientation(image) == 1 else ImageOps.exif_transpose(image)
    except Exception as error:
        raise BadImage("the picture is damaged", "image_damaged") from error
    has_alpha = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    mode = "RGBA" if has_alpha else "RGB"
    if turned.mode.startswith("I") or turned.mode == "F":
        turned = turned.convert("I").point(lambda value: value / 256).convert("L")
    return turned if turned.mode == mode else turned.convert(mode)


def thumbnail(data: bytes, size: int, format: Format = "webp") -> bytes:
    """Return the picture with its longer side at most `size` pixels (never enlarged), encoded as `format`.

    EXIF rotation is applied and metadata dropped; transparency is kept in WebP, AVIF and PNG and put on white in JPEG.
    Raises BadImage.
    """
    image = _decode(data, size)
    if format == "jpeg" and image.mode == "RGBA":
        image = _on_white(image)
    out = io.BytesIO()
    match format:
        case "webp":
            image.save(out, "WEBP", quality=_QUALITY["webp"], method=4)
        case "jpeg":
            image.save(out, "JPEG", quality=_QUALITY["jpeg"], optimize=True, progressive=size > 300)
        case "avif":
            image.save(out, "AVIF", quality=_QUALITY["avif"], speed=8)
        case "png":
            image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    flat = Image.new("RGB", image.size, (255, 255, 255))
    flat.paste(image, mask=image.getchannel("A"))
    return flat


class Look(NamedTuple):
    """What stands for a cover before it is loaded.

    `color` is `#rrggbb`; `hue` its OKLCH hue in degrees 0…360, or None for greys; `blurhash` has 4 × 3 components.
    """

    mime: str
    width: int
    height: int
    color: str
    hue: float | None
    blurhash: str


_LOOKED_AT = 20
"""Pixels each way from which the colour is made."""
_BLURRED = 10
"""Pixels each way from which the blur is made: more than twice the waves that it has."""


def look(data: bytes) -> Look:
    """Return type, size, representative colour and blurhash of a picture; it is decoded once, small. Raises BadImage."""
    from PIL import Image

    opened = _open(data)
    mime, width, height = _identified(opened, data)
    image = _loaded(opened, _LOOKED_AT)
    if image.mode == "RGBA":
        image = _on_white(image)
    small = image.resize((_LOOKED_AT, _LOOKED_AT), Image.Resampling.BOX, reducing_gap=3.0)
    pixels = list(zip(*[iter(small.tobytes())] * 3, strict=True))
    red, green, blue = dominant_color(pixels)
    _lightness, chroma, hue = oklch(red, green, blue)
    color = f"#{red:02x}{green:02x}{blue:02x}"
    blurred = small.reduce(_LOOKED_AT // _BLURRED)
    shown = blurhash(list(zip(*[iter(blurred.tobytes())] * 3, strict=True)), _BLURRED, _BLURRED)
    return Look(mime, width, height, color, round(hue, 1) if chroma > 0.02 else None, shown)


Pixel = tuple[int, int, int]


def dominant_color(pixels: Iterable[Pixel]) -> Pixel:
    """Return the colour that represents a picture: much of it, and saturated rather than grey, black or white.

    Pixels fall into 5-bit bins of hue and lightness (OKLCH); each bin counts its pixels, weighted by chroma and by
    how far it is from black and white; the mean of the best bin is the colour. A grey picture gives its mean grey.
    """
    bins: dict[tuple[int, int], list[float]] = {}
    counted = Counter(pixels)
    total = [0, 0, 0, 0]
    for (red, green, blue), count in counted.items():
        lightness, chroma, hue = _oklch_about(red & 0xFC, green & 0xFC, blue & 0xFC)
        total[0] += red * count
        total[1] += green * count
        total[2] += blue * count
        total[3] += count
        if chroma < 0.03 or not 0.15 < lightness < 0.95:
            continue
        weight = chroma * (1.0 - abs(lightness - 0.6)) * count
        entry = bins.setdefault((int(hue // 30), int(lightness * 4)), [0.0, 0.0, 0.0, 0.0])
        entry[0] += red * weight
        entry[1] += green * weight
        entry[2] += blue * weight
        entry[3] += weight
    best = max(bins.values(), key=lambda entry: entry[3], default=None)
    if best is None or best[3] < total[3] * 0.0015:
        count = max(1, total[3])
        return total[0] // count, total[1] // count, total[2] // count
    return round(best[0] / best[3]), round(best[1] / best[3]), round(best[2] / best[3])


def oklch(red: int, green: int, blue: int) -> tuple[float, float, float]:
    """Return (lightness 0…1, chroma 0…0.4, hue 0…360°) of an sRGB colour (https://bottosson.github.io/posts/oklab)."""
    r, g, b = _LINEAR[red], _LINEAR[green], _LINEAR[blue]
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    green_red = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    blue_yellow = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(green_red, blue_yellow), math.degrees(math.atan2(blue_yellow, green_red)) % 360


@lru_cache(maxsize=8_192)
def _oklch_about(red: int, green: int, blue: int) -> tuple[float, float, float]:
    return oklch(red, green, blue)


def _linear(value: int) -> float:
    share = value / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


_LINEAR = tuple(_linear(value) for value in range(256))
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


def blurhash(pixels: list[Pixel], width: int, height: int, across: int = 4, down: int = 3) -> str:
    """Return the BlurHash of an image (https://github.com/woltapp/blurhash/blob/master/Algorithm.md).

    Waves are taken at the middles of pixels, so that a flat picture has none; the reference takes them at their corners.
    """
    waves_x, waves_y = _waves(across, width), _waves(down, height)
    light = [_LINEAR[value] for pixel in pixels for value in pixel]
    columns = [light[place :: width * 3] for place in range(width * 3)]
    factors = []  # a wave of both directions is the product of two, so rows are summed first
    for wave_y in waves_y:
        summed = [sum(map(mul, wave_y, column)) for column in columns]
        channels = summed[0::3], summed[1::3], summed[2::3]
        factors += [[sum(map(mul, wave_x, values)) for values in channels] for wave_x in waves_x]
    first = [value / (width * height) for value in factors[0]]
    rest = [value * 2 / (width * height) for factor in factors[1:] for value in factor]
    largest = max(map(abs, rest), default=0.0)
    quantised = max(0, min(82, math.floor(largest * 166 - 0.5)))
    limit = (quantised + 1) / 166
    out = _base83(across - 1 + (down - 1) * 9, 1) + _base83(quantised, 1)
    out += _base83(_srgb(first[0]) << 16 | _srgb(first[1]) << 8 | _srgb(first[2]), 4)
    steps = [_step(value / limit) for value in rest]
    for red, green, blue in zip(steps[0::3], steps[1::3], steps[2::3], strict=True):
        value = red * 361 + green * 19 + blue
        out += _DIGITS[value // 83] + _DIGITS[value % 83]
    return out


@lru_cache(maxsize=16)
def _waves(count: int, size: int) -> list[list[float]]:
    return [[math.cos(math.pi * wave * (place + 0.5) / size) for place in range(size)] for wave in range(count)]


def _step(value: float) -> int:
    step = int(9.5 + 9 * math.sqrt(value)) if value >= 0 else math.floor(9.5 - 9 * math.sqrt(-value))
    return 18 if step > 18 else 0 if step < 0 else step


def _srgb(value: float) -> int:
    share = max(0.0, min(1.0, value))
    return round((share * 12.92 if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055) * 255)


def _base83(value: int, length: int) -> str:
    return "".join(_DIGITS[value // 83 ** (length - 1 - place) % 83] for place in range(length))


# --- covers in the folder -------------------------------------------------------------------------------------------

COVER_NAMES = ("cover", "folder", "front", "album", "albumart", "albumartlarge", "thumb", "artwork", "art")
"""Names without extension that mean the album's cover, the best first; `cover*` and `*front*` come after them."""
ARTIST_NAMES = ("artist", "band", "performer")
IMAGE_EXTENSIONS = ("jpg", "jpeg", "png", "webp", "avif", "gif", "bmp", "jfif", "tif", "tiff")
_NOT_FRONT = re.compile(r"back|inlay|inside|booklet|disc\b|cd\d*\b|matrix|obi|spine|tray|small")


def is_image_name(name: bytes) -> bool:
    """Say whether a file's name has the extension of a picture Segue shows."""
    return _parts(name)[1] in IMAGE_EXTENSIONS


def best_cover(names: Iterable[bytes]) -> bytes | None:
    """Return the name among a folder's entries that is the album's cover, or None.

    In order: the names of `COVER_NAMES`; names that begin with `cover` or contain `front`; a picture that is the only
    one there and says nothing else. Backs, booklets and discs are never taken. Equal names go by extension, then by
    bytes.
    """
    return _best(names, COVER_NAMES, loose=True)


def best_artist_image(names: Iterable[bytes]) -> bytes | None:
    """Return the name among a folder's entries that shows the artist, or None."""
    return _best(names, ARTIST_NAMES, loose=False)


def _best(names: Iterable[bytes], wanted: tuple[str, ...], *, loose: bool) -> bytes | None:
    ranked: list[tuple[int, int, bytes]] = []
    others: list[bytes] = []
    for name in names:
        stem, extension = _parts(name)
        if extension not in IMAGE_EXTENSIONS:
            continue
        order = IMAGE_EXTENSIONS.index(extension)
        if stem in wanted:
            ranked.append((wanted.index(stem), order, name))
        elif loose and not _NOT_FRONT.search(stem):
            if stem.startswith(("cover", "folder", "albumart")) or "front" in stem:
                ranked.append((len(wanted), order, name))
            elif stem not in ARTIST_NAMES:
                others.append(name)
        elif loose:
            others.append(b"")
    if ranked:
        return min(ranked)[2]
    return others[0] if len(others) == 1 and others[0] else None


def _parts(name: bytes) -> tuple[str, str]:
    stem, dot, extension = name.decode("utf-8", "replace").lower().rpartition(".")
    return (stem.strip(" ._-"), extension) if dot else (extension, "")
