"""Covers drawn by code: five kinds of drawing in the record's own hue."""

from __future__ import annotations

import colorsys
import io
import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

SIZE = 1000
OVERSAMPLED = 2
Paint = Callable[[float, float, float], tuple[int, int, int]]


def cover(kind: str, hue: int, seed: int) -> bytes:
    """A square JPEG of 1000 pixels. Kinds: bars, moon, rain, dots, waves; `hue` in degrees."""
    rng = random.Random(seed)
    side = SIZE * OVERSAMPLED
    picture = Image.new("RGB", (side, side))
    draw = ImageDraw.Draw(picture)

    def paint(turn: float, lightness: float, saturation: float) -> tuple[int, int, int]:
        red, green, blue = colorsys.hls_to_rgb(((hue + turn) % 360) / 360, lightness, saturation)
        return round(red * 255), round(green * 255), round(blue * 255)

    DRAWINGS[kind](draw, side, paint, rng)
    out = io.BytesIO()
    picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()


def _bars(draw: ImageDraw.ImageDraw, side: int, paint: Paint, rng: random.Random) -> None:
    draw.rectangle((0, 0, side, side), paint(0, 0.82, 0.45))
    wide = side / 11
    for place in range(11):
        tall = side * rng.uniform(0.22, 0.9)
        color = paint(rng.uniform(-35, 45), rng.uniform(0.3, 0.6), 0.6)
        draw.rectangle((place * wide, side - tall, place * wide + wide * 0.78, side), color)


def _moon(draw: ImageDraw.ImageDraw, side: int, paint: Paint, rng: random.Random) -> None:
    draw.rectangle((0, 0, side, side), paint(0, 0.13, 0.45))
    x, y, r = side * rng.uniform(0.35, 0.65), side * rng.uniform(0.38, 0.5), side * 0.27
    draw.ellipse((x - r, y - r, x + r, y + r), paint(15, 0.66, 0.8))
    horizon = side * 0.64
    draw.rectangle((0, horizon, side, side), paint(-8, 0.22, 0.5))
    for row in range(7):
        wide, left = side * rng.uniform(0.14, 0.42), side * rng.uniform(0.1, 0.6)
        top = horizon + side * (0.035 + row * 0.046)
        draw.rectangle((left, top, left + wide, top + side * 0.013), paint(15, 0.6, 0.55))


def _rain(draw: ImageDraw.ImageDraw, side: int, paint: Paint, rng: random.Random) -> None:
    draw.rectangle((0, 0, side, side), paint(0, 0.9, 0.25))
    for _ in range(90):
        x, y = rng.uniform(-0.1, 1) * side, rng.uniform(-0.1, 1) * side
        long = side * rng.uniform(0.05, 0.22)
        color = paint(rng.uniform(-20, 40), rng.uniform(0.3, 0.7), 0.5)
        draw.line((x, y, x + long * 0.28, y + long), color, width=round(side * rng.uniform(0.004, 0.014)))


def _dots(draw: ImageDraw.ImageDraw, side: int, paint: Paint, rng: random.Random) -> None:
    draw.rectangle((0, 0, side, side), paint(0, 0.12, 0.5))
    step = side / 6
    for column in range(6):
        for row in range(6):
            r = step * rng.choice((0.08, 0.2, 0.3, 0.38))
            x, y = (column + 0.5) * step, (row + 0.5) * step
            draw.ellipse((x - r, y - r, x + r, y + r), paint(row * 14 - 30, 0.58, 0.62))


def _waves(draw: ImageDraw.ImageDraw, side: int, paint: Paint, rng: random.Random) -> None:
    draw.rectangle((0, 0, side, side), paint(10, 0.78, 0.5))
    shift = rng.uniform(0, math.tau)
    for band in range(6):
        base = side * (0.36 + band * 0.115)
        top = [(x, base + side * 0.075 * math.sin(shift + band * 0.6 + x / side * 5.2)) for x in range(0, side + 8, 8)]
        draw.polygon([*top, (side, side), (0, side)], paint(band * 7, 0.6 - band * 0.085, 0.45))


DRAWINGS: dict[str, Callable[[ImageDraw.ImageDraw, int, Paint, random.Random], None]] = {
    "bars": _bars,
    "moon": _moon,
    "rain": _rain,
    "dots": _dots,
    "waves": _waves,
}
