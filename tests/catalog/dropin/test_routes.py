"""Every route, from a snapshot and from the files it was built of: what the layout says, in the shape the description says."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from openapi_spec_validator import validate

from segue.catalog.dropin.description import description
from segue.catalog.dropin.shapes import Shape
from segue.catalog.local import LocalBackend
from segue.catalog.mount.store import MountStore
from segue.catalog.synth import tables
from tests.catalog.dropin.conftest import Client
from tests.catalog.tiny import ALBUMS, ARTISTS, TRACKS
from tests.catalog.two_files import Expected

pytestmark = pytest.mark.anyio

SHAPES = [*Shape]


@pytest.fixture(params=["snapshot", "files"])
def backend(request: pytest.FixtureRequest) -> LocalBackend:
    found: LocalBackend = request.getfixturevalue(f"from_{request.param}")
    return found


@pytest.fixture(scope="session")
def some(two_files: Path) -> dict[str, list[tuple[int, str]]]:
    """(rowid, id) of forty of each kind."""
    main = sqlite3.connect(two_files / tables.MAIN)
    found = {
        kind: main.execute(f"SELECT rowid, id FROM {kind}s WHERE rowid % 7 = 1 LIMIT 40").fetchall()
        for kind in ("track", "album", "artist")
    }
    found["isrc"] = main.execute(
        "SELECT count(*), external_id_isrc FROM tracks WHERE external_id_isrc IS NOT NULL GROUP BY 2 ORDER BY 1 DESC LIMIT 20"
    ).fetchall()
    found["upc"] = main.execute(
        "SELECT rowid, external_id_upc FROM albums WHERE external_id_upc IS NOT NULL LIMIT 5"
    ).fetchall()
    main.close()
    return found


async def test_documents_are_what_the_two_files_say(
    client: Client, backend: LocalBackend, some: dict[str, list[tuple[int, str]]], expected: Expected
) -> None:
    read = {"track": expected.track, "album": expected.album, "artist": expected.artist}
    async with client(backend) as http:
        for kind, tell in read.items():
            for rowid, id in some[kind]:
                answer = await http.get(f"/lookup/{kind}/{id}")
                assert answer.status_code == 200
                assert answer.json() == tell(rowid)
        for rowid, id in some["album"]:
            answer = await http.get(f"/lookup/album/{id}/tracks")
            assert answer.json() == [expected.track(one, album=False) for one in expected.tracks_of(rowid)]


async def test_every_track_of_a_code_comes_most_popular_first(
    client: Client, backend: LocalBackend, some: dict[str, list[tuple[int, str]]]
) -> None:
    async with client(backend) as http:
        for count, code in some["isrc"]:
            written = f"{code[:2].lower()}-{code[2:5]}-{code[5:7]}-{code[7:]}"
            tracks = (await http.get(f"/lookup/isrc/{written}")).json()
            assert [one["isrc"] for one in tracks] == [code] * count
            assert [one["popularity"] for one in tracks] == sorted((one["popularity"] for one in tracks), reverse=True)


async def test_artists_and_albums_inside_are_as_the_go_server_shortens_them_when_it_is_strict(
    client: Client, backend: LocalBackend, some: dict[str, list[tuple[int, str]]], expected: Expected
) -> None:
    def bare(artists: list[dict[str, Any]], *without: str) -> list[dict[str, Any]]:
        return [{name: value for name, value in one.items() if name not in without} for one in artists]

    async with client(backend, shape=Shape.strict) as http:
        for rowid, id in some["track"]:
            whole = expected.track(rowid)
            if "artists" in whole:
                whole["artists"] = bare(whole["artists"], "images")
            if "artists" in whole["album"]:
                whole["album"]["artists"] = bare(whole["album"]["artists"], "genres", "images")
            assert (await http.get(f"/lookup/track/{id}")).json() == whole


@pytest.mark.parametrize("shape", SHAPES)
async def test_every_route_answers_as_the_description_says(
    client: Client, backend: LocalBackend, some: dict[str, list[tuple[int, str]]], shape: Shape
) -> None:
    track, album, artist = (some[kind][3][1] for kind in ("track", "album", "artist"))
    isrc, upc = some["isrc"][0][1], some["upc"][0][1]
    word = "the"
    asked = {
        "/lookup/track/{id}": f"/lookup/track/{track}",
        "/lookup/album/{id}": f"/lookup/album/{album}",
        "/lookup/album/{id}/tracks": f"/lookup/album/{album}/tracks",
        "/lookup/artist/{id}": f"/lookup/artist/{artist}",
        "/lookup/artist/{id}/albums": f"/lookup/artist/{artist}/albums",
        "/lookup/isrc/{isrc}": f"/lookup/isrc/{isrc}",
        "/lookup/upc/{upc}": f"/lookup/upc/{upc}",
        "/lookup/id/{id}": f"/lookup/id/spotify:album:{album}",
        "/search/track": f"/search/track?q={word}",
        "/search/album": f"/search/album?q={word}",
        "/search/artist": f"/search/artist?q={word}",
        "/search/all": f"/search/all?q={word}",
        "/health": "/health",
        "/ready": "/ready",
    }
    said = description(shape)
    async with client(backend, shape=shape) as http:
        for path, url in asked.items():
            answer = await http.get(url)
            if "/upc/" in url and isinstance(backend.store, MountStore):
                assert answer.status_code == 501
                continue
            assert answer.status_code == 200, (url, answer.text)
            fits(said, said["paths"][path]["get"]["responses"]["200"], answer.json())
        body = {"tracks": [track], "albums": [album, "none"], "artists": [artist], "isrcs": [isrc], "upcs": [upc]}
        answer = await http.post("/batch/lookup", json={**body, "ids": [f"spotify:track:{track}"]})
        batch = answer.json()
        fits(said, said["paths"]["/batch/lookup"]["post"]["responses"]["200"], batch)
        if isinstance(backend.store, MountStore):
            assert [*batch.pop("errors")] == [body.popitem()[0]]
        assert {name: len(found) for name, found in batch.items()} == dict.fromkeys([*body, "ids"], 1)
    assert {*said["paths"]} - {*asked} == {
        "/batch/lookup", "/lookup/mbid/{mbid}", "/metrics", "/openapi.yaml", "/docs"
    }  # fmt: skip


def fits(said: dict[str, Any], response: dict[str, Any], value: Any) -> None:
    schema = {**response["content"]["application/json"]["schema"], "components": said["components"]}
    jsonschema.Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize("shape", SHAPES)
async def test_the_description_is_whole_and_served_as_yaml_and_as_a_page(
    client: Client, tiny: LocalBackend, shape: Shape
) -> None:
    async with client(tiny, shape=shape) as http:
        served = yaml.safe_load((await http.get("/openapi.yaml")).content)
        page = (await http.get("/docs")).text
        assert (await http.get("/")).text == page
    assert served == description(shape)
    validate(served)
    for path in served["paths"]:
        assert f"<code>{path}</code>" in page
    assert "src=" not in page
    assert "http://localhost:8080" in page
    assert "https:" not in page


async def test_any_id_finds_what_bears_it(client: Client, tiny: LocalBackend) -> None:
    mbid = ARTISTS[0].ids[0].rpartition(":")[2]
    async with client(tiny) as http:
        found = (await http.get(f"/lookup/mbid/{mbid.upper()}")).json()
        assert found["kind"] == "artist"
        assert found["artist"]["id"] == ARTISTS[0].id
        for id, kind, wanted in (
            (ALBUMS[1].ids[0], "album", ALBUMS[1].id),
            (f"spotify:track:{TRACKS[2].id}", "track", TRACKS[2].id),
            ("isrc:gbaye9700001", "track", TRACKS[0].id),
            ("upc:16861402327", "album", ALBUMS[0].id),
        ):
            found = (await http.get(f"/lookup/id/{id}")).json()
            assert (found["kind"], found[kind]["id"]) == (kind, wanted)
        for miss in ("/lookup/mbid/none", "/lookup/id/discogs:release:1", "/lookup/id/isrc:x", "/lookup/id/nothing"):
            assert (await http.get(miss)).status_code == 404
        albums = (await http.get("/lookup/upc/16861402327")).json()
        assert [one["id"] for one in albums] == [ALBUMS[0].id]


async def test_the_albums_of_an_artist_come_in_pages(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        first = await http.get(f"/lookup/artist/{ARTISTS[0].id}/albums", params={"limit": 1})
        assert [one["name"] for one in first.json()] == ["Homogenic"]
        assert first.headers["x-total-count"] == "2"
        second = await http.get(
            f"/lookup/artist/{ARTISTS[0].id}/albums", params={"limit": 1, "cursor": first.headers["x-next-cursor"]}
        )
        assert [one["id"] for one in second.json()] == [ALBUMS[1].id]
        assert "x-next-cursor" not in second.headers
        wrong = await http.get(f"/lookup/artist/{ARTISTS[0].id}/albums", params={"cursor": "-1"})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "wrong_cursor")


MISSES = ("/lookup/track/x", "/lookup/album/x", "/lookup/artist/x", "/lookup/artist/x/albums", "/lookup/upc/1")
NULLS = ("/lookup/isrc/GBAYE0000000", "/lookup/isrc/x", "/lookup/album/x/tracks")


async def test_a_miss_is_404_with_a_reason_and_never_null(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        for path in (*MISSES, *NULLS):
            answer = await http.get(path)
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "not_found"
        assert (await http.get("/search/track", params={"q": "zzzzqx"})).json() == []
        assert (await http.post("/batch/lookup", json={"tracks": ["x"], "isrcs": ["y"]})).json() == {}


async def test_a_strict_miss_is_null_where_the_go_server_says_null(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny, shape=Shape.strict) as http:
        for path in (*NULLS, "/search/track?q=zzzzqx", "/search/artist?q=%25%25"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()) == (200, None)
        for path in MISSES[:3]:
            answer = await http.get(path)
            assert (answer.status_code, answer.text) == (404, "not found\n")
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        for path, text in (
            ("/search/track", "q parameter required\n"),
            ("/search/track?q=a", "query must be at least 2 characters\n"),
        ):
            answer = await http.get(path)
            assert (answer.status_code, answer.text) == (400, text)
        for body, text in (
            (b"{", "invalid request body\n"),
            (b'{"tracks": 5}', "invalid request body\n"),
            (b"{}", "at least one lookup type required\n"),
            (b'{"tracks": [%s]}' % b",".join([b'"x"'] * 401), "maximum 400 total items allowed\n"),
        ):
            answer = await http.post("/batch/lookup", content=body)
            assert (answer.status_code, answer.text) == (400, text)
        assert (await http.get("/health")).json() == {"status": "ok"}


async def test_the_brief_shape_has_the_names_of_the_brief(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny, shape=Shape.brief) as http:
        track = (await http.get("/lookup/isrc/GBAYE9700001")).json()
        assert track["id"] == TRACKS[0].id
        assert track["artist_roles"] == {ARTISTS[0].id: ["main_artist"]}
        album = track["album"]
        assert (album["album_type"], album["external_id_upc"], album["copyright_c"]) == (
            "album",
            "0016861402327",
            "1997 OLI",
        )
        assert album["artists"][0]["followers_total"] == track["artists"][0]["followers_total"] == 5_000_000
        assert not {"type", "upc", "copyright"} & {*album}
        other = (await http.get(f"/lookup/track/{TRACKS[2].id}")).json()
        assert other["artist_roles"] == {ARTISTS[0].id: ["main_artist"], ARTISTS[2].id: ["composer"]}
        batch = (await http.post("/batch/lookup", json={"isrcs": ["GBAYE9700001"]})).json()
        assert batch["isrcs"]["GBAYE9700001"] == track


async def test_another_application_is_mounted_under_its_prefix(client: Client, tiny: LocalBackend) -> None:
    async def other(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async with client(tiny, mounts={"/ws/2": other}) as http:
        assert (await http.get("/ws/2/artist/x")).text == "/ws/2/artist/x"
        assert (await http.put("/ws/2")).text == "/ws/2"
        assert (await http.get("/ws/20")).status_code == 404


async def test_health_says_when_the_catalogue_does_not_answer(
    client: Client, tiny: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(tiny) as http:
        answer = await http.get("/health")
        assert answer.json() == {
            "status": "ok", "catalog": "tiny-1", "licence": "CC0-1.0", "tracks": 5, "albums": 3, "artists": 3
        }  # fmt: skip

        async def never(kind: str, ids: Any) -> None:
            raise TimeoutError

        monkeypatch.setattr(tiny, "ranks", never)
        answer = await http.get("/health")
        assert (answer.status_code, answer.json()["code"]) == (503, "catalog_unavailable")


async def test_numbers_of_every_route_are_counted(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        for path in ("/lookup/artist/x", "/health", "/nothing"):
            await http.get(path)
        text = (await http.get("/metrics")).text
    assert 'segue_catalog_requests_total{route="artist",status="404"} 1' in text
    assert 'segue_catalog_requests_total{route="none",status="404"} 1' in text
    assert 'segue_catalog_request_seconds_count{route="health"} 1' in text
    assert 'segue_catalog_rows{kind="track"} 5' in text
