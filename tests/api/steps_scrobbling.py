"""Linked accounts, queues and what was refused, as somebody who scrobbles would come to ask; an emulator is the service."""

from __future__ import annotations

from typing import Any

from segue.emulator.lastfm import API_KEY, SECRET
from segue.emulator.serving import running
from segue.metadata.providers.lastfm import LastfmKeys
from segue.metadata.service import MetadataService
from tests.api.in_process import House
from tests.e2e.running import wait_until


def steps(ask: Any, house: House) -> None:
    """Link both kinds of account, play something that is refused, and look after it."""
    metadata = house.segue.services.get(MetadataService)
    with running() as (emulator, url):
        usual, keys = metadata.listenbrainz._usual_url, metadata.lastfm._keys
        given = LastfmKeys(API_KEY, SECRET, f"{url}/lastfm/2.0/", f"{url}/lastfm/api/auth/")
        metadata.listenbrainz._usual_url = lambda: f"{url}/listenbrainz"
        metadata.lastfm._keys = lambda: given
        try:
            _ask(ask, emulator)
        finally:
            metadata.listenbrainz._usual_url, metadata.lastfm._keys = usual, keys


def _ask(ask: Any, emulator: Any) -> None:
    ask("scrobbling_get")
    token = emulator.listenbrainz.token_of("ann")
    brainz = ask("scrobble_accounts_create", {"token": token, "label": "My listens"})["id"]
    login = ask("scrobbling_lastfm_login", {})
    emulator.lastfm.approve(login["approval_url"].rpartition("token=")[2], "ann")
    lastfm = ask("scrobbling_lastfm_session", {"ticket": login["ticket"]})["id"]
    ask("scrobble_accounts_test", id=lastfm)
    ask("scrobble_accounts_update", {"choices": {"minimum_s": 0, "without_clients": ["Kitchen"]}}, id=lastfm)
    ask.client.patch(f"/api/v1/scrobbling/accounts/{brainz}", json={"choices": {"minimum_s": 0}}).raise_for_status()
    emulator.world.faults.add("refuse", service="lastfm", code=2)
    for track in ask.client.get("/api/v1/tracks?limit=2").json()["items"]:
        ask.client.post("/api/v1/plays", json={"track": track["id"], "client": "Desk"}).raise_for_status()

    def refused() -> bool:
        return bool(ask.client.get(f"/api/v1/scrobbling/accounts/{lastfm}").json()["refused"] == 2)

    wait_until(refused)
    ask("scrobble_accounts_list")
    ask("scrobble_accounts_get", id=lastfm)
    rows = ask("scrobbles_list", state="refused", account=lastfm)["items"]
    ask("scrobbles_retry", id=rows[0]["id"])
    wait_until(refused)
    ask("scrobbles_delete", id=rows[0]["id"])
    ask("scrobble_accounts_retry", id=lastfm)
    ask("scrobble_accounts_dismiss", id=lastfm)
    ask("scrobble_accounts_send", id=lastfm)
    ask("scrobble_accounts_import_loves", id=lastfm)
    for account in (lastfm, brainz):
        ask("scrobble_accounts_delete", id=account)
