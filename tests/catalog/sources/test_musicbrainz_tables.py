from __future__ import annotations

import bz2
from pathlib import Path
from typing import Any

import pytest

from segue.catalog.records import Album, Artist, Source, Track
from segue.catalog.sources import open_source
from segue.catalog.sources.errors import NoSource
from segue.catalog.sources.musicbrainz.tables.scratch import values
from tests.catalog.dumps import copied, mbid, tables, world, write_documents, write_tables


def everything(source: Source) -> tuple[dict[int, Artist], dict[int, Album], dict[int, Track]]:
    found: tuple[Any, Any, Any] = ({}, {}, {})
    for kind, records in zip(found, (source.artists(), source.albums(), source.tracks()), strict=True):
        for record in records:
            assert record.key not in kind
            kind[record.key] = record
    return found


def without_merged(made: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    for things in made.values():
        for thing in things:
            thing["old"] = []
    return made


@pytest.mark.parametrize("derived", [False, True], ids=["core", "derived"])
def test_tables_and_documents_of_one_world_give_the_same_records(tmp_path: Path, derived: bool) -> None:
    made = without_merged(world(25))
    by_documents = open_source(musicbrainz=write_documents(tmp_path / "json", made), derived=derived)
    by_tables = open_source(musicbrainz=write_tables(tmp_path / "tables", made), derived=derived)
    for told, joined in zip(everything(by_documents), everything(by_tables), strict=True):
        assert told.keys() == joined.keys()
        for key, record in told.items():
            assert joined[key] == record
    assert by_tables.damage == []
    assert by_documents.counts() == by_tables.counts()


def test_ids_that_were_merged_lead_to_what_they_were_merged_into(tmp_path: Path) -> None:
    artists, albums, tracks = everything(open_source(musicbrainz=write_tables(tmp_path, world())))
    assert any(f"musicbrainz:artist:{mbid('old-artist', 1)}" in artist.ids for artist in artists.values())
    album = next(album for album in albums.values() if album.id == mbid("release", 6))
    assert f"musicbrainz:release:{mbid('old-release', 6)}" in album.ids
    assert f"musicbrainz:release-group:{mbid('old-group', 6)}" in album.ids
    assert any(f"musicbrainz:recording:{mbid('old-recording', 6)}" in track.ids for track in tracks.values())


def test_unpacked_tables_are_read_where_they_lie(tmp_path: Path) -> None:
    core, _ = tables(world(3))
    (tmp_path / "mbdump").mkdir()
    for name, rows in core.items():
        (tmp_path / "mbdump" / name).write_bytes(copied(rows))
    source = open_source(musicbrainz=tmp_path)
    assert len(list(source.albums())) == 3 and source.damage == []


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("1\tplain", ["1", "plain"]),
        ("1\t\\N\t", ["1", None, ""]),
        ("a\\tb\\nc\\\\d", ["a\tb\nc\\d"]),
        ("\\\\N\t\\N", ["\\N", None]),
        ("\\\\\\\\N", ["\\\\N"]),
        ("\\101\\x42\\q", ["ABq"]),
        ("\\\\t", ["\\t"]),
    ],
)
def test_copys_text_format_is_read_as_postgresql_writes_it(line: str, row: list[str | None]) -> None:
    assert values(line) == row


def test_a_row_that_cannot_be_is_left_out_and_named(tmp_path: Path) -> None:
    core, _ = tables(world(3))
    (tmp_path / "mbdump").mkdir()
    for name, rows in core.items():
        text = copied(rows)
        if name == "label":
            text = b"7\tonly two\n" + text + b"\xff\xfe\tx\ty\n"
        (tmp_path / "mbdump" / name).write_bytes(text)
    source = open_source(musicbrainz=tmp_path)
    assert len(list(source.albums())) == 3
    short, wrong = source.damage
    assert short.place == "byte 0 of label" and "2 columns where 3" in short.why
    assert wrong.place == f"byte {11 + len(copied(core['label']))} of label" and "left out" in wrong.why


def test_a_truncated_archive_is_named_and_what_came_before_is_kept(tmp_path: Path) -> None:
    folder = write_tables(tmp_path, world(), derived=False)
    path = folder / "mbdump.tar.bz2"
    path.write_bytes(bz2.compress(bz2.decompress(path.read_bytes())[:-9_000], 1))
    source = open_source(musicbrainz=folder)
    assert list(source.artists())
    (damage,) = source.damage
    assert damage.file == str(path) and "ends" in damage.why


def test_a_newer_schema_is_told(tmp_path: Path) -> None:
    path = write_tables(tmp_path, world(2), derived=False) / "mbdump.tar.bz2"
    path.write_bytes(bz2.compress(bz2.decompress(path.read_bytes()).replace(b"31\n", b"99\n", 1), 1))
    source = open_source(musicbrainz=tmp_path)
    assert len(list(source.albums())) == 2
    (damage,) = source.damage
    assert "schema 99" in damage.why


def test_genres_without_their_dump_are_told(tmp_path: Path) -> None:
    with pytest.raises(NoSource, match="mbdump-derived"):
        open_source(musicbrainz=write_tables(tmp_path, world(2), derived=False), derived=True)
    with pytest.raises(NoSource, match="has no dump of MusicBrainz"):
        open_source(musicbrainz=tmp_path / "elsewhere")
