"""Batches: a thousand ids of every kind at once, as one object or as lines."""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path

import jsonschema
import pytest
import zstandard

from segue.catalog.current import Current
from segue.catalog.dropin.app import DropIn
from segue.catalog.dropin.description import description
from segue.catalog.dropin.limits import Limiter, Rate
from segue.catalog.dropin.shapes import Shape
from segue.catalog.local import LocalBackend
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.synth import tables
from tests.catalog.dropin.conftest import Client
from tests.catalog.tiny import ALBUMS, ARTISTS, TRACKS

pytestmark = pytest.mark.anyio

LINES = {"accept": "application/x-ndjson"}
EVERYTHING = {
    "tracks": [TRACKS[0].id, "missing", TRACKS[0].id],
    "artists": [ARTISTS[1].id],
    "albums": [ALBUMS[0].id, 'with "quotes"'],
    "isrcs": ["gb-aye-97-00001", "GBAYE0000000"],
    "upcs": ["16861402327"],
    "ids": [f"spotify:track:{TRACKS[1].id}", "upc:0016861402327", "nobody:knows:this"],
}


async def test_what_is_found_stands_under_the_id_as_it_was_asked_for(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        found = (await http.post("/batch/lookup", json=EVERYTHING)).json()
        single = (await http.get(f"/lookup/track/{TRACKS[0].id}")).json()
    assert {name: [*members] for name, members in found.items()} == {
        "tracks": [TRACKS[0].id],
        "artists": [ARTISTS[1].id],
        "albums": [ALBUMS[0].id],
        "isrcs": ["gb-aye-97-00001"],
        "upcs": ["16861402327"],
        "ids": EVERYTHING["ids"][:2],
    }
    assert found["tracks"][TRACKS[0].id] == single
    assert [one["id"] for one in found["isrcs"]["gb-aye-97-00001"]] == [TRACKS[0].id, TRACKS[2].id]
    assert found["ids"]["upc:0016861402327"]["album"]["id"] == ALBUMS[0].id


async def test_lines_say_the_same_one_by_one(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        whole = (await http.post("/batch/lookup", json=EVERYTHING)).json()
        answer = await http.post("/batch/lookup", json=EVERYTHING, headers=LINES)
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [(line["kind"], line["id"]) for line in lines] == [
        ("track", TRACKS[0].id),
        ("artist", ARTISTS[1].id),
        ("album", ALBUMS[0].id),
        ("isrc", "gb-aye-97-00001"),
        ("upc", "16861402327"),
        ("track", EVERYTHING["ids"][0]),
        ("album", EVERYTHING["ids"][1]),
    ]
    assert lines[0]["track"] == whole["tracks"][TRACKS[0].id]
    assert lines[3]["tracks"] == whole["isrcs"]["gb-aye-97-00001"]
    assert lines[4]["albums"] == whole["upcs"]["16861402327"]
    assert lines[6]["album"] == whole["albums"][ALBUMS[0].id]
    said = description(Shape.plain)
    content = said["paths"]["/batch/lookup"]["post"]["responses"]["200"]["content"]
    schema = {**content["application/x-ndjson"]["schema"], "components": said["components"]}
    for line in lines:
        jsonschema.Draft202012Validator(schema).validate(line)


@pytest.mark.parametrize("where", ["snapshot", "files"])
async def test_a_thousand_ids_are_one_request(
    client: Client, request: pytest.FixtureRequest, where: str, two_files: Path
) -> None:
    backend: LocalBackend = request.getfixturevalue(f"from_{where}")
    main = sqlite3.connect(two_files / tables.MAIN)
    ids = [id for (id,) in main.execute("SELECT id FROM tracks LIMIT 999")]
    main.close()
    now = 0.0
    limiter = Limiter(Rate(1, 2), clock=lambda: now)
    async with client(backend, limiter=limiter) as http:
        answer = await http.post("/batch/lookup", json={"tracks": [*ids, "missing"]})
        assert [*answer.json()["tracks"]] == ids
        answer = await http.post("/batch/lookup", json={"tracks": ids}, headers=LINES)
        assert len(answer.text.splitlines()) == 999
        assert (await http.post("/batch/lookup", json={"tracks": ids[:1]})).status_code == 429


async def test_lines_that_cannot_go_on_are_cut_off_and_never_look_whole(
    client: Client, tiny: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tiny.store.artists

    def damaged(ranks: object, **_: object) -> list[bytes]:
        raise SnapshotDamaged(Path("catalog.db"), "malformed")

    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": json.dumps(EVERYTHING).encode()}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/batch/lookup", "query_string": b"", "client": ("192.0.2.1", 1),
        "headers": [(b"accept", b"application/x-ndjson")],
    }  # fmt: skip
    monkeypatch.setattr(tiny.store, "artists", damaged)
    await DropIn(Current(tiny))(scope, receive, send)  # type: ignore[arg-type]
    assert [one.get("status") or one.get("more_body", False) for one in sent] == [200, True]
    monkeypatch.setattr(tiny.store, "artists", whole)
    monkeypatch.setattr(tiny.store, "tracks", damaged)
    async with client(tiny) as http:
        answer = await http.post("/batch/lookup", json={"isrcs": ["GBAYE9700001"]}, headers=LINES)
        assert (answer.status_code, answer.json()["code"]) == (503, "snapshot_damaged")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_body"),
        (b"[]", "bad_body"),
        (b'{"tracks": ["a"]', "bad_body"),
        (b'{"tracks": "a"}', "bad_body"),
        (b'{"tracks": [1]}', "bad_body"),
        (b'{"tracks": ["\xff"]}', "bad_body"),
        (b"{}", "no_ids"),
        (b'{"tracks": [], "isrcs": null}', "no_ids"),
        (b'{"tracks": [%s], "ids": ["y"]}' % b",".join([b'"x"'] * 1000), "too_many_ids"),
    ],
)
async def test_a_wrong_body_is_400_and_says_why(client: Client, tiny: LocalBackend, body: bytes, code: str) -> None:
    async with client(tiny) as http:
        answer = await http.post("/batch/lookup", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["detail"]


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        answer = await http.post("/batch/lookup", content=b" " * (1 << 20) + b"{}")
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_large_answers_and_lines_are_compressed_as_the_client_likes(
    client: Client, from_snapshot: LocalBackend, two_files: Path
) -> None:
    main = sqlite3.connect(two_files / tables.MAIN)
    wanted = {"tracks": [id for (id,) in main.execute("SELECT id FROM tracks LIMIT 200")]}
    main.close()
    unpack = {
        "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
        "gzip": lambda data: zlib.decompress(data, 31),
    }
    async with client(from_snapshot) as http:
        for accept in ({}, LINES):
            plain = await http.post("/batch/lookup", json=wanted, headers=accept)
            assert "content-encoding" not in plain.headers
            for how, offered in (("zstd", "gzip, zstd"), ("gzip", "br, gzip;q=0.5, zstd;q=0"), ("gzip", "*")):
                async with http.stream(
                    "POST", "/batch/lookup", json=wanted, headers={**accept, "accept-encoding": offered}
                ) as answer:
                    packed = b"".join([part async for part in answer.aiter_raw()])
                assert answer.headers["content-encoding"] == how
                assert unpack[how](packed) == plain.content
                assert len(packed) < len(plain.content) / 2
