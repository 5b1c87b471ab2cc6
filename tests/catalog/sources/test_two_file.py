"""The two-file layout as a source: what its rows become, that what it lacks is named, that damage stays where it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from segue.catalog.build import fragments
from segue.catalog.records import Counts, Image
from segue.catalog.sources import beside, open_source, two_file
from segue.catalog.sources.columns import CutOff, NotADatabase, WrongSchema
from segue.catalog.sources.two_file import TwoFileSource
from segue.catalog.synth import tables
from segue.catalog.synth.making import make
from tests.catalog.two_files import Expected, Layout

PAGE = 4096


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up catalogue of more tracks than are read at once."""
    folder = tmp_path_factory.mktemp("made")
    make(folder, 6_000, features=True)
    return folder


def opened(folder: Path, *, features: bool = False) -> TwoFileSource:
    return TwoFileSource(folder / tables.MAIN, folder / tables.FILES, folder / tables.FEATURES if features else None)


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    for file in made.iterdir():
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


def test_every_row_becomes_the_document_that_plain_questions_give(made: Path) -> None:
    expected = Expected(made / tables.MAIN, made / tables.FILES)
    with opened(made) as source:
        read = msgspec.json.decode
        artists = {one.key: read(fragments.artist_document(one)) for one in source.artists()}
        albums = {one.key: one for one in source.albums()}
        for key, artist in islice(artists.items(), 0, None, 7):
            assert artist == expected.artist(key)
        for key, album in islice(albums.items(), 0, None, 17):
            whole = read(fragments.album_document(album))
            credited = {"artists": [artists[one] for one in album.artists]} if album.artists else {}
            assert whole | credited == expected.album(key)
        seen = 0
        for track in source.tracks():
            seen += 1
            if seen % 97 and len(track.artists) < 4:
                continue
            whole = read(fragments.track_document(track))
            credited = {"artists": [artists[one] for one in track.artists]} if track.artists else {}
            assert whole | credited == expected.track(track.key, album=False)
            assert track.album in albums
        assert (seen, len(albums), len(artists)) == tuple(msgspec.structs.astuple(source.counts()))
        assert source.damage == []


def test_a_stream_goes_on_behind_where_another_one_was(made: Path) -> None:
    with opened(made) as source:
        for stream in (source.artists, source.albums, source.tracks):
            whole = [record.key for record in stream()]
            begun = stream()
            first = [next(begun).key for _ in range(3)]
            assert source.position == str(first[-1])
            assert first + [record.key for record in stream(source.position)] == whole
            assert list(stream(str(whole[-1]))) == []


def test_credits_come_in_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    for row in range(1, 6):
        layout.add("artists", rowid=row, id=f"artist{row}", name=f"Artist {row}")
    layout.add("albums", rowid=1, id="album1", name="One")
    layout.add("tracks", rowid=1, id="track1", name="First")
    layout.add("tracks", rowid=2, id="track2", name="Second")
    for track, artist in ((2, 5), (1, 4), (2, 1), (1, 2), (2, 3)):
        layout.add("track_artists", track_rowid=track, artist_rowid=artist)
    for artist, index in ((5, None), (4, 2), (3, 0), (1, 1), (2, None)):
        layout.add("artist_albums", artist_rowid=artist, album_rowid=1, index_in_album=index)
    for side in (640, 300, 64):
        layout.add("album_images", album_rowid=1, width=side, height=side, url=f"https://i.example/{side}")
    with TwoFileSource(*layout.done().paths) as source:
        assert [track.artists for track in source.tracks()] == [(4, 2), (5, 1, 3)]
        (album,) = source.albums()
        assert album.artists == (3, 1, 4)
        assert album.appears == (5, 2)
        assert album.images == tuple(Image(f"https://i.example/{side}", side, side) for side in (640, 300, 64))


def test_what_the_other_files_say_is_joined_and_what_they_lack_is_empty(tmp_path: Path) -> None:
    layout = Layout(tmp_path, features=True)
    for row in (1, 2, 3):
        layout.add("tracks", rowid=row, id=f"track{row}", name="Song", explicit=row == 1)
    layout.add(
        "track_files", track_id="track2", has_lyrics=0, original_title="Song", version_title="Live",
        language_of_performance='["en","zxx"]', artist_roles='["main_artist"]',
    )  # fmt: skip
    layout.add("track_files", track_id="track3", language_of_performance="not JSON", artist_roles="[1]", has_lyrics=1)
    layout.add("track_files", track_id="nobody", original_title="Nothing")
    layout.add("track_audio_features", track_id="track1", tempo=120.5, key=-1, mode=0, energy=0.25)
    layout.add("track_audio_features", track_id="track2", null_response=1)
    with TwoFileSource(*layout.done().paths) as source:
        first, second, third = source.tracks()
    assert (first.has_lyrics, first.languages, first.explicit) == (None, (), True)
    assert first.more == {"features": {"tempo": 120.5, "key": -1, "mode": 0, "energy": 0.25}}
    assert (second.has_lyrics, second.languages, second.artist_roles) == (False, ("en", "zxx"), ("main_artist",))
    assert (second.original_title, second.version_title, second.more) == ("Song", "Live", None)
    assert (third.has_lyrics, third.languages, third.artist_roles) == (True, (), ())
    assert {(damage.file, damage.place) for damage in source.damage} == {
        (tables.FILES, "language_of_performance of track3"),
        (tables.FILES, "artist_roles of track3"),
    }


def test_without_the_other_files_tracks_are_what_the_main_one_says(made: Path) -> None:
    with TwoFileSource(made / tables.MAIN) as alone, opened(made, features=True) as all_three:
        track, whole = next(alone.tracks()), next(all_three.tracks())
    assert (track.id, track.isrcs, track.artists) == (whole.id, whole.isrcs, whole.artists)
    assert (track.original_title, track.artist_roles, track.more) == (None, (), None)


def test_bad_rows_are_given_as_they_are_or_mended_and_never_end_the_stream(tmp_path: Path) -> None:
    layout = Layout(tmp_path, strict=False)
    layout.add("albums", rowid=1, id="album1", name=None, label=None)
    layout.add("tracks", rowid=1, id="same", name="One", external_id_isrc="us-abc-12-00001")
    layout.add("tracks", rowid=2, id="same", name="Two", popularity="41")
    layout.add("tracks", rowid=3, id="not base62!", name="Three", album_rowid=999)
    layout.add("tracks", rowid=4, id="fine", name="Four", duration_ms="a while")
    layout.add("tracks", rowid=5, id=None, name=b"\xffFive", track_number=None)
    layout.add("tracks", rowid=7, id="last", name="Seven")
    layout.add("track_artists", track_rowid=1, artist_rowid=999)
    layout.add("track_artists", track_rowid=6, artist_rowid=1)
    with TwoFileSource(*layout.done().paths) as source:
        tracks = list(source.tracks())
        (album,) = source.albums()
    assert [(track.key, track.id, track.name) for track in tracks] == [
        (1, "same", "One"), (2, "same", "Two"), (3, "not base62!", "Three"), (7, "last", "Seven")
    ]  # fmt: skip
    assert tracks[0].isrcs == ("us-abc-12-00001",)
    assert tracks[0].artists == (999,)
    assert (tracks[1].popularity, tracks[2].album) == (41, 999)
    assert (album.name, album.label) == ("", "")
    told = {damage.place: damage.why for damage in source.damage}
    assert "duration_ms is 'a while'" in told["tracks rowid 4"]
    assert "rowid 5" in " ".join(told)


def dropped(change: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        for file in (tables.MAIN, tables.FILES, tables.FEATURES):
            database = sqlite3.connect(folder / file)
            if database.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (change.split()[2],)).fetchone():
                database.execute(change)
                database.commit()
            database.close()

    return apply


@pytest.mark.parametrize(
    ("change", "file", "missing"),
    [
        ("ALTER TABLE albums DROP COLUMN copyright_p", tables.MAIN, "column albums.copyright_p"),
        ("ALTER TABLE tracks RENAME TO songs", tables.MAIN, "table tracks"),
        ("DROP INDEX track_artists_track_id", tables.MAIN, "index on track_artists(track_rowid)"),
        ("ALTER TABLE track_files DROP COLUMN has_lyrics", tables.FILES, "column track_files.has_lyrics"),
        ("DROP INDEX clean_track_files_track_id_unique", tables.FILES, "index on track_files(track_id)"),
        (
            "ALTER TABLE track_audio_features DROP COLUMN valence",
            tables.FEATURES,
            "column track_audio_features.valence",
        ),
    ],
)
def test_what_is_missing_is_named_with_its_file(copied: Path, change: str, file: str, missing: str) -> None:
    dropped(change)(copied)
    with pytest.raises(WrongSchema) as refused:
        opened(copied, features=True)
    assert refused.value.missing == (missing,)
    assert str(copied / file) in refused.value.message
    assert missing in refused.value.message


def test_what_is_no_database_is_named(made: Path, tmp_path: Path) -> None:
    absent, empty, other = tmp_path / "absent", tmp_path / "empty", tmp_path / "other"
    empty.touch()
    other.write_bytes(b"PK\x03\x04" * 100)
    for file in (absent, empty, other):
        with pytest.raises(NotADatabase, match=str(file)):
            TwoFileSource(file)
        with pytest.raises(NotADatabase, match=str(file)):
            TwoFileSource(made / tables.MAIN, file)
    assert not absent.exists()
    assert empty.stat().st_size == 0


def test_a_file_that_is_cut_off_is_named_with_where_it_ends(copied: Path) -> None:
    file = copied / tables.MAIN
    whole = file.stat().st_size
    os.truncate(file, whole // 2 + 100)
    with pytest.raises(CutOff) as refused:
        opened(copied)
    assert refused.value.params == {"file": str(file), "offset": whole // 2 + 100, "expected": whole}
    with pytest.raises(NotADatabase, match="malformed"):
        TwoFileSource(file, rest=True)


def test_what_there_is_of_a_file_that_is_cut_off_is_read_when_asked(copied: Path) -> None:
    file = copied / tables.FILES
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(CutOff, match=tables.FILES):
        opened(copied)
    with open_source(main=copied / tables.MAIN, files=file, rest=True) as source:  # type: ignore[attr-defined]
        assert isinstance(source, TwoFileSource)
        assert sum(1 for _ in source.tracks()) == 6_000
        assert source.damaged >= 1
        assert {damage.file for damage in source.damage} == {tables.FILES}


def page_of(file: Path, text: str) -> int:
    """The offset of the page that holds a text which is nowhere else."""
    data = file.read_bytes()
    at = data.index(text.encode())
    assert data.find(text.encode(), at + 1) < 0
    return at // PAGE * PAGE


def overwrite(file: Path, offset: int) -> None:
    with file.open("rb+") as handle:
        handle.seek(offset)
        handle.write(b"\xff" * PAGE)


def test_a_damaged_page_is_named_by_its_rows_and_the_rest_is_kept(copied: Path) -> None:
    file = copied / tables.MAIN
    database = sqlite3.connect(file)
    (row, preview) = database.execute(
        "SELECT rowid, preview_url FROM tracks WHERE rowid > 3000 AND preview_url IS NOT NULL LIMIT 1"
    ).fetchone()
    rows = [track for (track,) in database.execute("SELECT rowid FROM tracks ORDER BY rowid")]
    database.close()
    overwrite(file, page_of(file, preview))
    with opened(copied) as source:
        kept = [track.key for track in source.tracks()]
        again = [track.key for track in source.tracks()]
    lost = sorted(set(rows) - set(kept))
    assert kept == again == [track for track in rows if track not in lost]
    assert row in lost
    assert lost == list(range(lost[0], lost[-1] + 1))
    assert len(lost) < 60
    assert {(damage.file, damage.place, damage.why) for damage in source.damage} == {
        (tables.MAIN, f"tracks rowid {lost[0]} to {lost[-1]}", "database disk image is malformed")
    }


def test_a_damaged_page_of_another_table_takes_only_what_it_held(copied: Path) -> None:
    files = copied / tables.FILES
    database = sqlite3.connect(files)
    (id, number) = database.execute(
        "SELECT track_id, file_id_aac_24 FROM track_files WHERE rowid > 2000 AND file_id_aac_24 NOT NULL"
    ).fetchone()
    database.close()
    overwrite(files, page_of(files, number))
    with opened(copied) as source:
        tracks = {track.id: track for track in source.tracks()}
    assert len(tracks) == 6_000
    assert tracks[id].languages == ()
    assert 1 <= source.damaged < 60
    assert all(damage.file == tables.FILES for damage in source.damage)
    assert any(id in damage.place for damage in source.damage)


def test_text_that_is_not_utf8_is_kept_as_far_as_it_is_and_named(copied: Path) -> None:
    database = sqlite3.connect(copied / tables.MAIN)
    database.execute("UPDATE tracks SET name = CAST(x'41ff42' AS TEXT) WHERE rowid = 77")
    database.commit()
    database.close()
    with opened(copied) as source:
        tracks = list(source.tracks())
    assert len(tracks) == 6_000
    assert tracks[76].name == "A\ufffdB"
    assert [damage.place for damage in source.damage] == ["tracks rowid 77"]


def test_the_identity_is_of_exactly_these_files(copied: Path) -> None:
    with opened(copied) as source, TwoFileSource(copied / tables.MAIN) as alone:
        before = source.identity()
        assert before == source.identity() != alone.identity()
    database = sqlite3.connect(copied / tables.FILES)
    database.execute("UPDATE track_files SET has_lyrics = 1 WHERE rowid = 1")
    database.commit()
    database.close()
    with opened(copied) as source:
        assert source.identity() != before


def test_the_files_are_never_written_to(copied: Path) -> None:
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in copied.iterdir()}
    for file in copied.iterdir():
        file.chmod(0o444)
    with opened(copied, features=True) as source:
        assert sum(1 for _ in source.tracks()) == 6_000
    assert {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in copied.iterdir()} == before


def test_an_empty_layout_has_nothing(tmp_path: Path) -> None:
    with TwoFileSource(*Layout(tmp_path, features=True).done().paths) as source:
        assert source.counts() == Counts(0, 0, 0)
        assert [*source.artists(), *source.albums(), *source.tracks()] == []


def test_damage_beyond_what_is_kept_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_file, "MOST_DAMAGE", 3)
    layout = Layout(tmp_path)
    for row in range(1, 11):
        layout.add("tracks", rowid=row, id=f"track{row}", name="Song")
        layout.add("track_files", track_id=f"track{row}", artist_roles="{}")
    with TwoFileSource(*layout.done().paths) as source:
        assert len(list(source.tracks())) == 10
    assert (len(source.damage), source.damaged) == (3, 10)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "SPAN", 700)
    monkeypatch.setattr(beside, "HELD", 1_000)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("features", [False, True])
def test_files_brought_into_the_order_of_the_tracks_say_the_same(made: Path, tmp_path: Path, features: bool) -> None:
    paths = made / tables.MAIN, made / tables.FILES, made / tables.FEATURES if features else None
    scratch = tmp_path / "scratch"
    with TwoFileSource(*paths) as looked_up, TwoFileSource(*paths, scratch=scratch, gather=True) as gathered:
        whole = list(looked_up.tracks())
        assert list(gathered.tracks()) == whole
        assert list(gathered.tracks("3333")) == whole[3333:]
        assert gathered.damage == []
        assert len(list((scratch / "files.track_files").iterdir())) > 8
    assert not list(scratch.iterdir())


@pytest.mark.usefixtures("small_parts")
def test_what_was_brought_into_order_is_kept_for_the_same_files_only(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"

    def stop(done: int, total: int, what: str) -> None:
        raise KeyboardInterrupt

    def begun() -> TwoFileSource:
        return TwoFileSource(copied / tables.MAIN, copied / tables.FILES, scratch=scratch, gather=True)

    with pytest.raises(KeyboardInterrupt):
        begun().prepare(stop)
    first = begun()
    whole = list(first.tracks())
    with monkeypatch.context() as patch:
        patch.delattr(beside.Beside, "_spread")
        again = begun()
        assert list(again.tracks()) == whole
    database = sqlite3.connect(copied / tables.FILES)
    database.execute("UPDATE track_files SET version_title = 'Changed' WHERE track_id = ?", (whole[10].id,))
    database.commit()
    database.close()
    with begun() as changed:
        assert next(changed.tracks("10")).version_title == "Changed"


@pytest.mark.usefixtures("small_parts")
def test_files_that_cannot_be_read_from_end_to_end_are_looked_up_row_by_row(copied: Path, tmp_path: Path) -> None:
    files = copied / tables.FILES
    database = sqlite3.connect(files)
    (number,) = database.execute("SELECT file_id_aac_24 FROM track_files WHERE file_id_aac_24 NOT NULL").fetchone()
    database.close()
    overwrite(files, page_of(files, number))
    with TwoFileSource(copied / tables.MAIN, files, scratch=tmp_path / "scratch", gather=True) as source:
        assert sum(1 for _ in source.tracks()) == 6_000
        assert "from end to end" in source.damage[0].place
        assert 2 <= source.damaged < 60
