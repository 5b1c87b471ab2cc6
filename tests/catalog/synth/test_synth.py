"""The made-up catalogue: the same for the same seed, in the real layout and the real proportions, complete or not there."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from segue.catalog.synth import tables
from segue.catalog.synth.making import make
from tests.waiting import PATIENCE_S

TRACKS = 20_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth")
    make(folder, TRACKS, features=True)
    return folder


@pytest.fixture(scope="module")
def main(folder: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(folder / tables.MAIN)
    yield database
    database.close()


def share(database: sqlite3.Connection, question: str) -> float:
    (number,) = database.execute(question).fetchone()
    return float(number) / TRACKS


def rows(folder: Path, file: str) -> str:
    database = sqlite3.connect(folder / file)
    digest = hashlib.sha256()
    for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
        for row in database.execute(f"SELECT * FROM {table} ORDER BY rowid"):
            digest.update(repr(row).encode())
    database.close()
    return digest.hexdigest()


def test_the_same_seed_makes_the_same_catalogue_and_another_seed_another(tmp_path: Path) -> None:
    made = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        make(tmp_path / name, 700, seed=seed, features=True)
        made.append([rows(tmp_path / name, file) for file in (tables.MAIN, tables.FILES, tables.FEATURES)])
    assert made[0] == made[1]
    assert not set(made[0]) & set(made[2])


def test_a_small_catalogue_is_the_beginning_of_a_large_one(main: sqlite3.Connection, tmp_path: Path) -> None:
    made = make(tmp_path, 1_500)
    small = sqlite3.connect(tmp_path / tables.MAIN)
    for table, count in (("tracks", 1_500), ("albums", made.counts.albums), ("artists", made.counts.artists)):
        question = f"SELECT * FROM {table} ORDER BY rowid LIMIT {count}"
        assert small.execute(question).fetchall() == main.execute(question).fetchall()
        assert small.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)
    small.close()


def test_tables_columns_and_indexes_are_those_of_the_real_layout(folder: Path, main: sqlite3.Connection) -> None:
    def columns(database: sqlite3.Connection, table: str) -> tuple[list[str], set[str]]:
        described = database.execute(f"PRAGMA table_info({table})").fetchall()
        return [row[1] for row in described], {row[1] for row in described if not row[3]}

    files = sqlite3.connect(folder / tables.FILES)
    assert columns(main, "tracks") == (
        "rowid id fetched_at name preview_url album_rowid track_number external_id_isrc external_id_ean external_id_upc "
        "popularity available_markets_rowid disc_number duration_ms explicit".split(),
        {"preview_url", "external_id_isrc", "external_id_ean", "external_id_upc"},
    )
    assert columns(main, "albums")[1] == {"external_id_upc", "external_id_amgid", "copyright_c", "copyright_p"}
    assert columns(main, "artist_albums") == (
        ["artist_rowid", "album_rowid", "is_appears_on", "is_implicit_appears_on", "index_in_album"],
        {"index_in_album"},
    )
    assert columns(main, "track_artists") == (["track_rowid", "artist_rowid"], set())
    assert len(columns(files, "track_files")[0]) == 27
    names = {row[0] for row in main.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    assert names == set(
        "artist_genres_artist_id artist_genres_genre artist_images_artist_id artists_id_unique artists_name artists_popularity "
        "artists_followers artist_album_artist_id artist_album_album_id albums_id_unique album_name album_popularity "
        "available_markets_available_markets_unique track_artists_artist_id track_artists_track_id tracks_id_unique "
        "tracks_popularity tracks_album album_images_album_id tracks_isrc".split()
    )
    files.close()


def test_proportions_are_the_real_ones(folder: Path, main: sqlite3.Connection) -> None:
    assert share(main, "SELECT count(*) FROM tracks") == 1
    assert share(main, "SELECT count(*) FROM artists") == pytest.approx(0.060, abs=0.001)
    assert share(main, "SELECT count(*) FROM albums") == pytest.approx(0.229, abs=0.015)
    assert share(main, "SELECT count(*) FROM album_images") == 3 * share(main, "SELECT count(*) FROM albums")
    assert share(main, "SELECT count(*) FROM track_artists") == pytest.approx(1.36, abs=0.04)
    assert share(main, "SELECT count(*) FROM artist_genres") / 0.06 == pytest.approx(0.145, abs=0.04)
    assert share(main, "SELECT count(*) FROM tracks WHERE popularity = 0") == pytest.approx(0.70, abs=0.03)
    assert share(main, "SELECT count(DISTINCT external_id_isrc) FROM tracks") == pytest.approx(0.81, abs=0.03)
    assert (folder / tables.MAIN).stat().st_size / TRACKS == pytest.approx(457, rel=0.1)
    assert (folder / tables.FILES).stat().st_size / TRACKS == pytest.approx(385, rel=0.1)


def test_everything_that_is_named_is_there_but_for_a_few_rows_of_files(folder: Path, main: sqlite3.Connection) -> None:
    for table, column, owner in (
        ("tracks", "album_rowid", "albums"),
        ("tracks", "available_markets_rowid", "available_markets"),
        ("track_artists", "track_rowid", "tracks"),
        ("track_artists", "artist_rowid", "artists"),
        ("artist_albums", "album_rowid", "albums"),
        ("artist_albums", "artist_rowid", "artists"),
        ("artist_genres", "artist_rowid", "artists"),
    ):
        question = f"SELECT count(*) FROM {table} WHERE {column} NOT IN (SELECT rowid FROM {owner})"
        assert main.execute(question).fetchone() == (0,), table
    main.execute("ATTACH ? AS files", (str(folder / tables.FILES),))
    without = share(main, "SELECT count(*) FROM tracks WHERE id NOT IN (SELECT track_id FROM files.track_files)")
    strange = share(main, "SELECT count(*) FROM files.track_files WHERE track_id NOT IN (SELECT id FROM tracks)")
    main.execute("DETACH files")
    assert 0 < without < 0.03
    assert 0 < strange < 0.02


def test_what_is_hard_to_find_or_to_show_is_in_it(main: sqlite3.Connection) -> None:
    def some(question: str) -> bool:
        return main.execute(f"SELECT 1 FROM {question} LIMIT 1").fetchone() is not None

    for name in ("!!!", "AC/DC", "Björk", "東京事変", "Мумий Тролль"):
        assert main.execute("SELECT count(*) FROM artists WHERE name = ?", (name,)).fetchone() == (1,)
    assert some("albums WHERE name = ''")
    assert some("tracks WHERE length(name) > 100")
    assert some("tracks WHERE name GLOB '*[а-я]*'")
    assert some("tracks WHERE name GLOB '*[ぁ-ん]*'")
    assert some("tracks WHERE name LIKE '%(Live)'")
    assert some("tracks WHERE external_id_isrc LIKE '__-___-%'")
    assert some("tracks WHERE external_id_isrc IS NULL")
    assert some("albums WHERE release_date_precision = 'year' AND length(release_date) = 4")
    assert some("track_artists a JOIN track_artists b ON a.track_rowid = b.track_rowid AND a.rowid < b.rowid "
                "AND a.artist_rowid > b.artist_rowid")  # fmt: skip


def test_words_follow_zipf(main: sqlite3.Connection) -> None:
    counts: dict[str, int] = {}
    for (name,) in main.execute("SELECT name FROM tracks"):
        for word in name.split():
            counts[word] = counts.get(word, 0) + 1
    ordered = sorted(counts.values(), reverse=True)
    assert counts["Love"] == ordered[0] > 20 * ordered[99] > 0
    assert sum(1 for count in ordered if count == 1) > len(ordered) / 3


def test_a_catalogue_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    make(tmp_path, 300)
    before = {file: rows(tmp_path, file) for file in (tables.MAIN, tables.FILES)}

    def stop(done: int, total: int, what: str) -> None:
        if what == "indexes" and done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, 400, seed=2, told=stop)
    assert {file: rows(tmp_path, file) for file in before} == before
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(before)


def test_the_command_says_what_it_made_and_how_far_it_is(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "segue",
        "catalog",
        "synth",
        "--tracks",
        "50",
        "--out",
        str(tmp_path / "new" / "folder"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "Making: tracks 50 of 50 (100 %)" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("50 tracks, ")
    assert sorted(file.name for file in (tmp_path / "new" / "folder").iterdir()) == [tables.MAIN, tables.FILES]
