"""The query language over REST: /query/parse, /suggest, /explain, /write, /fields, and `?q=` of lists."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.api.query_routes import router as query_router
from segue.core.access import Actor
from segue.core.rest import Services, install_problem_handlers
from segue.library.called import Called
from segue.library.routes import router as library_router
from segue.listening.fields import FIELDS
from segue.query.service import QueryService
from tests.library.lists.conftest import ANN, BOB, NOBODY, House, house

__all__ = ["house"]
pytestmark = pytest.mark.anyio


@pytest.fixture
async def web(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """A client; the header `who` says who asks, Ann where it says nothing."""

    async def authenticate(request: Request) -> Actor | None:
        return {"ann": ANN, "bob": BOB, "nobody": NOBODY}.get(request.headers.get("who", "ann"))

    app = FastAPI()
    app.state.segue = Services(authenticate)
    app.state.segue.add(house.library)
    app.state.segue.add(QueryService(house.db, house.library.entities, Called(house.library), {"listening": FIELDS}))
    install_problem_handlers(app)
    app.include_router(library_router, prefix="/api/v1")
    app.include_router(query_router, prefix="/api/v1")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue/api/v1") as client:
        yield client


async def parse(web: httpx2.AsyncClient, query: str, entity: str = "tracks") -> Any:
    answer = await web.post("/query/parse", json={"entity": entity, "query": query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_good_query_comes_back_in_its_one_spelling_with_its_tree(web: httpx2.AsyncClient) -> None:
    told = await parse(web, 'artist : "Pink Floyd"  and year:1970-1979 sort:-year limit:90min')
    assert told["valid"] is True
    assert told["normalized"] == 'artist:"Pink Floyd" year:1970..1979 sort:-year limit:90min'
    assert told["ast"]["kind"] == "and"
    assert told["ast"]["parts"][1] == {"kind": "range", "field": "year", "low": 1970, "high": 1979}
    assert (told["sort"], told["limit"], told["warnings"], told["error"]) == ("-year", "90min", [], None)


async def test_a_wrong_query_is_a_good_answer_that_points_at_the_place(web: httpx2.AsyncClient) -> None:
    told = await parse(web, "title:love\nyaer:1970")
    assert told["valid"] is False
    assert told["ast"] is None
    assert told["error"]["code"] == "unknown_field"
    assert told["error"]["position"] == {"start": 11, "length": 4, "line": 2, "column": 1}
    assert told["error"]["suggestions"][0] == "year"
    assert told["error"]["expected"] == "a field of tracks"


async def test_songs_are_tracks_and_an_unknown_kind_is_422_with_the_nearest(web: httpx2.AsyncClient) -> None:
    assert (await parse(web, "love", "songs"))["entity"] == "tracks"
    answer = await web.post("/query/parse", json={"entity": "albms", "query": "love"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "unknown_entity"
    assert "albums" in answer.json()["suggestions"]


@pytest.mark.parametrize("kind", ["tracks", "albums", "artists", "genres", "labels"])
async def test_lists_take_a_query(web: httpx2.AsyncClient, kind: str) -> None:
    everything = (await web.get(f"/{kind}", params={"total": True})).json()
    asked = (await web.get(f"/{kind}", params={"q": "*", "total": True})).json()
    assert asked["total"] == everything["total"]
    name = everything["items"][0].get("title") or everything["items"][0]["name"]
    found = (await web.get(f"/{kind}", params={"q": f'"{name}"'})).json()["items"]
    assert everything["items"][0]["id"] in {item["id"] for item in found}


async def test_a_query_holds_beside_filters_and_pages_by_cursor(web: httpx2.AsyncClient) -> None:
    whole = (await web.get("/tracks", params={"q": "year:1960.. sort:-year,title", "limit": 1000})).json()["items"]
    assert whole
    ids: list[str] = []
    cursor = None
    while True:
        params = {"q": "year:1960.. sort:-year,title", "limit": 50} | ({"cursor": cursor} if cursor else {})
        page = (await web.get("/tracks", params=params)).json()
        ids += [item["id"] for item in page["items"]]
        cursor = page["next"] if "next" in page else None
        if not cursor:
            break
    assert ids == [item["id"] for item in whole]
    fewer = (await web.get("/tracks", params={"q": "year:1960..", "library": "li-1", "limit": 1000})).json()["items"]
    assert 0 < len(fewer) < len(whole)


async def test_a_sort_beside_the_query_goes_before_its_own(web: httpx2.AsyncClient) -> None:
    asked = (await web.get("/albums", params={"q": "* sort:-year", "sort": "title", "limit": 5})).json()["items"]
    plain = (await web.get("/albums", params={"sort": "title", "limit": 5})).json()["items"]
    assert [item["id"] for item in asked] == [item["id"] for item in plain]


async def test_a_limit_in_the_query_bounds_the_whole_list(web: httpx2.AsyncClient) -> None:
    ids: list[str] = []
    cursor = None
    while True:
        params = {"q": "* sort:random limit:25 offset:3", "limit": 10} | ({"cursor": cursor} if cursor else {})
        page = (await web.get("/tracks", params=params)).json()
        ids += [item["id"] for item in page["items"]]
        cursor = page["next"] if "next" in page else None
        if not cursor:
            break
    assert len(ids) == len(set(ids)) == 25
    minutes = (await web.get("/tracks", params={"q": "limit:30min", "limit": 1000})).json()["items"]
    length = sum(item["duration_ms"] for item in minutes)
    assert 0 < length <= 30 * 60_000
    tenth = (await web.get("/tracks", params={"q": "limit:10%", "limit": 1000})).json()["items"]
    assert len(tenth) == 24


async def test_a_wrong_query_of_a_list_is_422_with_place_and_suggestions(web: httpx2.AsyncClient) -> None:
    answer = await web.get("/tracks", params={"q": "yaer:1970"})
    assert answer.status_code == 422
    told = answer.json()
    assert told["code"] == "unknown_field"
    assert told["position"] == {"start": 0, "length": 4, "line": 1, "column": 1}
    assert told["suggestions"][0] == "year"
    assert told["errors"][0]["field"] == "q"


async def test_nobody_finds_what_they_may_not_see(web: httpx2.AsyncClient) -> None:
    asked = await web.get("/tracks", params={"q": "*"}, headers={"who": "nobody"})
    assert asked.json()["items"] == []
    called = await web.post("/query/suggest", json={"query": "artist:"}, headers={"who": "nobody"})
    assert not [item for item in called.json()["items"] if item["detail"] == "artists"]
    mine = (await web.post("/query/suggest", json={"query": "artist:"})).json()["items"]
    assert [item for item in mine if item["detail"] == "artists"]


async def test_what_is_typed_is_completed_with_fields_and_names_from_the_library(web: httpx2.AsyncClient) -> None:
    fields = (await web.post("/query/suggest", json={"query": "love AND ye"})).json()["items"]
    assert fields[0] == {
        "kind": "field", "text": "year:", "label": "year", "detail": fields[0]["detail"], "start": 9, "length": 2,
    }  # fmt: skip
    artist = (await web.get("/artists", params={"limit": 1})).json()["items"][0]["name"]
    typed = artist.split()[-1][:4]
    found = (await web.post("/query/suggest", json={"query": f"artist:{typed}"})).json()["items"]
    assert any(item["text"] == f'"{artist}"' for item in found), found
    kinds = (await web.post("/query/suggest", json={"query": "type:", "entity": "albums"})).json()["items"]
    assert "compilation" in {item["label"] for item in kinds}
    decades = (await web.post("/query/suggest", json={"query": "year:19"})).json()["items"]
    assert {item["text"] for item in decades} >= {"1990..1999"}
    sorts = (await web.post("/query/suggest", json={"query": "* sort:-ye"})).json()["items"]
    assert sorts[0]["text"] == "year"


async def test_a_query_is_explained_condition_by_condition(web: httpx2.AsyncClient) -> None:
    told = (await web.post("/query/explain", json={"query": "year:1970..1979 NOT love plays:0"})).json()
    assert told["valid"] is True
    assert [one["text"] for one in told["conditions"]] == ["year:1970..1979", "love", "plays:0"]
    assert [one["negated"] for one in told["conditions"]] == [False, True, False]
    assert told["conditions"][0]["sentence"] == "year is from 1970 to 1979."
    assert all(isinstance(one["rows"], int) for one in told["conditions"])
    assert told["rows"] <= min(told["conditions"][0]["rows"], told["conditions"][2]["rows"])
    assert told["cost"] > 0


async def test_what_can_be_asked_is_told_for_an_editor(web: httpx2.AsyncClient) -> None:
    told = (await web.get("/query/fields", params={"entity": "songs"})).json()
    by_name = {item["name"]: item for item in told["items"]}
    assert by_name["artist"]["completes"] == "artists"
    assert by_name["rating"]["domain"] == "listening"
    assert by_name["rating"]["person"] is True
    assert {">=", "!="} <= {one["text"] for one in by_name["year"]["operators"]}
    assert by_name["valence"]["absent"] is True
    assert (by_name["energy"]["absent"], by_name["energy"]["sortable"]) == (False, True)
    assert by_name["title"]["sortable"] is True
    assert told["phrase"]


async def test_an_editor_writes_the_text_of_its_tree(web: httpx2.AsyncClient) -> None:
    query = '(genre:Rock,Metal OR "dark side") NOT title:startsWith live year:1970.. artist:ar-1'
    told = await parse(web, query)
    written = (await web.post("/query/write", json={"ast": told["ast"], "sort": "-year", "limit": "100"})).json()
    assert written["normalized"] == told["normalized"] + " sort:-year limit:100"
    assert written["ast"] == told["ast"]
    wrong = await web.post("/query/write", json={"ast": {"kind": "and", "parts": [{"kind": "has"}]}})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "ast.parts.0.field"


async def test_a_field_that_nothing_knows_yet_finds_nothing_and_says_so(web: httpx2.AsyncClient) -> None:
    told = await parse(web, "valence:>0.5")
    assert told["valid"] is True
    assert told["warnings"][0]["code"] == "no_data_yet"
    assert (await web.get("/tracks", params={"q": "valence:>0.5"})).json()["items"] == []


BOMBS = (
    "(" * 10_000, "love " * 200_000, "title:/" + "(a+)+" * 1_000 + "$/", "NOT " * 2_000, "genre:" + "x," * 3_000,
    "title:wildcard *a*b " * 200, "\0", "title:\0", "year:99999999999999999999", "added:-999999y", "id:tr-99999999999",
    "limit:999999999999999999999",
)  # fmt: skip


async def test_bombs_are_errors_that_are_told(web: httpx2.AsyncClient) -> None:
    for query in BOMBS:
        told = await parse(web, query)
        assert told["valid"] is False, query[:40]
        assert told["error"]["message"]
        assert told["error"]["position"]["line"] >= 1
        if len(query) < 12_000:
            listed = await web.get("/tracks", params={"q": query})
            assert listed.status_code == 422, query[:40]
            assert listed.json()["code"] == told["error"]["code"]
        explained = await web.post("/query/explain", json={"query": query})
        assert explained.json()["valid"] is False
        assert (await web.post("/query/suggest", json={"query": query})).status_code == 200


async def test_sql_in_a_query_is_text(web: httpx2.AsyncClient) -> None:
    for query in ("'; DROP TABLE tracks;--", 'title:"\' OR 1=1 --"', 'artist:"%"', "title:_", 'comment:"\\"; DELETE"'):
        answer = await web.get("/tracks", params={"q": query})
        assert answer.status_code == 200, answer.text
    assert (await web.get("/tracks", params={"q": "*", "total": True})).json()["total"] > 0
