"""Other players report to Segue as they would to ListenBrainz."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from segue.core.clock import utc_now
from segue.listening.models import Annotation, NowPlaying, Play
from tests.scrobble_faces.conftest import RECORDING, Place

pytestmark = pytest.mark.anyio
BASE = "/compat/listenbrainz/1"
NOW = int(utc_now().timestamp())


def listen(at: int | None, title: str = "Harbour", artist: str = "SOHN", **more: Any) -> dict[str, Any]:
    about = {"artist_name": artist, "track_name": title, "release_name": "Rennen", "additional_info": more}
    return {"track_metadata": about} | ({} if at is None else {"listened_at": at})


async def submit(place: Place, kind: str, *payload: Any, token: str | None = None, **headers: str) -> httpx2.Response:
    body = {"listen_type": kind, "payload": list(payload)}
    headers["Authorization"] = f"Token {place.secret if token is None else token}"
    return await place.web.post(f"{BASE}/submit-listens", json=body, headers=headers)


async def reading(place: Place, path: str, **query: str) -> httpx2.Response:
    headers = {"Authorization": f"Token {place.secret}"}
    return await place.web.get(f"{BASE}/{path}", params=query, headers=headers)


async def plays(place: Place) -> list[Any]:
    async with place.house.db.read() as conn:
        return list((await conn.execute(select(Play.__table__).order_by(Play.played_at))).all())


async def test_a_listen_becomes_a_play_of_the_track_it_means(place: Place) -> None:
    answer = await submit(place, "single", listen(NOW - 60, media_player="Finamp", duration_ms=250407))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    (play,) = await plays(place)
    assert (play.track_id, play.source, play.client, play.user_id) == (
        place.tracks[0], "listenbrainz", "Finamp", place.ann.person,
    )  # fmt: skip


async def test_a_listen_of_nothing_here_is_kept_as_it_was_told(place: Place) -> None:
    await submit(place, "single", listen(NOW - 60, "Unheard", "Nobody"), **{"User-Agent": "multi-scrobbler/1.2"})
    (play,) = await plays(place)
    assert (play.track_id, play.title, play.artist, play.album, play.client) == (
        None, "Unheard", "Nobody", "Rennen", "multi-scrobbler",
    )  # fmt: skip


async def test_what_is_reported_twice_is_one_play(place: Place) -> None:
    for at in (NOW - 60, NOW - 60, NOW - 45):
        await submit(place, "single", listen(at))
    await submit(place, "import", *[listen(NOW - 60), listen(NOW - 500), listen(NOW - 60)])
    assert len(await plays(place)) == 2


async def test_an_id_says_more_than_a_title(place: Place) -> None:
    await submit(place, "single", listen(NOW - 60, "Harbour (as streamed)", "Sohn", recording_mbid=RECORDING))
    await submit(place, "single", listen(NOW - 600, "Harbour", "Sohn", isrc="GBAFL1600378", duration_ms=250_000))
    assert [play.track_id for play in await plays(place)] == [place.tracks[0]] * 2


async def test_a_thousand_listens_come_at_once(place: Place) -> None:
    many = [listen(NOW - 100 * n, f"Song {n}") for n in range(1, 1001)]
    assert (await submit(place, "import", *many)).status_code == 200
    assert len(await plays(place)) == 1000
    assert (await reading(place, "user/Ann/listen-count")).json() == {"payload": {"count": 1000}}


async def test_what_plays_now_is_shown_and_loves_are_stars(place: Place) -> None:
    assert (await submit(place, "playing_now", listen(None))).status_code == 200
    assert (await submit(place, "playing_now", listen(None, "Unheard"))).status_code == 200
    shown = (await reading(place, "user/ann/playing-now")).json()["payload"]
    assert [one["track_metadata"]["track_name"] for one in shown["listens"]] == ["Harbour"]
    for score, starred in ((1, True), (0, False)):
        body = {"recording_mbid": RECORDING, "score": score}
        headers = {"Authorization": f"Token {place.secret}"}
        answer = await place.web.post(f"{BASE}/feedback/recording-feedback", json=body, headers=headers)
        assert answer.json() == {"status": "ok"}
        async with place.house.db.read() as conn:
            row = (await conn.execute(select(Annotation.starred_at).where(Annotation.kind == "track"))).first()
        assert (row is not None and row[0] is not None) == starred
    async with place.house.db.read() as conn:
        assert len((await conn.execute(select(NowPlaying.track_id))).all()) == 1


async def test_listens_are_read_as_listenbrainz_tells_them(place: Place, reference: Path) -> None:
    moments = [NOW - 100 * n for n in range(1, 31)]
    await submit(place, "import", *[listen(at, f"Song {n}", media_player="Deck") for n, at in enumerate(moments)])
    page = (await reading(place, "user/ann/listens")).json()["payload"]
    assert [one["listened_at"] for one in page["listens"]] == moments[:25]
    assert (page["latest_listen_ts"], page["oldest_listen_ts"], page["user_id"]) == (moments[0], moments[-1], "ann")
    older = (await reading(place, "user/ann/listens", max_ts=str(moments[24]), count="3")).json()["payload"]
    assert [one["listened_at"] for one in older["listens"]] == moments[25:28]
    newer = (await reading(place, "user/ann/listens", min_ts=str(moments[10]), count="3")).json()["payload"]
    assert [one["listened_at"] for one in newer["listens"]] == moments[7:10]
    recorded = json.loads((reference / "providers/listenbrainz/get_listens_happy_path_response.json").read_text())
    assert recorded["payload"].keys() <= page.keys()
    first, real = page["listens"][0], recorded["payload"]["listens"][0]
    assert real.keys() <= first.keys()
    assert real["track_metadata"].keys() <= first["track_metadata"].keys()


async def test_a_token_is_validated(place: Place) -> None:
    good = await reading(place, "validate-token")
    assert good.json() == {"code": 200, "message": "Token valid.", "valid": True, "user_name": "ann"}
    bad = await place.web.get(f"{BASE}/validate-token", params={"token": "a token of nobody at all"})
    assert (bad.status_code, bad.json()["valid"]) == (200, False)


async def test_without_a_good_token_nothing_is_taken(place: Place) -> None:
    missing = await place.web.post(f"{BASE}/submit-listens", json={})
    assert (missing.status_code, missing.json()) == (
        401, {"code": 401, "error": "You need to provide an Authorization header."},
    )  # fmt: skip
    assert (await submit(place, "single", listen(NOW), token="a token of nobody at all")).status_code == 401
    narrow = await place.accounts.create_app_password(place.ann, "Radio", scopes=["stream"])
    assert (await submit(place, "single", listen(NOW), token=narrow.secret)).status_code == 401
    wide = await place.accounts.create_app_password(place.ann, "All")
    assert (await submit(place, "single", listen(NOW), token=wide.secret)).status_code == 200
    await place.accounts.revoke_app_password(place.ann, wide.view.id)
    assert (await submit(place, "single", listen(NOW), token=wide.secret)).status_code == 401
    assert len(await plays(place)) == 1


async def test_nobody_elses_listens_are_read(place: Place) -> None:
    answer = await reading(place, "user/paul/listens")
    assert (answer.status_code, answer.json()) == (404, {"code": 404, "error": "User paul not found"})
    assert (await place.web.get(f"{BASE}/user/ann/listens")).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        json.dumps({"listen_type": "dance", "payload": [listen(NOW)]}).encode(),
        json.dumps({"listen_type": "single", "payload": []}).encode(),
        json.dumps({"listen_type": "single", "payload": {}}).encode(),
        json.dumps({"listen_type": "single", "payload": [listen(NOW), listen(NOW)]}).encode(),
        json.dumps({"listen_type": "single", "payload": [None]}).encode(),
        json.dumps({"listen_type": "single", "payload": [listen(None)]}).encode(),
        json.dumps({"listen_type": "single", "payload": [listen(-5)]}).encode(),
        json.dumps({"listen_type": "single", "payload": [listen(10**30)]}).encode(),
        json.dumps({"listen_type": "single", "payload": [listen(NOW, "")]}).encode(),
        json.dumps({"listen_type": "single", "payload": [listen(NOW, "\0")]}).encode(),
        json.dumps({"listen_type": "playing_now", "payload": [listen(NOW)]}).encode(),
        json.dumps({"listen_type": "import", "payload": [listen(NOW)] * 1001}).encode(),
    ],
)
async def test_what_cannot_be_read_is_refused_and_keeps_nothing(place: Place, body: bytes) -> None:
    headers = {"Authorization": f"Token {place.secret}"}
    answer = await place.web.post(f"{BASE}/submit-listens", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert await plays(place) == []


async def test_odd_additions_are_passed_over(place: Place) -> None:
    odd = listen(NOW - 60, duration_ms="x", duration=[], isrc=5, recording_mbid={}, artist_names=[None, 7], tags="\0")
    assert (await submit(place, "single", odd)).status_code == 200
    odd = listen(NOW - 600)
    odd["track_metadata"]["additional_info"] = "nothing"
    assert (await submit(place, "single", odd)).status_code == 200
    assert len(await plays(place)) == 2


async def test_what_is_too_large_is_refused(place: Place) -> None:
    headers = {"Authorization": f"Token {place.secret}"}
    answer = await place.web.post(f"{BASE}/submit-listens", content=b"x" * 10_240_001, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "Payload too large.")


async def test_a_listen_from_the_future_is_left_out(place: Place) -> None:
    assert (await submit(place, "import", listen(NOW + 3 * 86_400), listen(NOW - 60))).status_code == 200
    assert len(await plays(place)) == 1


async def test_pages_of_other_origins_may_report(place: Place) -> None:
    answer = await place.web.options(f"{BASE}/submit-listens")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "cookie" not in answer.headers["access-control-allow-headers"].lower()


async def test_what_is_not_there_is_said_as_listenbrainz_says_it(place: Place) -> None:
    for path in ("", "stats", "user/ann", "user/ann/friends", "submit-listens/x"):
        assert (await reading(place, path)).status_code == 404
    assert (await reading(place, "latest-import")).json()["latest_import"] == 0
    for query in ({"count": "x"}, {"max_ts": "1", "min_ts": "2"}, {"min_ts": "9" * 40}):
        assert (await reading(place, "user/ann/listens", **query)).status_code == 400
