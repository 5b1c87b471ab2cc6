"""An account service on each database, with a clock of its own and argon2id at its cheapest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from argon2 import PasswordHasher

from segue.accounts.service import AccountPolicy, AccountService
from segue.core.access import SYSTEM, Actor
from segue.core.db import Database
from segue.core.secrets import SecretKeys
from tests.accounts.ground import CHEAP, KEYS, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


Make = Callable[..., AccountService]


@pytest.fixture
async def make(db: Database, clock: Clock) -> AsyncIterator[Make]:
    """Makes account services on one database, as several processes have them."""
    made: list[AccountService] = []

    def another(keys: list[bytes] = KEYS, hasher: PasswordHasher = CHEAP, **policy: Any) -> AccountService:
        service = AccountService(
            db,
            SecretKeys(keys),
            AccountPolicy(**policy),
            hasher=hasher,
            clock=clock.now,
            monotonic=clock.monotonic,
        )
        made.append(service)
        return service

    yield another
    for service in made:
        await service.close()


@pytest.fixture
async def accounts(make: Make) -> AccountService:
    return make()


@pytest.fixture
async def admin(accounts: AccountService) -> Actor:
    """The administrator `root`, whose login password is `correct horse`."""
    person = await accounts.set_up("root", "correct horse")
    return await accounts.actor_for(person.id)


@pytest.fixture
async def ann(accounts: AccountService, admin: Actor) -> Actor:
    """Ann, a listener: `ann`, ann@example.org, `battery staple`."""
    person = await accounts.create_user(SYSTEM, "ann", "battery staple", email="ann@example.org")
    return await accounts.actor_for(person.id)
