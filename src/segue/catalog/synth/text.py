"""The text of made-up rows beside their titles: ids, hashes, codes, labels, lines of copyright, lists as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ALPHABET = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype=np.uint8)
ID_LENGTH = 22
FETCHED = 1_751_328_000_000
"""When the made-up catalogue began to be fetched: milliseconds since 1970."""

IMAGES = "https://images.catalogue.example/"
PREVIEWS = "https://p.catalogue.example/mp3/"
LARGE, MIDDLE, SMALL = "ab67616d0000b273", "ab67616d00001e02", "ab67616d00004851"
"""How the address of a picture begins, for 640, 300 and 64 pixels."""

MARKETS = 400
COUNTRIES = (
    "US",
    "GB",
    "DE",
    "FR",
    "SE",
    "JP",
    "BR",
    "NL",
    "QZ",
    "QM",
    "TC",
    "IT",
    "ES",
    "CA",
    "AU",
    "FI",
    "KR",
    "MX",
    "IN",
)
LANGUAGES = ("en", "es", "ja", "zh", "ru", "ko", "ar", "pt", "fr", "de", "it", "zxx")
GENRES = tuple(
    f"{left}{right}"
    for left in ("", "indie ", "latin ", "deep ", "dark ", "nordic ", "french ", "japanese ", "classic ", "lo-fi ", "vintage ")
    for right in (
        "pop", "rock", "jazz", "house", "techno", "ambient", "metal", "folk", "soul", "hip hop", "funk", "punk", "blues", "r&b",
        "classical", "disco", "country", "reggae", "trance", "drum and bass", "samba", "chanson", "enka", "choro", "k-pop",
    )
)  # fmt: skip
VERSIONS = (
    "Live", "Remastered 2011", "Radio Edit", "Acoustic", "Instrumental", "Remix", "Extended Mix", "Demo", "Sped Up",
    "Karaoke Version", "Live at the Old Theatre, Second Night", "2019 Remaster", "Bonus Track", "Original Mix",
)  # fmt: skip
"""Words behind a title, as `(Live)` or ` - Remastered 2011`."""
_ROLES = ("featured_artist", "composer", "producer", "lyricist", "remixer", "performer")
ROLES = tuple(
    tuple('["main_artist"' + "".join(f',"{_ROLES[(kind + i) % 6]}"' for i in range(more)) + "]" for kind in range(6))
    for more in range(6)
)
"""JSON by the number of credits behind the first, and by kind."""
CLIENTS = tuple(f"{number:032x}" for number in (0x9E3779B97F4A7C15F39CC0605CEDC835, 0xC2B2AE3D27D4EB4F165667B19E3779F9))
"""Who asked for a preview is part of its address; whoever fetches a catalogue does so under a few names."""
LICENSORS = tuple(f"{(number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % (1 << 128):032x}" for number in range(1, 2_001))
OWN_NAMES = {
    7: "!!!",
    11: "AC/DC",
    13: "Sigur Rós",
    17: "Мумий Тролль",
    19: "東京事変",
    23: "방탄소년단",
    29: "Björk",
    31: "+/-",
    37: "A",
}
"""Artists whose names are hard to find, by number, so that they are in every catalogue."""


class Text:
    """Text drawn for one block. Each kind of it has random numbers of its own, so that one kind never moves another."""

    def __init__(self, seed: int, block: int) -> None:
        self._seed = (seed, block)
        self._kinds = 0

    def draw(self) -> np.random.Generator:
        """Random numbers for the next kind; kinds are told apart by the order in which they are asked for."""
        self._kinds += 1
        return np.random.Generator(np.random.SFC64([*self._seed, self._kinds]))

    def ids(self, count: int) -> list[str]:
        """Base62 of 22 signs, below 2^128."""
        signs = np.frombuffer(self.draw().bytes(count * ID_LENGTH), dtype=np.uint8).reshape(count, ID_LENGTH) % 62
        signs[:, 0] %= 7
        return _cut(ALPHABET[signs].tobytes().decode(), ID_LENGTH)

    def hexes(self, count: int, length: int) -> list[str]:
        return _cut(self.draw().bytes(count * length // 2).hex(), length)

    def some_hexes(self, keep: NDArray[Any], length: int) -> list[str | None]:
        """One for each true entry of `keep`, None for the others; made only where it is kept."""
        made = np.full(len(keep), None, dtype=object)
        made[keep] = self.hexes(int(keep.sum()), length)
        return made.tolist()  # type: ignore[no-any-return]

    def isrcs(self, count: int) -> list[str]:
        """Country, registrant, year, number; four in a thousand in lower case or with hyphens, as they also come."""
        draw = self.draw().random((count, 7))
        country = (draw[:, 0] ** 2 * len(COUNTRIES)).astype(np.int64).tolist()
        registrant = ALPHABET[36 + (26 * draw[:, 1:4]).astype(np.int64)].tobytes().decode()
        year = ((90 + (36 * draw[:, 4]).astype(np.int64)) % 100).tolist()
        number = (100_000 * draw[:, 5]).astype(np.int64).tolist()
        codes = [
            f"{COUNTRIES[land]}{registrant[at : at + 3]}{when:02}{what:05}"
            for land, at, when, what in zip(country, range(0, 3 * count, 3), year, number, strict=True)
        ]
        for at in np.flatnonzero(draw[:, 6] < 0.004).tolist():
            code = codes[at]
            codes[at] = code.lower() if at % 2 else f"{code[:2]}-{code[2:5]}-{code[5:7]}-{code[7:]}"
        return codes


def _cut(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(0, len(text), length)]


def kept(values: Any, keep: NDArray[Any]) -> list[Any]:
    """`values` (a list, an array or one for all), None where they are not kept."""
    made = np.full(len(keep), None, dtype=object)
    made[keep] = np.asarray(values, dtype=object)[keep] if isinstance(values, (list, np.ndarray)) else values
    return made.tolist()  # type: ignore[no-any-return]


def markets() -> list[str]:
    """MARKETS sets of countries, the widest first."""
    codes = [f"{first}{second}" for first in "ABCDEFGHIKLMNPRSTUVZ" for second in "AEFGILMNRT"][:184]
    draw = np.random.Generator(np.random.SFC64(184))
    sets = {",".join(codes[: 184 - left]): None for left in range(60)}
    while len(sets) < MARKETS:
        sets[",".join(sorted(draw.choice(codes, size=int(draw.integers(1, 10)), replace=False).tolist()))] = None
    return list(sets)
