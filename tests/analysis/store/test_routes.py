"""Analysis over HTTP: one quick request for a waveform, files sent in every way, exports, and who may do what."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.analysis import routes, waveform
from segue.analysis.exporting import COLUMNS
from segue.analysis.metrics import analysis_metrics
from segue.analysis.requests import routes as request_routes
from segue.core.access import Actor
from segue.core.db import Database
from segue.core.rest import Services, install_problem_handlers
from tests.analysis.store.engines import heard
from tests.analysis.store.ground import Studio, studio
from tests.library.media import bare

pytestmark = pytest.mark.anyio
PEOPLE = {
    "ed": Actor(7, "ed", frozenset({"editor"}), libraries=None),
    "lis": Actor(8, "lis", frozenset({"user"}), libraries=None),
    "away": Actor(9, "away", frozenset({"user"}), libraries=frozenset()),
    "root": Actor(1, "root", frozenset({"admin"}), libraries=None),
}


@pytest.fixture
def db_kind() -> str:
    return "sqlite"


@pytest.fixture
async def here(db: Database, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(db, tmp_path) as made:
        made.home.song("a.flac", title="One", album="First", seed=1)
        made.home.song("=b.flac", title="=Two", album="First", seed=2)
        made.plan(**{"=b.flac": "refuse"})
        await made.scan()
        await made.listen()
        yield made


@pytest.fixture
async def http(here: Studio) -> AsyncIterator[httpx2.AsyncClient]:
    async def who(request: Request) -> Actor | None:
        return PEOPLE[request.headers.get("x-person", "ed")]

    app, services = FastAPI(), Services(who)
    services.add(here.db)
    services.add(here.analysis)
    app.state.segue = services
    for router in (routes.router, request_routes.router):
        app.include_router(router, prefix="/api/v1")
    install_problem_handlers(app)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://segue.lan/api/v1") as client:
        yield client


def told(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_waveform_is_one_request_that_may_be_kept(here: Studio, http: httpx2.AsyncClient):
    path = f"/analysis/tracks/tr-{await here.track('One')}"
    drawn = heard().waveform
    name = told(await http.get(path))["waveform"]
    first = await http.get(f"{path}/waveform", params={"format": "dat", "v": name})
    assert waveform.read(first.content).peaks == drawn.peaks
    assert first.headers["cache-control"] == "private, max-age=31536000, immutable"
    same = await http.get(
        f"{path}/waveform", params={"format": "dat"}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (same.status_code, same.content, same.headers["cache-control"]) == (304, b"", "private, no-cache")
    accepted = await http.get(f"{path}/waveform", headers={"Accept": "application/octet-stream"})
    assert accepted.content == first.content
    small = told(await http.get(f"{path}/waveform", params={"pixels": 50}))
    assert (small["length"], small["samples_per_pixel"], len(small["bands"])) == (50, 4 * 256, 150)
    plain = told(await http.get(f"{path}/waveform", params={"samples_per_pixel": 1000, "bands": "false"}))
    assert plain["samples_per_pixel"] == 1024 and plain.get("bands") is None
    told(await http.get(f"{path}/waveform", headers={"x-person": "away"}), 404)


async def test_what_was_not_heard_says_so(here: Studio, http: httpx2.AsyncClient):
    path = f"/analysis/tracks/tr-{await here.track('=Two')}"
    for part in ("beats", "waveform", "loudness"):
        refused = told(await http.get(f"{path}/{part}"), 404)
        assert (refused["code"], refused["detail"]) == ("not_heard", "It could not be heard.")
    whole = told(await http.get(path))
    assert whole["reason"] == {"code": "encrypted", "params": {"scheme": "drms"}, "message": "The sound is encrypted."}
    (failed,) = told(await http.get("/analysis/failed", params={"code": "encrypted"}))["items"]
    assert (
        failed["title"] == "=Two" and told(await http.get("/analysis/failed", params={"code": "other"}))["items"] == []
    )


async def test_a_file_may_be_sent_as_it_is_or_in_a_form(here: Studio, http: httpx2.AsyncClient):
    data = bare("flac", seed=9)
    sent = [
        await http.post("/analysis", params={"name": "raw.flac"}, content=data),
        await http.post(
            "/analysis", content=data, headers={"Content-Disposition": 'attachment; filename="named.flac"'}
        ),
        await http.post("/analysis", files={"file": ("form.flac", data, "audio/flac")}),
    ]
    asked = [told(answer, 202) for answer in sent]
    assert [one["name"] for one in asked] == ["raw.flac", "named.flac", "form.flac"]
    await here.listen()
    page = told(await http.get("/analysis/requests", params={"limit": 2}))
    assert [one["state"] for one in page["items"]] == ["done", "done"] and page["next"]
    rest = told(await http.get("/analysis/requests", params={"limit": 2, "cursor": page["next"]}))
    assert [one["id"] for one in rest["items"]] == [asked[0]["id"]] and rest["next"] is None
    done = told(await http.get(f"/analysis/requests/{asked[0]['id']}"))
    assert done["heard"]["beats_ms"] and done["heard"]["key"]["measured"]["camelot"] == "8A"
    assert here.log.count("sound.flac") == 1, "the same bytes are one sound"
    told(await http.get(f"/analysis/requests/{asked[0]['id']}", headers={"x-person": "lis"}), 404)
    assert (await http.delete(f"/analysis/requests/{asked[0]['id']}")).status_code == 204


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_asked"),
        ({"track": "tr-1", "url": "http://a.example/"}, "nothing_asked"),
        ({"track": "al-1"}, "bad_id"),
        ({"url": "http://127.0.0.1/x"}, "bad_address"),
        ({"url": "gopher://a.example/x"}, "bad_address"),
        ({"trakc": "tr-1"}, "invalid_parameter"),
        ([], "invalid_parameter"),
    ],
)
async def test_what_is_asked_wrongly_is_told(http: httpx2.AsyncClient, body: Any, code: str):
    assert told(await http.post("/analysis", json=body), 422)["code"] == code


async def test_a_correction_over_http_says_how_it_is_undone(here: Studio, http: httpx2.AsyncClient):
    path = f"/analysis/tracks/tr-{await here.track('One')}"
    said = told(await http.patch(path, json={"tempo": "double", "downbeat_shift": 1}))
    assert said["tempo"]["source"] == "edit" and said["edit"].startswith("ed-")
    assert said["words"]["grid"]["value"] == {"downbeat": 1}
    beats = told(await http.get(f"{path}/beats"))
    assert beats["downbeats"][0] == 1 and beats["bpm"] == pytest.approx(said["tempo"]["bpm"])
    for wrong in ({}, {"tempo": "halve", "bpm": 90}, {"key": "Q"}, {"bpm": 5}):
        told(await http.patch(path, json=wrong), 422)
    told(await http.patch(path, json={"bpm": 90}, headers={"x-person": "lis"}), 403)
    told(await http.post(f"{path}/again", headers={"x-person": "lis"}), 403)
    told(await http.post("/analysis/again", json={"which": "all"}), 403)
    told(await http.post("/analysis/failed/again", headers={"x-person": "root"}), 202)


async def test_everything_measured_is_exported(here: Studio, http: httpx2.AsyncClient):
    lines = [json.loads(line) for line in (await http.get("/analysis/export")).text.splitlines()]
    assert [(line["title"], line["state"]) for line in lines] == [("One", "done"), ("=Two", "failed")]
    assert list(lines[0]) == list(COLUMNS)
    one = next(line for line in lines if line["title"] == "One")
    assert (one["measured_key"], one["camelot"], one["findings"]) == ("Am", "8A", ["lossy_source"])
    rows = list(csv.reader(io.StringIO((await http.get("/analysis/export", params={"format": "csv"})).text)))
    assert rows[0] == list(COLUMNS) and rows[2][1] == "'=Two" and rows[2][-1] == "encrypted"
    few = (await http.get("/analysis/export", params={"q": "analysis:done"})).text.splitlines()
    assert len(few) == 1
    told(await http.get("/analysis/export", params={"q": "bpm:("}), 422)
    assert (await http.get("/analysis/export", headers={"x-person": "away"})).text == ""


async def test_a_column_beside_a_list_and_how_far_it_is(here: Studio, http: httpx2.AsyncClient):
    one, two = await here.track("One"), await here.track("=Two")
    page = told(await http.get("/analysis/tracks", params={"ids": f"tr-{two},tr-{one},tr-999"}))
    assert [(row["track"], row["state"]) for row in page["items"]] == [(f"tr-{two}", "failed"), (f"tr-{one}", "done")]
    assert page["items"][1]["bpm_source"] == "analysis" and page["items"][1]["findings"] == ["lossy_source"]
    told(await http.get("/analysis/tracks", params={"ids": ",".join(f"tr-{n}" for n in range(501))}), 422)
    status = told(await http.get("/analysis/status"))
    assert status["states"] == {"pending": 0, "running": 0, "done": 1, "failed": 1}
    assert status["failed"] == {"encrypted": 1} and status["real_time_factor"] == 1000
    metrics = {sample.name: sample.value for one in await analysis_metrics(here.db) for sample in one.samples}
    assert metrics["segue_analysis_real_time_factor"] == pytest.approx(1000) and metrics["segue_analysis_failed"] == 1
