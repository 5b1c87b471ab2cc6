"""From tags to fields and back: what is written is what is read."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from segue.library.scan.facts import Credit, TrackTags
from segue.library.scan.found import Found
from segue.library.scan.tags.track_tags import track_tags
from segue.library.writing import blocks
from segue.library.writing.fields import WRITABLE, changes_between, fields_of

FULL = TrackTags(
    title="Time", title_sort="Time", album="Dark Side", artist_display="A feat. B", album_artist_display="A",
    artists=(Credit("A", sort="A, The", mbid="1" * 8 + "-1111-1111-1111-" + "1" * 12, join_phrase=" feat. "),
             Credit("B", sort="B", mbid="2" * 8 + "-2222-2222-2222-" + "2" * 12)),
    album_artists=(Credit("A", "album_artist"),),
    credits=(Credit("C", "composer", sort="C, The"), Credit("P", "performer", instrument="guitar")),
    genres=("Rock",), labels=("Harvest",), catalog_numbers=("SHVL 804",), barcode="077774600125", date="1973-03-01",
    original_date="1973", disc_number=1, disc_total=2, track_number=4, track_total=10, compilation=True,
    release_types=("album", "live"), bpm=120.5, key="Am", comment="words", explicit=False, isrcs=("GBAYE7300123",),
    external_ids=(("discogs:release", "1"),),
)  # fmt: skip


def read_back(fields: dict[str, list[str]]) -> TrackTags:
    found = Found("flac")
    for field, values in fields.items():
        for value in values:
            found.add(field, value)
    return track_tags(found)


def test_reading_what_is_written_makes_the_same_tags() -> None:
    fields = fields_of(FULL)
    assert read_back(fields) == FULL
    assert fields.keys() <= WRITABLE


def test_only_what_an_edit_changes_is_written() -> None:
    assert changes_between(FULL, FULL) == {}
    assert changes_between(FULL, FULL._replace(title="Money")) == {"title": ["Money"]}
    assert changes_between(FULL, FULL._replace(genres=())) == {"genre": []}
    assert changes_between(FULL, FULL._replace(track_number=5)) == {"tracknumber": ["5"], "tracktotal": ["10"]}
    edited = FULL._replace(title="x", album="y")
    assert changes_between(FULL, edited, only=["album"]) == {"album": ["y"]}


def test_a_record_side_is_written_as_it_was_said() -> None:
    assert fields_of(TrackTags(track_number=1, track_position="A1"))["tracknumber"] == ["A1"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 3), st.randoms(use_true_random=False))
def test_a_block_gives_back_every_byte(small: bytes, other: bytes, pieces: int, chance: object) -> None:
    large = bytes(range(256)) * 1200
    old = small + large[: 70_000 * (pieces + 1)] + other + large
    new = other + large + small
    for head, tail in ((old, b""), (small, old), (b"", small)):
        block = blocks.pack(head, tail, new, other)
        assert blocks.unpack(block, new, other) == (head, tail)
