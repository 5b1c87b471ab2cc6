"""A block as rows of the two-file layout, table by table, ready to be written.

`Rows` is made from a Block's numbers; text is drawn kind by kind, so that a shorter block has the same rows as a longer
one has at its beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from segue.catalog.synth.blocks import TRACKS, Block, Numbers, artists_by
from segue.catalog.synth.text import (
    CLIENTS,
    FETCHED,
    GENRES,
    IMAGES,
    LANGUAGES,
    LARGE,
    LICENSORS,
    MARKETS,
    MIDDLE,
    OWN_NAMES,
    PREVIEWS,
    ROLES,
    SMALL,
    VERSIONS,
    Text,
    kept,
)
from segue.catalog.synth.words import SHARES, Vocabulary, titles

Row = tuple[Any, ...]
TAKEN_DOWN = 0.01
"""Albums without a name."""
OWN_LABEL = 0.45
WITH_UPC, WITH_ISRC, WITH_PREVIEW = 0.93, 0.99, 0.72
IMAGES_OF_ARTISTS = 0.5
GENRES_OF_ARTISTS = 0.075
"""Artists with genres: about two each, 0.145 in the middle."""
SECOND_ON_ALBUM = 0.09
WITHOUT_FILE, STRANGE_FILES = 0.005, 0.008
"""Tracks without a row in track_files, and rows there of tracks that do not exist."""


def scripts_of(artists: Numbers) -> Numbers:
    """In which script each artist writes (a number of SCRIPTS), always the same."""
    mixed = (artists.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    return np.searchsorted(np.cumsum(SHARES)[:-1], mixed.astype(np.float64) / 2**24, side="right")


def _some(chance: Numbers, entries: Sequence[str]) -> list[str]:
    """One of `entries` each, the first ones more often."""
    every = np.array(entries, dtype=object)
    return every[(chance * chance * len(every)).astype(np.int64)].tolist()  # type: ignore[no-any-return]


def artist_rows(seed: int, number: int, first: int, count: int, words: Vocabulary) -> dict[str, Iterable[Row]]:
    """Artists whose rowids are `first` … `first + count - 1`, with genres and pictures."""
    text = Text(seed, 2 * number)
    rowids = np.arange(first, first + count)
    rows = rowids.tolist()
    names = titles(words, text.draw(), text.draw(), scripts_of(rowids), longest=9, shares=(0.42, 0.92, 0.99))
    for row in OWN_NAMES.keys() & set(rows):
        names[row - first] = OWN_NAMES[row]
    draw = text.draw()
    luck = draw.standard_normal((count, 2))
    fame = 10 ** (1.1 + 1.2 * luck[:, 0]) * np.sqrt(20_000_000 / (rowids + 50))
    followers = np.minimum(fame, 120_000_000).astype(np.int64)
    popularity = np.clip(np.log10(followers + 1) * 11 + 6 * luck[:, 1] - 8, 0, 100).astype(np.int64)
    styled = np.flatnonzero(text.draw().random(count) < GENRES_OF_ARTISTS)
    genres = text.draw().random((count, 5))
    how_many = (genres[:, 4] * 3.2 + 0.7).astype(np.int64).clip(1, 4)
    pictured = np.flatnonzero(text.draw().random(count) < IMAGES_OF_ARTISTS)
    pictures = text.hexes(count, 24)
    return {
        "artists": zip(
            rows, text.ids(count), (rowids + FETCHED).tolist(), names, followers.tolist(), popularity.tolist(), strict=True
        ),
        "artist_genres": [
            (first + at, genre)
            for at in styled.tolist()
            for genre in dict.fromkeys(_some(genres[at, : int(how_many[at])], GENRES))
        ],
        "artist_images": [
            (first + at, side, side, f"{IMAGES}{kind}{pictures[at]}")
            for at in pictured.tolist()
            for side, kind in ((640, "ab6761610000e5eb"), (320, "ab67616100005174"), (160, "ab6761610000f178"))
        ],
    }  # fmt: skip


def _names(block: Block, text: Text, words: Vocabulary) -> tuple[list[str], list[str], list[str | None]]:
    """Title, title without its version, and version of each track; the same recording is called the same."""
    own = np.flatnonzero(block.root == np.arange(block.tracks))
    plain = titles(words, text.draw(), text.draw(), scripts_of(block.main[own]))
    draw = text.draw().random((TRACKS, 2))[own]
    versions = _some(draw[:, 1], VERSIONS)
    full = list(plain)
    version: list[str | None] = [None] * len(own)
    for at in np.flatnonzero(draw[:, 0] < 0.14).tolist():
        said = version[at] = versions[at]
        full[at] = f"{plain[at]} ({said})" if at % 2 else f"{plain[at]} - {said}"
    place = np.searchsorted(own, block.root)
    whose = place.tolist()
    return [full[i] for i in whose], [plain[i] for i in whose], [version[i] for i in whose]


def block_rows(seed: int, number: int, block: Block, albums_before: int, words: Vocabulary) -> dict[str, Iterable[Row]]:
    """The rows of a block's tracks and albums, by table; those of `track_files` are without their rowid."""
    text = Text(seed, 2 * number + 1)
    names, plain, version = _names(block, text, words)
    ids = text.ids(block.tracks)
    rows: dict[str, Iterable[Row]] = {}
    rows |= _album_rows(block, text, names, albums_before, words)
    rows |= _track_rows(block, text, names, ids, albums_before)
    rows |= _file_rows(block, text, plain, version, ids)
    return rows


def _album_rows(block: Block, text: Text, names: list[str], before: int, words: Vocabulary) -> dict[str, Iterable[Row]]:
    count = block.albums
    rows = range(before + 1, before + 1 + count)
    starts = (np.flatnonzero(block.position == 0)).tolist()
    called = titles(words, text.draw(), text.draw(), scripts_of(block.album_artist))
    down = text.draw().random(count) < TAKEN_DOWN
    sizes = block.size.tolist()
    called = [
        "" if gone else (names[start] if size == 1 else title)
        for title, start, size, gone in zip(called, starts, sizes, down.tolist(), strict=True)
    ]
    draw = text.draw().random((count, 6))
    years = (2025 - 60 * draw[:, 0] ** 3).astype(np.int64)
    months, days = 1 + (12 * draw[:, 1]).astype(np.int64), 1 + (28 * draw[:, 2]).astype(np.int64)
    exact = np.searchsorted(np.array([0.85, 0.87]), draw[:, 3], side="right").tolist()
    dates = [
        f"{y}-{m:02}-{d:02}" if p == 0 else f"{y}-{m:02}" if p == 1 else f"{y}"
        for y, m, d, p in zip(years.tolist(), months.tolist(), days.tolist(), exact, strict=True)
    ]
    kinds = np.where(draw[:, 4] < 0.04, 2, np.where(block.size <= 3, 0, 1)).tolist()
    labels = titles(
        words, text.draw(), text.draw(), np.zeros(count, dtype=np.int64), longest=7, shares=(0.2, 0.85, 0.97)
    )
    labels = [f"{label} Records" if at & 1 else label for at, label in enumerate(labels)]
    lines = [f"{year} {label}" for year, label in zip(years.tolist(), labels, strict=True)]
    codes = text.draw().integers(1_000_000_000, 889_999_999_999, size=count).tolist()
    upcs = kept([f"{code:012}" if code & 3 else f"0{code:012}" for code in codes], draw[:, 5] < WITH_UPC)
    pictures = text.hexes(count, 24)
    first = text.draw().random((count, 3))
    second = first[:, 0] < SECOND_ON_ALBUM
    markets = (1 + MARKETS * first[:, 1] ** 4).astype(np.int64)
    popularity = np.where(down, 0, block.album_popularity)
    return {
        "albums": zip(
            rows, text.ids(count), range(FETCHED + before, FETCHED + before + count), called,
            [("single", "album", "compilation")[kind] for kind in kinds], markets.tolist(), upcs, repeat(None),
            kept([f"© {line}" for line in lines], first[:, 2] < 0.86), kept([f"℗ {line}" for line in lines], first[:, 2] < 0.95),
            labels, popularity.tolist(), dates, [("day", "month", "year")[p] for p in exact], sizes,
        ),
        "album_images": [
            image
            for row, picture in zip(rows, pictures, strict=True)
            for image in (
                (row, 640, 640, f"{IMAGES}{LARGE}{picture}"),
                (row, 300, 300, f"{IMAGES}{MIDDLE}{picture}"),
                (row, 64, 64, f"{IMAGES}{SMALL}{picture}"),
            )
        ],
        "artist_albums": _artists_of_albums(block, before, second),
    }  # fmt: skip


def _artists_of_albums(block: Block, before: int, second: Numbers) -> list[Row]:
    """Who made each album, one artist or two, and who else is on it."""
    album = block.album_of[block.credited]
    others = np.flatnonzero(block.artist != block.album_artist[album])
    pairs = np.unique(album[others].astype(np.int64) << 40 | block.artist[others])
    made: list[Row] = []
    guests: dict[int, list[int]] = {}
    for pair in pairs.tolist():
        guests.setdefault(pair >> 40, []).append(pair & (1 << 40) - 1)
    for at, (artist, two) in enumerate(zip(block.album_artist.tolist(), second.tolist(), strict=True)):
        row = before + 1 + at
        made.append((artist, row, 0, 0, 0))
        heard = guests.get(at, ())
        for place, guest in enumerate(reversed(heard) if two else heard):
            made.append((guest, row, 0, 0, 1) if two and place == 0 else (guest, row, place & 1, 1 - (place & 1), None))
    return made


def _track_rows(
    block: Block, text: Text, names: list[str], ids: list[str], albums_before: int
) -> dict[str, Iterable[Row]]:
    count, root = block.tracks, block.root
    whose = root.tolist()
    isrcs = kept(text.isrcs(count), text.draw().random(TRACKS)[:count] < WITH_ISRC)
    draw = text.draw().random((TRACKS, 4))[:count]
    duration = (text.draw().lognormal(12.24, 0.34, TRACKS)[:count]).astype(np.int64).clip(15_000, 5_400_000)[root]
    clips = text.hexes(count, 40)
    clients = _some(text.draw().random(count), CLIENTS)
    previews = kept(
        [f"{PREVIEWS}{one}?cid={two}" for one, two in zip(clips, clients, strict=True)], draw[:, 0] < WITH_PREVIEW
    )
    discs = np.where(block.size[block.album_of] > 24, 1 + block.position // 20, 1)
    number = np.where(discs > 1, block.position - (discs - 1) * 20, block.position) + 1
    first = block.first + 1
    late = draw[:, 2] < 0.005
    order = np.argsort(late[block.credited], kind="stable")
    return {
        "tracks": zip(
            range(first, first + count), ids, range(FETCHED + first, FETCHED + first + count), names, previews,
            (block.album_of + (albums_before + 1)).tolist(), number.tolist(), [isrcs[i] for i in whose],
            repeat(None), repeat(None), block.popularity.tolist(),
            (1 + MARKETS * draw[:, 3] ** 4).astype(np.int64).tolist(), discs.tolist(), duration.tolist(),
            (draw[:, 1] < 0.12).astype(np.int64)[root].tolist(),
        ),
        "track_artists": zip((block.credited[order] + first).tolist(), block.artist[order].tolist(), strict=True),
    }  # fmt: skip


def _file_rows(
    block: Block, text: Text, plain: list[str], version: list[str | None], ids: list[str]
) -> dict[str, Iterable[Row]]:
    """Nearly every track has a row, in another order; a few rows are of tracks that are not there."""
    order = text.draw().permutation(block.tracks)
    draw = text.draw().random((TRACKS, 8))[: block.tracks]
    there = draw[:, 6] < 1 - WITHOUT_FILE
    order, draw = order[there], draw[there]
    count = len(order)
    whose = order.tolist()
    loaded, known, spoken = draw[:, 0] < 0.33, draw[:, 1] < 0.65, draw[:, 2] < 0.72
    tracks = [ids[at] for at in whose]
    strangers = np.flatnonzero(draw[:, 6] < STRANGE_FILES)
    for at, id in zip(strangers.tolist(), text.ids(len(strangers)), strict=True):
        tracks[at] = id
    popularity = block.popularity[order]
    has = loaded.tolist()
    languages = _some(draw[:, 3], [f'["{language}"]' for language in LANGUAGES] + ['["en","es"]'])
    more = np.minimum(block.credits[order] - 1, 5).tolist()
    kinds = (draw[:, 4] ** 2 * 6).astype(np.int64).tolist()
    lyrics = np.searchsorted(np.array([0.45, 0.80]), draw[:, 5], side="right").tolist()
    packets = text.draw().bytes(count * 44)
    rows = zip(
        tracks,
        [f"{id}.ogg" if kept else None for id, kept in zip(tracks, has, strict=True)],
        kept(75, loaded & (popularity == 0)),
        range(FETCHED + block.first, FETCHED + block.first + count),
        _some(draw[:, 7], ("US", "DE", "GB", "SE", "BR")),
        text.some_hexes(loaded, 64),
        text.some_hexes(loaded, 64),
        np.where(loaded, "success", "todo").tolist(),
        loaded.astype(np.int64).tolist(),
        popularity.tolist(),
        draw[:, 4].tolist(),
        [packets[at : at + 44] if kept else None for at, kept in zip(range(0, 44 * count, 44), has, strict=True)],
        [f'["{id}"]' if rare else None for id, rare in zip(tracks, (draw[:, 4] < 0.1).tolist(), strict=True)],
        *(text.some_hexes(known, 40) for _ in range(4)),
        kept(languages, spoken),
        kept([ROLES[others][kind] for others, kind in zip(more, kinds, strict=True)], spoken),
        [(1, 0, None)[which] for which in lyrics],
        _some(text.draw().random(count), LICENSORS),
        kept([plain[at] for at in whose], known),
        [version[at] for at in whose],
        text.some_hexes(draw[:, 1] < 0.3, 40),
        kept('["explicit"]', draw[:, 1] > 0.9),
        kept((2e6 + 8e6 * draw[:, 7]).astype(np.int64), loaded),
        strict=True,
    )
    return {"track_files": rows}


def feature_rows(seed: int, number: int, block: Block, ids: list[str]) -> list[Row]:
    """Audio features of a block's tracks, by track, without their rowid: key -1 to 11, tempo in beats a minute."""
    count = block.tracks
    draw = np.random.Generator(np.random.SFC64([seed, number, 0xFEA])).random((TRACKS, 13))[:count]
    unknown = (draw[:, 0] < 0.015).tolist()
    shares = np.round(draw[:, 1:8], 4).T.tolist()
    rows = zip(
        ids, repeat(FETCHED), repeat(0), (120_000 + 180_000 * draw[:, 8]).astype(np.int64).tolist(),
        np.where(draw[:, 9] < 0.9, 4, 3).tolist(), np.round(60 + 130 * draw[:, 9], 3).tolist(),
        ((13 * draw[:, 10]).astype(np.int64) - 1).tolist(), (draw[:, 11] < 0.6).astype(np.int64).tolist(),
        shares[0], shares[1], np.round(-40 * draw[:, 12] ** 2, 3).tolist(), *shares[2:],
        strict=False,
    )  # fmt: skip
    return [(row[0], FETCHED, 1, *[None] * 13) if nothing else row for row, nothing in zip(rows, unknown, strict=True)]


def artists_of(first: int, tracks: int) -> tuple[int, int]:
    """The first rowid and the number of artists that come with these tracks."""
    before = artists_by(first) if first else 0
    return before + 1, artists_by(first + tracks) - before
