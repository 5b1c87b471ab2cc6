"""The catalogue over REST: any id, in batches, searched, in the house's shapes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.catalog import schemas as s
from segue.catalog.building import CatalogBuilding
from segue.catalog.routes import router
from segue.catalog.service import CatalogService
from segue.core.access import Actor
from segue.core.db import Database
from segue.core.rest import Page, Services, install_problem_handlers
from segue.jobs import JobService, Registry, job
from segue.settings import load_settings
from tests.catalog.tiny import ALBUMS, ARTISTS, TRACKS, base62, write_snapshot

pytestmark = pytest.mark.anyio
once = pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
"""For what asks the database nothing of its own: one kind of it is enough."""

ACTORS = {"admin": Actor(1, "ana", frozenset({"admin"})), "guest": Actor(2, "ben")}
ADMIN, GUEST = {"Authorization": "Bearer admin"}, {"Authorization": "Bearer guest"}
LINES = "application/x-ndjson"


@job("catalog.build")
async def built(context: Any, params: Any) -> None:
    """Nothing: only asking for it is looked at here."""


@job("catalog.update")
async def updated(context: Any, params: Any) -> None:
    """Nothing."""


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_snapshot(tmp_path_factory.mktemp("data") / "catalog", id="one")


async def asked_over(
    db: Database | None, data: Path, **given: object
) -> AsyncIterator[tuple[httpx2.AsyncClient, CatalogService]]:
    settings = load_settings({"data_dir": data, **given}, environ={})

    async def authenticate(request: Request) -> Actor | None:
        return ACTORS.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    app = FastAPI()
    app.state.segue = Services(authenticate)
    catalog = app.state.segue.add(CatalogService(lambda: settings))
    jobs = JobService(db, Registry().add(built, updated))  # type: ignore[arg-type]
    app.state.segue.add(CatalogBuilding(jobs, catalog, lambda: settings))
    if db is not None:
        app.state.segue.add(db)
        await jobs.declare()
    app.include_router(router)
    install_problem_handlers(app)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://segue.test", headers=GUEST) as client:
        yield client, catalog
    await catalog.close()


@pytest.fixture
async def http(snapshot: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async for client, _ in asked_over(None, snapshot.parent):
        yield client


async def get(http: httpx2.AsyncClient, path: str, status: int = 200, **parameters: Any) -> Any:
    answer = await http.get(f"/catalog/{path}", params=parameters or None)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.parametrize(
    "id",
    [
        TRACKS[0].id,
        f"spotify:track:{TRACKS[0].id}",
        "musicbrainz:recording:1b7e0b04-5b5b-4c3b-8a3a-3b2d8e5f9a10",
        "isrc:GBAYE9700001",
        "isrc:gb-aye-97-00001",
    ],
)
async def test_a_track_is_found_by_every_id_it_has(http: httpx2.AsyncClient, id: str) -> None:
    track = s.CatalogTrackItem.model_validate(await get(http, f"tracks/{id}")).model_dump()
    assert (track["title"], track["duration_ms"], track["disc"], track["position"]) == ("Jóga", 305_000, 1, 2)
    assert track["id"] == f"spotify:track:{TRACKS[0].id}" and track["source_id"] == TRACKS[0].id
    assert track["isrcs"] == ["GBAYE9700001", "GBAYE9700099"]
    assert track["artists"] == [
        {
            "artist": {"id": f"spotify:artist:{ARTISTS[0].id}", "name": "Björk"},
            "role": "main_artist",
            "credited_as": None,
            "join_phrase": "",
        }
    ]
    assert track["album"]["title"] == "Homogenic" and track["album"]["release_date"] == "1997-09-22"
    assert track["features"] == {"tempo": 92.5} and track["more"] == {}
    assert track["ids"] == ["musicbrainz:recording:1b7e0b04-5b5b-4c3b-8a3a-3b2d8e5f9a10"]
    assert track["has_lyrics"] is True and track["languages"] == ["en"]


async def test_what_is_not_there_is_404_and_never_null(http: httpx2.AsyncClient) -> None:
    for path in (
        f"tracks/{base62(99)}", "tracks/isrc:XXAAA0000000", f"tracks/spotify:album:{ALBUMS[0].id}", "tracks/%C3%A9%27",
        f"albums/{base62(99)}", "albums/upc:12345678", f"albums/{base62(99)}/tracks", f"artists/{base62(99)}/albums",
        "artists/musicbrainz:artist:00000000-0000-0000-0000-000000000000", "isrc/XXAAA0000000", "isrc/nonsense", "upc/1",
    ):  # fmt: skip
        assert (await get(http, path, 404))["code"] == "not_in_catalog", path
    assert (await get(http, "lookup", 404, id="isrc:XXAAA0000000"))["code"] == "not_in_catalog"


async def test_an_album_has_partial_dates_and_its_tracks_in_order(http: httpx2.AsyncClient) -> None:
    album = s.CatalogAlbumItem.model_validate(await get(http, "albums/upc:16861402327")).model_dump()
    assert (album["title"], album["release_date"], album["upc"]) == ("Homogenic", "1997-09-22", "0016861402327")
    assert (await get(http, f"albums/{ALBUMS[1].id}"))["release_date"] == "1999"
    assert (await get(http, f"albums/{ALBUMS[1].id}"))["genres"] == ["rock"]
    taken_down = await get(http, f"albums/{ALBUMS[2].id}")
    assert (taken_down["title"], taken_down["release_date"], taken_down["artists"]) == ("", "2001-02", [])
    tracks = await get(http, f"albums/{ALBUMS[0].id}/tracks")
    Page[s.CatalogTrackItem].model_validate(tracks)
    assert [(one["disc"], one["position"], one["title"]) for one in tracks["items"]] == [
        (1, 1, "Hunter"),
        (1, 2, "Jóga"),
        (2, 1, "Jóga (Remastered)"),
    ]
    assert tracks["total"] == 3 and tracks["items"][0]["album"] is None
    assert [one["role"] for one in tracks["items"][2]["artists"]] == ["main_artist", "composer"]


async def test_an_artists_albums_come_in_pages_and_say_whether_they_are_credited(http: httpx2.AsyncClient) -> None:
    artist = s.CatalogArtistItem.model_validate(await get(http, f"artists/{ARTISTS[0].id}")).model_dump()
    assert (artist["name"], artist["followers"], artist["genres"]) == ("Björk", 5_000_000, ["art pop", "icelandic"])
    first = await get(http, f"artists/{ARTISTS[0].id}/albums", limit=1)
    Page[s.CatalogArtistAlbumItem].model_validate(first)
    assert [(one["title"], one["credited"]) for one in first["items"]] == [("Homogenic", True)]
    second = await get(http, f"artists/{ARTISTS[0].id}/albums", limit=1, cursor=first["next"])
    assert [(one["title"], one["credited"]) for one in second["items"]] == [("無罪モラトリアム", False)]
    assert second["next"] is None and second["total"] == 2
    assert (await get(http, f"artists/{ARTISTS[0].id}/albums", 422, cursor="x"))["code"] == "bad_cursor"


async def test_an_isrc_names_all_that_bear_it_the_most_popular_first(http: httpx2.AsyncClient) -> None:
    found = await get(http, "isrc/gb-aye-97-00001")
    assert [one["title"] for one in found["items"]] == ["Jóga", "Jóga (Remastered)"]
    found = await get(http, "upc/016861402327")
    assert [one["title"] for one in found["items"]] == ["Homogenic"]
    hit = s.CatalogHitItem.model_validate(await get(http, "lookup", id="isrc:GBAYE9700001"))
    assert hit.kind == "track" and len(hit.tracks) == 2 and not hit.albums


async def test_a_batch_takes_ids_of_every_kind_and_tells_the_misses(http: httpx2.AsyncClient) -> None:
    ids = [
        "isrc:GBAYE9700001", f"spotify:album:{ALBUMS[1].id}", "upc:0016861402327", "isrc:XXAAA0000000", TRACKS[0].id,
        "musicbrainz:artist:87c5dedd-371d-4a53-9f7f-80522fb7f3cb",
    ]  # fmt: skip
    answer = await http.post("/catalog/batch", json={"ids": ids})
    found = s.CatalogBatchAnswer.model_validate(answer.json())
    assert [(hit.kind, len(hit.tracks), len(hit.albums), len(hit.artists)) for hit in found.items] == [
        ("track", 2, 0, 0),
        ("album", 0, 1, 0),
        ("album", 0, 1, 0),
        ("artist", 0, 0, 1),
    ]
    assert found.missing == ["isrc:XXAAA0000000", TRACKS[0].id]


async def test_a_batch_may_be_lines_both_ways(http: httpx2.AsyncClient) -> None:
    body = f'isrc:GBAYE9700002\n"isrc:XXAAA0000000"\n\n{{"id": "spotify:artist:{ARTISTS[1].id}"}}\n'
    answer = await http.post("/catalog/batch", content=body.encode(), headers={"Content-Type": LINES, "Accept": LINES})
    assert answer.headers["content-type"].startswith(LINES)
    lines = [s.CatalogHitItem.model_validate(json.loads(line)) for line in answer.text.splitlines()]
    assert [line.asked for line in lines] == ["isrc:GBAYE9700002", f"spotify:artist:{ARTISTS[1].id}"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"ids": []}', b'{"ids": [1]}', b'{"ids": "x"}', b'{"ids": ["x"], "shape": 1}', b"\xff\xfe",
     json.dumps({"ids": ["isrc:GBAYE9700001"] * 1_001}).encode(), b'{"ids": ["' + b"x" * 600_000 + b'"]}',
     b"[" * 100_000],
)  # fmt: skip
async def test_a_batch_that_is_none_is_refused_with_what_is_wrong(http: httpx2.AsyncClient, body: bytes) -> None:
    answer = await http.post("/catalog/batch", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"].startswith("bad_batch_")


async def test_a_thousand_ids_are_one_batch(http: httpx2.AsyncClient) -> None:
    ids = [f"spotify:track:{track.id}" for track in TRACKS] * 200
    found = (await http.post("/catalog/batch", json={"ids": ids})).json()
    assert [hit["asked"] for hit in found["items"]] == ids


async def test_search_gives_each_kind_its_page(http: httpx2.AsyncClient) -> None:
    found = s.CatalogSearchAnswer.model_validate(await get(http, "search", q="joga"))
    assert found.tracks is not None and found.artists is not None and found.albums is not None
    assert [track.title for track in found.tracks.items] == ["Jóga", "Jóga (Remastered)"]
    assert not found.partial
    only = await get(http, "search", q="joga", type="tracks", limit=1)
    assert only["artists"] is None and only["albums"] is None
    more = await get(http, "search", q="joga", type="tracks", limit=1, cursor=only["tracks"]["next"])
    assert [track["title"] for track in more["tracks"]["items"]] == ["Jóga (Remastered)"]
    assert (await get(http, "search", 422, q="joga", cursor=only["tracks"]["next"]))["code"] == "bad_cursor"
    assert [one["name"] for one in (await get(http, "search", q="bjork"))["artists"]["items"]] == ["Björk"]
    assert (await get(http, "search", q="%%"))["tracks"]["items"] == []
    for wrong in ("", "x" * 10_001):
        assert (await http.get("/catalog/search", params={"q": wrong})).status_code == 422


async def test_reads_carry_an_etag(http: httpx2.AsyncClient) -> None:
    first = await http.get(f"/catalog/tracks/{TRACKS[0].id}")
    again = await http.get(f"/catalog/tracks/{TRACKS[0].id}", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content


async def test_nobody_asks_without_signing_in(http: httpx2.AsyncClient) -> None:
    for path in ("tracks/x", "search?q=x", "status"):
        assert (await http.get(f"/catalog/{path}", headers={"Authorization": "Bearer x"})).status_code == 401


async def test_status_says_what_is_served_and_paths_to_administrators_alone(db: Database, snapshot: Path) -> None:
    async for http, _ in asked_over(db, snapshot.parent):
        said = s.CatalogStatusAnswer.model_validate((await http.get("/catalog/status")).json())
        assert said.snapshot is not None and said.snapshot.counts.tracks == len(TRACKS)
        assert (said.snapshot.id, said.snapshot.namespace, said.snapshot.substring) == ("one", "spotify", True)
        assert said.snapshot.path is None and said.path is None and said.job is None
        told = (await http.get("/catalog/status", headers=ADMIN)).json()
        assert told["snapshot"]["path"] == str(snapshot)


@once
async def test_without_a_catalogue_everything_is_404_but_the_status(db: Database, tmp_path: Path) -> None:
    async for http, _ in asked_over(db, tmp_path):
        for path in ("tracks/x", "search?q=x", "isrc/x", "lookup?id=isrc:x"):
            answer = await http.get(f"/catalog/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "no_catalog")
        assert (await http.post("/catalog/batch", json={"ids": ["x"]})).json()["code"] == "no_catalog"
        assert (await http.get("/catalog/status")).json()["snapshot"] is None


@once
async def test_administrators_have_one_built_one_at_a_time(db: Database, tmp_path: Path) -> None:
    main = tmp_path / "main.sqlite3"
    main.touch()
    async for http, _ in asked_over(db, tmp_path, **{"catalog.update.source": "musicbrainz"}):
        ask = {"source": "two-file", "main": str(main)}
        assert (await http.post("/catalog/build", json=ask)).status_code == 403
        first = await http.post("/catalog/build", json=ask, headers=ADMIN)
        assert first.status_code == 202 and first.json()["created"]
        again = await http.post("/catalog/update", headers=ADMIN)
        assert again.json() == {"job": first.json()["job"], "created": False}
        said = (await http.get("/catalog/status", headers=ADMIN)).json()
        assert said["job"]["id"] == first.json()["job"] and said["job"]["kind"] == "catalog.build"
        for wrong, field in (
            ({"source": "two-file"}, "main"),
            ({"source": "two-file", "main": str(tmp_path / "none")}, "main"),
            ({"source": "discogs", "folder": str(tmp_path), "main": str(main)}, "main"),
            ({"source": "musicbrainz"}, "folder"),
            ({"source": "library", "derived": True}, "derived"),
        ):
            answer = await http.post("/catalog/build", json=wrong, headers=ADMIN)
            assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == field


@once
async def test_an_update_without_dumps_to_fetch_is_refused(db: Database, tmp_path: Path) -> None:
    async for http, _ in asked_over(db, tmp_path):
        assert (await http.post("/catalog/update", headers=ADMIN)).json()["code"] == "nothing_to_update"
