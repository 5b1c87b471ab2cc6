"""Records given as JSON are added to a snapshot: by a command, and by administrators of a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from segue.catalog.build.building import build
from segue.catalog.overlay.errors import BadAddition
from segue.catalog.overlay.reading import overlay_of
from segue.catalog.snapshot.opening import SnapshotBackend, open_snapshot
from segue.cli import app
from tests.catalog.overlay.test_overlay import BAND, RECORD, SOURCE, names
from tests.catalog.test_routes import ADMIN, asked_over

NEWCOMER = {"kind": "artist", "id": "newcomer", "name": "Newcomer", "followers": 100, "aliases": ["The New"]}
ALBUM: dict[str, Any] = {
    "kind": "album", "id": "new", "name": "New Record", "release_date": "2026-01", "upc": "0012345678905",
    "popularity": 30, "artists": ["newcomer"], "appears": [BAND.id],
}  # fmt: skip
SONG = {
    "kind": "track", "id": "song", "name": "Newest Song", "album": "new", "artists": ["newcomer", BAND.id],
    "popularity": 99, "duration_ms": 1000, "isrcs": ["USAAA0000009"], "ids": ["musicbrainz:recording:9"],
}  # fmt: skip
SECOND = {"kind": "track", "id": "second", "name": "Second Song", "album": RECORD.id, "track_number": 2}


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    build(SOURCE, tmp_path / "catalog")
    return tmp_path / "catalog"


def add(snapshot: Path, *records: object, code: int = 0) -> Any:
    lines = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in records)
    (snapshot.parent / "new.jsonl").write_text(lines + "\n\n")
    found = CliRunner().invoke(app, ["catalog", "add", str(snapshot), str(snapshot.parent / "new.jsonl"), "--json"])
    if code:
        assert isinstance(found.exception, BadAddition), found.exception
        return found.exception.message
    assert found.exit_code == 0, (found.output, found.exception)
    return json.loads(found.stdout)


async def documents(backend: SnapshotBackend, kind: Any, id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    ranks = await backend.ranks(kind, [id])
    read = {"track": backend.tracks, "album": backend.albums, "artist": backend.artists}[kind]
    (document,), (more,) = await read(ranks), await backend.more(kind, ranks)  # type: ignore[operator]
    return json.loads(document), more


async def test_lines_are_added_with_what_they_name_of_the_snapshot(snapshot: Path) -> None:
    added = add(snapshot, SONG, ALBUM, NEWCOMER, SECOND)
    assert added["given"] == {"tracks": 2, "albums": 1, "artists": 1}
    assert added["beside"] == {"tracks": 2, "albums": 2, "artists": 2}
    backend = open_snapshot(snapshot)
    song, more = await documents(backend, "track", "song")
    assert [one["name"] for one in song["artists"]] == ["Newcomer", "The Known"] and song["album"][
        "name"
    ] == "New Record"
    assert more == {"ids": ["musicbrainz:recording:9"]}
    assert song["artists"][1]["followers"] == 500
    old, _ = await documents(backend, "album", RECORD.id)
    assert (old["name"], old["release_date"], old["artists"][0]["id"]) == ("Old Record", "1999", BAND.id)
    (rank,) = backend.store.ranks("album", [RECORD.id])
    assert rank is not None
    assert names(backend, backend.store.album_tracks(rank)) == ["First Song", "Second Song", "Third Song"]
    assert names(backend, (await backend.search("track", "newest")).ranks) == ["Newest Song"]
    assert (await documents(backend, "artist", "newcomer"))[1] == {"aliases": ["The New"]}
    await backend.close()


async def test_what_was_added_before_may_be_named_and_stays_what_it_was(snapshot: Path) -> None:
    add(snapshot, NEWCOMER, ALBUM, SONG)
    add(snapshot, {**SONG, "id": "other", "name": "Other Song"})
    backend = open_snapshot(snapshot)
    (rank,) = backend.store.ranks("album", ["new"])
    assert rank is not None
    assert sorted(names(backend, backend.store.album_tracks(rank))) == ["Newest Song", "Other Song"]
    (band,) = backend.store.ranks("artist", [BAND.id])
    assert band is not None
    albums = [json.loads(one)["name"] for one in backend.store.albums(backend.store.artist_albums(band))]
    assert albums == ["Old Record", "New Record"]  # credited before where they only appear
    await backend.close()
    built = build(SOURCE, snapshot)
    assert built.counts.tracks == 4


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([NEWCOMER, "{"], "line 2"),
        ([{**NEWCOMER, "popular": 1}], "popular"),
        ([{**NEWCOMER, "popularity": 101}], "popularity"),
        ([{"kind": "label", "id": "x", "name": "X"}], "line 1"),
        (["[]"], "line 1"),
        ([{**ALBUM, "release_date": "1999-1"}], "release_date"),
        ([SONG], "the album new is named"),
        ([{**SECOND, "artists": ["nobody"]}], "the artist nobody is named"),
        ([NEWCOMER, NEWCOMER], "given twice"),
    ],
)
def test_where_one_is_wrong_it_is_named_and_nothing_is_added(snapshot: Path, lines: list[object], said: str) -> None:
    assert said in add(snapshot, *lines, code=1)
    backend = open_snapshot(snapshot)
    assert backend.store.counts().artists == 2 and not (overlay_of(snapshot) / "snapshot").exists()
    backend.close_now()


async def test_administrators_add_and_it_is_served_when_it_answers(snapshot: Path) -> None:
    async for http, catalog in asked_over(None, snapshot.parent):
        told: list[str] = []

        async def changed(id: str) -> None:
            told.append(id)  # noqa: B023

        catalog.on_changed.append(changed)
        before = (await http.get("/catalog/search", params={"q": "newest"})).json()
        assert not before["tracks"]["items"]
        ask = {"records": [NEWCOMER, ALBUM, SONG]}
        assert (await http.post("/catalog/additions", json=ask)).status_code == 403
        answer = await http.post("/catalog/additions", json=ask, headers=ADMIN)
        assert answer.status_code == 201, answer.text
        assert answer.json()["added"] == {"tracks": 1, "albums": 1, "artists": 1}
        assert answer.json()["beside"] == {"tracks": 1, "albums": 1, "artists": 2}
        assert told[-1] == answer.json()["id"]
        found = (await http.get("/catalog/search", params={"q": "newest", "type": "tracks"})).json()
        assert [one["title"] for one in found["tracks"]["items"]] == ["Newest Song"]
        assert (await http.get("/catalog/isrc/USAAA0000009")).json()["total"] == 1
        wrong = await http.post("/catalog/additions", json={"records": [{**SONG, "album": "?"}]}, headers=ADMIN)
        assert wrong.status_code == 422 and wrong.json()["code"] == "bad_addition"


async def test_without_a_catalogue_there_is_nothing_to_add_to(tmp_path: Path) -> None:
    async for http, _ in asked_over(None, tmp_path):
        answer = await http.post("/catalog/additions", json={"records": [NEWCOMER]}, headers=ADMIN)
        assert answer.status_code == 404 and answer.json()["code"] == "no_catalog"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


pytestmark = pytest.mark.anyio
