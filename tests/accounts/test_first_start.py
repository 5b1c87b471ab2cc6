"""The first start: nobody comes in before the administrator is made."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from segue.accounts.service import AccountService
from segue.app import Segue
from segue.asgi import make_asgi
from segue.settings import Settings

pytestmark = pytest.mark.anyio


async def test_nobody_can_set_up_or_sign_in_before_the_operators_administrator_is_there(tmp_path: Path) -> None:
    segue = Segue(Settings(data_dir=tmp_path))
    during: list[int] = []
    transport = httpx2.ASGITransport(make_asgi(segue))
    async with httpx2.AsyncClient(transport=transport, base_url="http://segue.lan") as client:

        async def ask() -> list[int]:
            account = {"username": "stranger", "password": "strange words"}
            answers = [
                await client.get("/api/v1/setup"),
                await client.post("/api/v1/setup", json=account),
                await client.post("/api/v1/auth/login", json=account),
                await client.get("/rest/ping", params={"u": "stranger", "p": "strange words"}),
            ]
            return [answer.status_code for answer in answers]

        async def started(opened: Segue) -> None:
            during.extend(await ask())
            await opened.services.get(AccountService).first_admin("boss", "correct horse")

        before = await ask()
        try:
            await segue.open(started=started)
            assert before == during == [503, 503, 503, 503]
            assert await ask() == [200, 409, 401, 200]
            login = {"username": "boss", "password": "correct horse"}
            assert (await client.post("/api/v1/auth/login", json=login)).status_code == 200
        finally:
            await segue.close()
