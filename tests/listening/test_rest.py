"""Listening over HTTP: every operation once, what is asked wrongly, and that nobody sees what is another's."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.rest import Services, install_problem_handlers
from segue.listening import own_routes, routes
from segue.listening.service import ListeningService
from segue.listening.statistics import routes as statistics_routes
from segue.listening.statistics.service import StatisticsService
from tests.rows import LibraryMemory, Rows, some_music

pytestmark = pytest.mark.anyio
Client = httpx2.AsyncClient
PEOPLE = {
    "anna": Actor(1, "anna", libraries=None, time_zone="Europe/Berlin"),
    "root": Actor(2, "root", frozenset({"admin"}), libraries=None),
}


@pytest.fixture
def db_kind() -> str:
    """These are the same on both databases."""
    return "sqlite"


@pytest.fixture
async def music(db: Database) -> Rows:
    return await some_music(db)


async def _who(request: Request) -> Actor | None:
    return PEOPLE.get(request.headers.get("x-person", "anna"))


@pytest.fixture
async def http(db: Database, music: Rows) -> AsyncIterator[Client]:
    app = FastAPI()
    services = Services(_who)
    services.add(db)
    services.add(ListeningService(db, LibraryMemory()))
    services.add(StatisticsService(db, LibraryMemory()))
    app.state.segue = services
    for router in (routes.router, own_routes.router, statistics_routes.router):
        app.include_router(router, prefix="/api/v1")
    install_problem_handlers(app)
    async with Client(transport=httpx2.ASGITransport(app), base_url="http://segue.lan/api/v1") as client:
        yield client


ROOT = {"x-person": "root"}


async def ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def test_a_play_is_reported_listed_edited_and_taken_back(http: Client, music: Rows) -> None:
    one, two = (f"tr-{number}" for number in music.tracks[0][:2])
    rule = await ok(await http.get("/listening/counting"))
    assert rule == {"longer_than_ms": 30_000, "share": 0.5, "enough_ms": 240_000, "folded_within_s": 30}
    body = {"track": one, "played_at": "2026-03-29T01:30:00+01:00", "client": "Web", "source": "web"}
    assert (await ok(await http.post("/plays", json=body)))["counted"]
    assert not (await ok(await http.post("/plays", json=body)))["counted"]
    undecided = {"track": two, "submission": None, "duration_played_ms": 900}
    assert not (await ok(await http.post("/plays", json=undecided)))["counted"]
    (play,) = (await ok(await http.get("/plays", params={"q": "song", "from": "2026-03-29", "source": "web"})))["items"]
    assert (play["track_id"], play["played_at"], play["device"]) == (one, "2026-03-29T00:30:00.000Z", "Web")
    (change,) = (await ok(await http.patch(f"/plays/{play['id']}", json={"track": two})))["changes"]
    assert (await ok(await http.get("/plays", params={"track": two})))["items"][0]["title"] == "Song 2"
    assert (await http.delete(f"/plays/{play['id']}", headers=ROOT)).status_code == 404
    (gone,) = (await ok(await http.delete(f"/plays/{play['id']}")))["changes"]
    assert (await ok(await http.get("/plays")))["items"] == []
    assert (await http.post(f"/plays/changes/{change}/undo")).status_code == 409
    for number in (gone, change):
        await ok(await http.post(f"/plays/changes/{number}/undo"), 204)
    assert (await ok(await http.get("/plays")))["items"] == [play]
    page = await ok(await http.get("/plays/changes", params={"limit": 1}))
    assert page["items"][0]["op"] == "delete" and page["items"][0]["undone_at"] and page["next"]
    assert (await ok(await http.get("/plays/changes", params={"cursor": page["next"]})))["next"] is None
    assert (await ok(await http.post("/plays/delete", json={"plays": [play["id"]]})))["changes"]
    assert (await ok(await http.get("/plays/sources")))["items"] == []


async def test_opinions_bookmarks_and_players(http: Client, music: Rows) -> None:
    track = f"tr-{music.tracks[0][0]}"
    for verb in ("stars", "hates"):
        await ok(await http.put(f"/{verb}/{track}"), 204)
        await ok(await http.delete(f"/{verb}/{track}"), 204)
        assert (await http.put(f"/{verb}/tr-999")).status_code == 404
    await ok(await http.put(f"/ratings/{track}", json={"rating": 4}), 204)
    await ok(await http.put(f"/bookmarks/{track}", json={"position_ms": 700, "comment": "coda"}), 204)
    (mark,) = (await ok(await http.get("/bookmarks")))["items"]
    assert (mark["track"], mark["position_ms"]) == (track, 700)
    await ok(await http.delete(f"/bookmarks/{track}"), 204)
    await http.post("/plays", json={"track": track, "submission": False, "client": "Web", "position_ms": 200})
    (playing,) = (await ok(await http.get("/now-playing", headers=ROOT)))["items"]
    assert (playing["user"], playing["is_you"], playing["title"]) == ("us-1", False, "Song 1")
    assert playing["position_ms"] >= 200
    await ok(await http.delete("/now-playing", params={"client": "Web"}), 204)
    assert (await ok(await http.get("/now-playing")))["items"] == []


async def test_statistics_are_asked_by_any_range(http: Client, music: Rows) -> None:
    for day, track in (("2025-12-31", 0), ("2026-03-29", 0), ("2026-03-30", 1)):
        body = {"track": f"tr-{music.tracks[0][track]}", "played_at": f"{day}T12:00:00Z"}
        await ok(await http.post("/plays", json=body))
    asked = {"period": "year", "at": "2026-06-01"}
    top = await ok(await http.get("/listening/top", params={**asked, "kind": "artists", "compare": True}))
    assert top["range"] == {"period": "year", "first": "2026-01-01", "last": "2026-12-31"}
    assert [(one["id"], one["plays"], one["plays_before"]) for one in top["items"]] == [
        (f"ar-{music.artists[0]}", 2, 1)
    ]
    page = await ok(await http.get("/listening/top", params={"kind": "tracks", "limit": 1, "by": "time"}))
    rest = await ok(await http.get("/listening/top", params={"kind": "tracks", "limit": 1, "cursor": page["next"]}))
    assert page["next"] == "1" and rest["next"] is None
    totals = await ok(await http.get("/listening/totals", params=asked))
    assert (totals["totals"]["plays"], totals["before"]["plays"], totals["totals"]["new_tracks"]) == (2, 1, 1)
    bars = await ok(await http.get("/listening/over-time", params={**asked, "bucket": "month"}))
    assert [bar["plays"] for bar in bars["items"]] == [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    hours = await ok(
        await http.get("/listening/over-time", params={"from": "2026-03-29", "to": "2026-03-29", "bucket": "hour"})
    )
    assert [bar["at"] for bar in hours["items"] if bar["plays"]] == ["2026-03-29T14:00"]
    clock = await ok(await http.get("/listening/clock", params=asked))
    assert clock["plays"][6][14] == 1 and sum(map(sum, clock["plays"])) == 2
    streaks = await ok(await http.get("/listening/streaks"))
    assert streaks["longest"] == {"days": 2, "first": "2026-03-29", "last": "2026-03-30"}
    new = await ok(await http.get("/listening/discoveries", params={**asked, "kind": "tracks"}))
    assert (new["total"], new["items"][0]["title"]) == (1, "Song 2")
    assert [year["year"] for year in (await ok(await http.get("/listening/years")))["items"]] == [2025, 2026]
    year = await ok(await http.get("/listening/years/2026"))
    assert (year["totals"]["plays"], year["before"]["plays"], len(year["days"])) == (2, 1, 365)
    artist = await ok(await http.get(f"/listening/of/ar-{music.artists[0]}"))
    assert artist["plays"] == 3 and len(artist["months"]) == 2
    assert (await ok(await http.get("/listening/totals", headers=ROOT)))["totals"]["plays"] == 0
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        ("top", {"period": "year", "from": "2026-01-01"}),
        ("top", {"period": "fortnight"}),
        ("top", {"cursor": "x"}),
        ("over-time", {"bucket": "hour", "from": "1980-01-01"}),
        ("totals", {"from": "2026-02-01", "to": "2026-01-01"}),
        ("years/1", {}),
    )
    for path, params in wrong:
        assert (await http.get(f"/listening/{path}", params=params)).status_code == 422, path
    assert (await http.get("/listening/of/us-1")).status_code == 422
    assert (await http.get("/listening/of/ar-9999")).status_code == 404


async def test_queues_tags_searches_and_exports(http: Client, music: Rows) -> None:
    one, two, three, _ = (f"tr-{number}" for number in music.tracks[0])
    for tracks in ([one, two], [three]):
        await ok(await http.put("/queue", params={"device": "desk"}, json={"tracks": tracks, "current_index": 0}), 204)
    queues = (await ok(await http.get("/queues")))["items"]
    assert [(queue["device"], queue["before"], queue["current_track"]) for queue in queues] == [
        ("desk", False, three),
        ("desk", True, one),
    ]
    assert (await ok(await http.get("/queue", params={"device": "desk", "before": True})))["tracks"] == [one, two]
    assert (await ok(await http.post("/queue/restore", json={"device": "desk"})))["tracks"] == [one, two]
    assert (await ok(await http.post("/queue/take-over", json={"of": "desk"})))["tracks"] == [one, two]
    assert (await http.post("/queue/take-over", json={"of": "attic"})).status_code == 404
    await ok(await http.delete("/queue", params={"device": "desk"}), 204)
    for verb in ("add", "remove", "add"):
        await ok(await http.post(f"/own-tags/{verb}", json={"names": ["rain", "sun"], "things": [one]}), 204)
    rain, sun = (tag["id"] for tag in (await ok(await http.get("/own-tags")))["items"])
    assert (await http.patch(f"/own-tags/{rain}", json={"name": "Sun"})).status_code == 409
    await ok(await http.patch(f"/own-tags/{rain}", json={"name": "drizzle"}), 204)
    assert [tag["name"] for tag in (await ok(await http.get(f"/own-tags/on/{one}")))["items"]] == ["drizzle", "sun"]
    await ok(await http.post(f"/own-tags/{rain}/merge", json={"into": sun}), 204)
    await ok(await http.delete(f"/own-tags/{sun}"), 204)
    assert (await ok(await http.get("/own-tags")))["items"] == []
    for query in ("blue", "red"):
        assert (await ok(await http.post("/search-history", json={"box": "all", "query": query, "results": 3})))["kept"]
    page = await ok(await http.get("/search-history", params={"limit": 1}))
    assert (page["items"][0]["query"], page["kept"]) == ("red", True)
    assert (await ok(await http.get("/search-history", params={"cursor": page["next"]})))["items"][0]["query"] == "blue"
    await ok(await http.delete(f"/search-history/{page['items'][0]['id']}"), 204)
    assert (await ok(await http.delete("/search-history")))["forgotten"] == 1
    await ok(await http.put("/search-history/choice", json={"keep": False}), 204)
    assert not (await ok(await http.post("/search-history", json={"box": "all", "query": "x"})))["kept"]
    await ok(await http.post("/plays", json={"track": one}))
    for form, media in (("jsonl", "application/x-ndjson"), ("csv", "text/csv; charset=utf-8")):
        answer = await http.get("/listening/export", params={"format": form})
        assert answer.headers["content-type"] == media and "attachment" in answer.headers["content-disposition"]
        assert "Song 1" in answer.text
    listens = await http.get("/listening/export", params={"format": "listenbrainz"})
    assert json.loads(listens.text)["track_metadata"]["track_name"] == "Song 1"
