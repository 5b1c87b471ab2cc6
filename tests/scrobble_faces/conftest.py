"""The faces over accounts, listening and a few tracks; nobody outside is told anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.accounts.service import AccountPolicy, AccountService
from segue.core.access import SYSTEM, Actor
from segue.core.db import Database
from segue.core.rest import Services
from segue.core.secrets import SecretKeys
from segue.scrobble_faces import LastfmFace, ListenBrainzFace
from tests.accounts.ground import CHEAP, KEYS
from tests.library.finding.ground import Song, library_of
from tests.listening.scrobbling.ground import Ground, ground

RECORDING = "9f5a4d5e-0d3c-4b2e-8f0a-111111111111"
SONGS = [
    Song("Harbour", "SOHN", "Rennen", 250.4, recording=RECORDING, isrc="GBAFL1600378"),
    Song("Still Waters", "SOHN", "Rennen", 210.7),
]


@dataclass
class Place:
    """Ann with an app password, her tracks, and a client."""

    house: Ground
    accounts: AccountService
    ann: Actor
    secret: str
    tracks: list[int]
    web: httpx2.AsyncClient


@pytest.fixture
async def place(db: Database) -> AsyncIterator[Place]:
    library, tracks = await library_of(db, SONGS)
    accounts = AccountService(db, SecretKeys(KEYS), AccountPolicy(), hasher=CHEAP)
    await accounts.set_up("root", "correct horse")
    person = await accounts.create_user(SYSTEM, "ann", "battery staple", email="ann@example.org")
    await accounts.change_user(SYSTEM, person.id, {"libraries": [library]})
    ann = await accounts.actor_for(person.id)
    made = await accounts.create_app_password(ann, "Player", scopes=["scrobble"])
    house = await ground(db, "http://127.0.0.1:9", ann)
    services = Services(_nobody)
    services.add(accounts)
    services.add(house.scrobbling)
    app = FastAPI()
    app.mount("/compat/listenbrainz", ListenBrainzFace(services))
    app.mount("/compat/lastfm", LastfmFace(services))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://segue") as web:
        yield Place(house, accounts, ann, made.secret, tracks, web)
    await house.close()
    await accounts.close()


async def _nobody(_request: Request) -> Actor | None:
    return None
