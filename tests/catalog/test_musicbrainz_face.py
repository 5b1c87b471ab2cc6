"""MusicBrainz' ws/2 in the full server: for who has signed in, with a name and an app password as Picard and beets send them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import msgspec
import pytest

from segue.accounts.service import AccountPolicy, AccountService
from segue.api.musicbrainz import MusicBrainzFace
from segue.catalog.service import CatalogService
from segue.catalog.snapshot.layout import WS2
from segue.catalog.snapshot.manifest import Part, read_manifest, write_manifest
from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.core.rest import Services
from segue.core.secrets import SecretKeys
from segue.settings import load_settings
from tests.accounts.ground import CHEAP, KEYS
from tests.catalog.tiny import write_snapshot
from tests.catalog.ws2.given import SMALL, mbid, written

pytestmark = pytest.mark.anyio
once = pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
"""For what asks the database nothing of its own: one kind of it is enough."""


def with_musicbrainz(folder: Path) -> None:
    """A snapshot with MusicBrainz documents beside what was built of records."""
    write_snapshot(folder)
    written(folder, SMALL).close()
    manifest = read_manifest(folder)
    path = folder / WS2
    part = Part(path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
    write_manifest(folder, msgspec.structs.replace(manifest, parts={**manifest.parts, WS2: part}))


@pytest.fixture
async def services(db: Database, tmp_path: Path) -> AsyncIterator[Services]:
    settings = load_settings({"data_dir": tmp_path}, environ={})
    accounts = AccountService(db, SecretKeys(KEYS), AccountPolicy(), hasher=CHEAP)
    made = Services(accounts.authenticate)
    made.add(accounts)
    catalog = made.add(CatalogService(lambda: settings))
    await accounts.create_user(SYSTEM, "ann", "battery staple")
    yield made
    await catalog.close()
    await accounts.close()


async def status(services: Services, path: str, auth: tuple[str, str] | None = None, **headers: str) -> tuple[int, str]:
    transport = httpx2.ASGITransport(MusicBrainzFace(services))
    async with httpx2.AsyncClient(transport=transport, base_url="http://segue.test", auth=auth) as client:
        answer = await client.get(path, headers=headers)
        return answer.status_code, answer.text


@once
async def test_who_has_signed_in_is_answered_as_by_musicbrainz(services: Services, tmp_path: Path) -> None:
    with_musicbrainz(tmp_path / "catalog")
    some = next(iter(SMALL["release"]))
    ann = ("ann", "battery staple")
    code, text = await status(services, f"/compat/musicbrainz/ws/2/release/{some['id']}?fmt=json", ann)
    assert code == 200 and some["title"] in text
    code, text = await status(services, f"/compat/musicbrainz/ws/2/artist/{mbid('nobody at all')}?fmt=json", ann)
    assert code == 404 and '"error"' in text


@once
async def test_nobody_else_is(services: Services, tmp_path: Path) -> None:
    with_musicbrainz(tmp_path / "catalog")
    some = next(iter(SMALL["release"]))
    path = f"/ws/2/release/{some['id']}?fmt=json"
    for auth in (None, ("ann", "wrong"), ("nobody", "battery staple")):
        code, text = await status(services, path, auth)
        assert code == 401 and some["title"] not in text
    code, _ = await status(services, path, None, Authorization="Basic !!!")
    assert code == 401


@once
async def test_a_catalogue_of_something_else_says_so(services: Services, tmp_path: Path) -> None:
    ann = ("ann", "battery staple")
    path = f"/ws/2/artist/{mbid('x')}?fmt=json"
    assert await status(services, path, ann) == (
        404,
        '{"error":"There is no catalogue here.","help":"For usage, please see: https://musicbrainz.org/development/mmd"}',
    )
    write_snapshot(tmp_path / "catalog")
    code, text = await status(services, path, ann)
    assert code == 404 and "not built from MusicBrainz" in text
