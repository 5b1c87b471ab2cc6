"""What is written is read again: every format gives back the list that went into it, as far as it has a place for it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segue.playlists.exchange.events import Entry, ListHead
from segue.playlists.exchange.formats import read
from segue.playlists.exchange.outgoing import OutList, OutRow
from segue.playlists.exchange.writing import OUT, OutFormat, encoded, file_name

WORD = st.text(alphabet="aB0é愛Ωä&<>\"',;|%#=[]{}!–🎵\\/:", min_size=1, max_size=8)
TEXT = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
ANY_TEXT = st.just("") | TEXT
PATH = st.lists(
    WORD.map(lambda word: word.replace("/", "_").replace("\\", "_").strip(". #") or "x"), min_size=1, max_size=3
)
IDS = st.fixed_dictionaries(
    {},
    optional={
        "musicbrainz:recording": st.uuids().map(str), "isrc": st.just("GBAAA9400001"),
        "spotify:track": st.just("6rqhFgbbKwnb9MLmUQDhG6"), "youtube:video": st.just("dQw4w9WgXcQ"),
    },
)  # fmt: skip
ROW = st.builds(
    OutRow,
    title=TEXT,
    artist=TEXT,
    album=ANY_TEXT,
    album_artist=ANY_TEXT,
    duration_ms=st.none() | st.integers(1, 10_000_000),
    disc=st.none() | st.integers(1, 9),
    position=st.none() | st.integers(1, 99),
    track_id=st.none() | st.integers(1, 10**6),
    external_ids=IDS,
    location=PATH.map(lambda parts: "/".join(("music", *parts)) + ".flac"),
    comment=ANY_TEXT,
)


def through(fmt: OutFormat, playlist: OutList, rows: Sequence[OutRow]) -> tuple[ListHead, list[Entry]]:
    data = b"".join(encoded(OUT[fmt].pieces(playlist, rows)))
    found = list(read(io.BytesIO(data), file_name("Given", OUT[fmt].extension)))
    heads = [event for event in found if isinstance(event, ListHead)]
    return heads[-1] if heads else ListHead(0, ""), [event for event in found if isinstance(event, Entry)]


@pytest.mark.parametrize("fmt", ["m3u8", "xspf", "jspf", "csv"])
@settings(max_examples=50, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(name=TEXT, rows=st.lists(ROW, min_size=1, max_size=5))
def test_a_list_comes_back_as_it_went_out(fmt: OutFormat, name: str, rows: list[OutRow]) -> None:
    head, entries = through(fmt, OutList(name), rows)
    assert head.name == name
    assert [
        (one.title, one.artist, one.album, one.duration_ms, dict(one.external_ids), one.location) for one in entries
    ] == [
        (
            row.title,
            row.artist.replace(";", ", ") if fmt == "csv" else row.artist,
            row.album,
            row.duration_ms,
            row.all_ids(),
            row.location,
        )
        for row in rows
    ]
    assert [one.comment for one in entries] == [row.comment for row in rows]
    if fmt != "m3u8":
        assert [(one.disc, one.position) for one in entries] == [(row.disc, row.position) for row in rows]


@settings(max_examples=50, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(name=TEXT, rows=st.lists(ROW, min_size=1, max_size=5))
def test_a_pls_keeps_the_order_the_files_and_whole_seconds(name: str, rows: list[OutRow]) -> None:
    head, entries = through("pls", OutList(name), rows)
    assert head.name == name
    assert [one.location for one in entries] == [row.location for row in rows]
    for one, row in zip(entries, rows, strict=True):
        assert f"{one.artist} - {one.title}" == f"{row.artist} - {row.title}"
        assert abs((one.duration_ms or 0) - (row.duration_ms or 0)) <= 500


@pytest.mark.parametrize("fmt", ["m3u8", "xspf", "jspf", "csv"])
def test_a_row_without_a_file_goes_out_and_comes_back(fmt: OutFormat) -> None:
    _, (one,) = through(fmt, OutList("x"), [OutRow("# Roads", "Portishead", location="")])
    assert (one.title, one.artist, one.location) == ("# Roads", "Portishead", "")


def test_bytes_of_a_path_that_are_no_text_are_kept() -> None:
    path = b"Ann/caf\xe9.flac".decode("utf-8", "surrogateescape")
    data = b"".join(encoded(OUT["m3u8"].pieces(OutList("x"), [OutRow("a", location=path)])))
    assert b"Ann/caf\xe9.flac\n" in data
    _, (one,) = through("xspf", OutList("x"), [OutRow("a", location=path)])
    assert one.location == path


def test_a_list_s_name_makes_a_name_of_a_file() -> None:
    assert file_name("AC/DC: best?", ".m3u8").count("/") == 0
    assert file_name("\n", ".csv") == "Playlist.csv"
