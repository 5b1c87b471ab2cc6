"""The mounted files: the documents that plain questions give, by few statements, whatever is asked for at once."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from segue.catalog.mount.errors import MountDamaged, NotIndexed
from segue.catalog.mount.opening import open_mount
from segue.catalog.mount.searcher import MountSearcher
from segue.catalog.mount.store import MountStore
from segue.catalog.sources.columns import NotADatabase, WrongSchema
from segue.catalog.store import MOST_IN_A_BATCH
from segue.catalog.synth import tables
from segue.catalog.synth.making import make
from tests.catalog.two_files import Expected, Layout

MOST_STATEMENTS = 9
read = msgspec.json.decode


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make(folder, 6_000, features=True)
    return folder


@pytest.fixture(scope="module")
def expected(made: Path) -> Expected:
    return Expected(made / tables.MAIN, made / tables.FILES)


@pytest.fixture
def store(made: Path) -> Iterator[MountStore]:
    store = MountStore(made / tables.MAIN, made / tables.FILES, made / tables.FEATURES)
    yield store
    store.close()


@pytest.fixture(scope="module")
def ids(made: Path) -> dict[str, list[str]]:
    """All ids by kind, in the order of rowids from 1."""
    database = sqlite3.connect(made / tables.MAIN)
    found = {
        kind: [id for (id,) in database.execute(f"SELECT id FROM {kind}s ORDER BY rowid")]
        for kind in ("track", "album", "artist")
    }
    database.close()
    return found


def counted(store: MountStore) -> list[str]:
    """The statements that are run from now on."""
    statements: list[str] = []
    store._database.set_trace_callback(statements.append)
    return statements


def test_documents_are_those_that_plain_questions_give(
    store: MountStore, expected: Expected, ids: dict[str, list[str]]
) -> None:
    chance = random.Random(1)
    tracks, albums, artists = (chance.sample(range(1, len(ids[kind]) + 1), 60) for kind in ("track", "album", "artist"))
    assert [read(body) for body in store.tracks(tracks)] == [expected.track(rank) for rank in tracks]
    assert [read(body) for body in store.tracks(tracks, album=False)] == [
        expected.track(rank, album=False) for rank in tracks
    ]
    assert [read(body) for body in store.albums(albums)] == [expected.album(rank) for rank in albums]
    assert [read(body) for body in store.artists(artists)] == [expected.artist(rank) for rank in artists]
    for album in albums[:10]:
        assert store.album_tracks(album) == expected.tracks_of(album)


def test_ids_lead_to_ranks_in_the_order_of_asking_and_misses_are_none(
    store: MountStore, ids: dict[str, list[str]]
) -> None:
    for kind in ("track", "album", "artist"):
        asked = [ids[kind][40], "nothing", ids[kind][3], ids[kind][40], "", "a\ud800b", "ü"]
        assert store.ranks(kind, asked) == [41, None, 4, 41, None, None, None]  # type: ignore[arg-type]
    asked = [
        f"spotify:track:{ids['track'][0]}",
        f"spotify:artist:{ids['artist'][1]}",
        "spotify:track:no",
        "deezer:track:1",
    ]
    assert store.external(asked) == [("track", 1), ("artist", 2), None, None]


def test_nothing_that_is_asked_takes_more_than_nine_statements(store: MountStore, ids: dict[str, list[str]]) -> None:
    chance = random.Random(2)
    for size in (1, 20, 400, MOST_IN_A_BATCH):
        store._tracks.clear(), store._albums.clear(), store._artists.clear()
        statements = counted(store)
        ranks = store.ranks("track", chance.choices(ids["track"], k=size))
        bodies = store.tracks([rank for rank in ranks if rank])
        assert len(bodies) == size
        assert len(statements) <= 4


def test_a_mixed_batch_takes_at_most_nine_statements(
    store: MountStore, ids: dict[str, list[str]], expected: Expected
) -> None:
    chance = random.Random(3)
    database = sqlite3.connect(store.path)
    codes = [
        code
        for (code,) in database.execute(
            "SELECT DISTINCT external_id_isrc FROM tracks WHERE external_id_isrc NOT NULL LIMIT 100"
        )
    ]
    database.close()
    statements = counted(store)
    tracks = [rank for rank in store.ranks("track", chance.choices(ids["track"], k=100)) if rank]
    albums = [rank for rank in store.ranks("album", chance.choices(ids["album"], k=100)) if rank]
    artists = [rank for rank in store.ranks("artist", chance.choices(ids["artist"], k=100)) if rank]
    by_code = [rank for found in store.isrcs(codes) for rank in found]
    assert min(map(len, (tracks, albums, artists, by_code))) >= 100
    bodies = store.tracks([*tracks, *by_code])
    assert [read(body) for body in bodies[::20]] == [expected.track(rank) for rank in [*tracks, *by_code][::20]]
    assert [read(body) for body in store.albums(albums)[::20]] == [expected.album(rank) for rank in albums[::20]]
    assert [read(body) for body in store.artists(artists)[::20]] == [expected.artist(rank) for rank in artists[::20]]
    assert len(statements) <= MOST_STATEMENTS


def test_an_isrc_gives_all_its_tracks_the_most_popular_first_however_it_is_written(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.add("albums", rowid=1, id="album1", name="One", popularity=3)
    layout.add("albums", rowid=2, id="album2", name="Two", popularity=9)
    for row, code, popularity, album in (
        (1, "USABC1200001", 5, 1), (2, "us-abc-12-00001", 80, 1), (3, "usabc1200001", 5, 2), (4, "US-ABC-12-00001", 0, 1),
        (5, "USABC1200002", 99, 1), (6, None, 100, 1),
    ):  # fmt: skip
        layout.add(
            "tracks",
            rowid=row,
            id=f"track{row}",
            name="Song",
            external_id_isrc=code,
            popularity=popularity,
            album_rowid=album,
        )
    store = MountStore(*layout.done().paths)
    asked = ["USABC1200001", "us-abc-12-00001", " UsAbC1200001", "USABC1200002", "USABC1299999", "no code", ""]
    assert store.isrcs(asked) == [[2, 3, 1, 4]] * 3 + [[5], [], [], []]
    store.close()


def test_what_rows_name_but_is_not_there_is_left_out(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.add("artists", rowid=1, id="artist1", name="One")
    layout.add("albums", rowid=1, id="album1", name="")
    layout.add("tracks", rowid=1, id="track1", name="Orphan", album_rowid=77)
    layout.add("tracks", rowid=2, id="track2", name="Guests", album_rowid=1)
    for artist in (88, 1, 99):
        layout.add("track_artists", track_rowid=2, artist_rowid=artist)
        layout.add("artist_albums", artist_rowid=artist, album_rowid=1, index_in_album=0)
    store = MountStore(*layout.done().paths)
    orphan, guests = map(read, store.tracks([1, 2]))
    assert "album" not in orphan
    assert "artists" not in orphan
    assert [artist["id"] for artist in guests["artists"]] == ["artist1"]
    assert guests["album"]["name"] == ""
    assert [artist["id"] for artist in guests["album"]["artists"]] == ["artist1"]
    store.close()


def test_the_albums_of_an_artist_are_newest_first_and_those_it_only_appears_on_last(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.add("artists", rowid=1, id="artist1", name="One")
    for row, date in ((1, "1999"), (2, "2020-05-01"), (3, "2010-01"), (4, "2024-01-01"), (5, "2024-01-02")):
        layout.add("albums", rowid=row, id=f"album{row}", name="A", release_date=date)
    for row, index in ((1, 0), (2, 1), (3, 0), (4, None), (5, None), (2, None)):
        layout.add("artist_albums", artist_rowid=1, album_rowid=row, index_in_album=index)
    store = MountStore(*layout.done().paths)
    assert store.artist_albums(1) == [2, 3, 1, 5, 4]
    assert store.artist_albums(2) == []
    assert store.album_tracks(9) == []
    store.close()


def test_upcs_need_an_index_that_the_layout_does_not_have(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    for row, code, popularity in ((1, "0012345678905", 1), (2, "12345678905", 50), (3, None, 99)):
        layout.add("albums", rowid=row, id=f"album{row}", name="A", external_id_upc=code, popularity=popularity)
    paths = layout.done().paths
    store = MountStore(*paths)
    with pytest.raises(NotIndexed):
        store.upcs(["12345678905"])
    store.close()
    database = sqlite3.connect(paths[0])
    database.execute("CREATE INDEX albums_upc ON albums (external_id_upc)")
    database.commit()
    database.close()
    store = MountStore(*paths)
    assert store.upcs(["012345678905", "4006381333931", "no"]) == [[2, 1], [], []]
    store.close()


def test_more_has_the_audio_features_and_ids_of_others(tmp_path: Path) -> None:
    layout = Layout(tmp_path, features=True)
    layout.add("albums", rowid=1, id="album1", name="A", external_id_amgid="r123")
    for row in (1, 2, 3):
        layout.add("tracks", rowid=row, id=f"track{row}", name="Song")
    layout.add("track_audio_features", track_id="track2", tempo=99.9, valence=0.5)
    layout.add("track_audio_features", track_id="track3", null_response=1)
    store = MountStore(*layout.done().paths)
    assert store.more("track", [3, 2, 1]) == [{}, {"features": {"tempo": 99.9, "valence": 0.5}}, {}]
    assert store.more("album", [1]) == [{"ids": ("amg:album:r123",)}]
    assert store.more("artist", [1]) == [{}]
    store.close()


def test_without_track_files_documents_have_what_the_main_file_says(made: Path) -> None:
    alone, plain = MountStore(made / tables.MAIN), Expected(made / tables.MAIN, None)
    assert [read(body) for body in alone.tracks([1, 2, 3])] == [plain.track(rank) for rank in (1, 2, 3)]
    assert alone.more("track", [1]) == [{}]
    alone.close()


def test_what_the_files_lack_is_named_when_they_are_opened(made: Path, tmp_path: Path) -> None:
    broken = tmp_path / tables.MAIN
    shutil.copy(made / tables.MAIN, broken)
    database = sqlite3.connect(broken)
    database.execute("DROP INDEX tracks_isrc")
    database.execute("DROP INDEX tracks_popularity")
    database.commit()
    database.close()
    with pytest.raises(WrongSchema) as refused:
        MountStore(broken)
    assert refused.value.missing == ("index on tracks(external_id_isrc)",)
    with pytest.raises(WrongSchema) as refused:
        MountSearcher(broken)
    assert refused.value.missing == ("index on tracks(popularity)",)
    with pytest.raises(NotADatabase):
        open_mount(made / tables.MAIN, tmp_path / "absent")


def test_text_that_is_not_utf8_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.add("artists", rowid=1, id="artist1", name="AC/DC")
    layout.add("tracks", rowid=1, id="track1", name="Fine")
    layout.add("tracks", rowid=2, id="track2", name="Broken")
    main = layout.done().main
    database = sqlite3.connect(main)
    database.execute("UPDATE tracks SET name = CAST(x'41ff42' AS TEXT) WHERE rowid = 2")
    database.execute("UPDATE artists SET name = CAST(x'41ff42' AS TEXT)")
    database.commit()
    database.close()
    store, searcher = MountStore(main), MountSearcher(main)
    assert [read(body)["name"] for body in store.tracks([1, 2])] == ["Fine", "A\ufffdB"]
    assert searcher.search("artist", "A").ranks == (1,)
    store.close()
    searcher.close()


def test_a_damaged_page_is_an_error_for_its_rows_alone(made: Path, tmp_path: Path) -> None:
    for file in (tables.MAIN, tables.FILES):
        shutil.copy(made / file, tmp_path / file)
    main = tmp_path / tables.MAIN
    database = sqlite3.connect(main)
    row, preview = database.execute(
        "SELECT rowid, preview_url FROM tracks WHERE rowid > 3000 AND preview_url NOT NULL"
    ).fetchone()
    database.close()
    data = bytearray(main.read_bytes())
    page = data.index(preview.encode()) // 4096 * 4096
    data[page : page + 4096] = b"\xff" * 4096
    main.write_bytes(data)
    store = MountStore(main, tmp_path / tables.FILES)
    with pytest.raises(MountDamaged, match=str(main)):
        store.tracks([row])
    assert len(store.tracks([1, 6_000])) == 2
    store.close()


@pytest.mark.anyio
async def test_a_mount_answers_as_every_catalogue_does(
    made: Path, expected: Expected, ids: dict[str, list[str]]
) -> None:
    backend = open_mount(made / tables.MAIN, made / tables.FILES, threads=2)
    try:
        assert (backend.namespace, backend.substring) == ("spotify", True)
        assert (await backend.counts()).tracks == 6_000
        ranks: list[Any] = await backend.ranks("track", ids["track"][:200])
        bodies = await backend.tracks(ranks)
        assert read(bodies[150]) == expected.track(151)
        found = await backend.search("artist", "ac/dc")
        assert read((await backend.artists(found.ranks))[0])["name"] == "AC/DC"
    finally:
        await backend.close()
