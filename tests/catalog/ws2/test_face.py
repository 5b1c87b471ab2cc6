"""The face over HTTP's own terms: prefixes, headers, catalogues that change or break while they are asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from segue.catalog.current import Current
from segue.catalog.snapshot.layout import WS2
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.store import Backend
from segue.catalog.ws2.app import Ws2App
from segue.catalog.ws2.pool import Ws2Pool
from tests.catalog.ws2.given import FIRST, SMALL, written

RELEASE = f"release/{FIRST['id']}"


class Catalogue:
    """What of a catalogue the face looks at."""

    id = "0123456789abcdef"

    def __init__(self, path: Path | None) -> None:
        self.ws2 = Ws2Pool(path) if path is not None else None

    async def close(self) -> None:
        if self.ws2 is not None:
            self.ws2.close()

    def backend(self) -> Backend:
        return cast(Backend, self)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("face")
    written(folder, SMALL).close()
    return folder


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    catalogue = Catalogue(folder / WS2)
    face = Ws2App(Current(catalogue.backend()))
    with TestClient(Starlette(routes=[Mount("/compat/musicbrainz/ws/2", face), Mount("/ws/2", face)])) as asked:
        yield asked
    assert catalogue.ws2 is not None
    catalogue.ws2.close()


def test_it_answers_under_any_prefix(client: TestClient) -> None:
    for prefix in ("/ws/2", "/compat/musicbrainz/ws/2"):
        said = client.get(f"{prefix}/{RELEASE}?fmt=json")
        assert (said.status_code, said.json()["id"]) == (200, FIRST["id"])
        assert client.get(f"{prefix}/release?query=amber", headers={"accept": "application/json"}).json()["count"] == 2


def test_an_answer_has_a_tag_and_is_open_to_other_origins(client: TestClient) -> None:
    said = client.get(f"/ws/2/{RELEASE}")
    assert said.headers["content-type"] == "application/xml; charset=utf-8"
    assert said.headers["access-control-allow-origin"] == "*"
    assert client.get(f"/ws/2/{RELEASE}", headers={"if-none-match": said.headers["etag"]}).status_code == 304
    head = client.head(f"/ws/2/{RELEASE}")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", said.headers["etag"])
    assert client.options(f"/ws/2/{RELEASE}").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.post(f"/ws/2/{RELEASE}").status_code == 405


def test_a_catalogue_of_something_else_says_so() -> None:
    said = TestClient(Ws2App(Current(Catalogue(None).backend()))).get(f"/ws/2/{RELEASE}?fmt=json")
    assert (said.status_code, said.json()["error"]) == (404, "This catalogue was not built from MusicBrainz.")


def test_damage_is_told_and_the_catalogue_before_answers(folder: Path, tmp_path: Path) -> None:
    whole = (folder / WS2).read_bytes()
    damaged = tmp_path / WS2
    middle = bytearray(whole)
    middle[8192 * 3 :] = bytes(len(whole) - 8192 * 3)
    damaged.write_bytes(middle)
    told: list[SnapshotDamaged] = []
    broken, before = Catalogue(damaged), Catalogue(folder / WS2)
    current = Current(broken.backend())

    async def recover(backend: Any, damage: SnapshotDamaged) -> bool:
        told.append(damage)
        current.change(before.backend())
        return True

    asked = f"/ws/2/{RELEASE}?fmt=json&inc=recordings+artist-credits"
    said = TestClient(Ws2App(current, recover)).get(asked)
    assert (said.status_code, json.loads(said.content)["id"]) == (200, FIRST["id"])
    assert [damage.file for damage in told] == [damaged]
    alone = TestClient(Ws2App(Current(Catalogue(damaged).backend()))).get(asked)
    assert (alone.status_code, alone.json()["error"]) == (
        503, "The MusicBrainz web server is currently busy. Please try again later.",
    )  # fmt: skip
