"""What search routes take, and what they say in headers. What is found is the business of the searchers' own tests."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import pytest

from segue.catalog.dropin.shapes import Shape
from segue.catalog.local import LocalBackend
from segue.catalog.search.errors import SubstringTooShort
from segue.catalog.store import Found
from tests.catalog.dropin.conftest import Client
from tests.catalog.tiny import TRACKS

pytestmark = pytest.mark.anyio


@pytest.fixture
def asked(tiny: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the searcher was asked, each time; it finds the first two."""
    calls: list[dict[str, Any]] = []

    async def search(kind: str, text: str, **given: Any) -> Found:
        calls.append({"kind": kind, "text": text, **given})
        return Found((1, 2), total=1000, capped=True, corrected="jóga €", next="c 2")

    monkeypatch.setattr(tiny, "search", search)
    return calls


async def test_an_array_of_whole_documents_best_first(client: Client, tiny: LocalBackend) -> None:
    async with client(tiny) as http:
        found = (await http.get("/search/track", params={"q": "joga"})).json()
        assert [one["id"] for one in found] == [TRACKS[0].id, TRACKS[2].id]
        assert found[0] == (await http.get(f"/lookup/track/{TRACKS[0].id}")).json()
        everything = (await http.get("/search/all", params={"q": "björk"})).json()
        assert [*everything] == ["tracks", "albums", "artists"]
        assert [one["name"] for one in everything["artists"]] == ["Björk"]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("", 20),
        ("5", 5),
        ("50", 50),
        ("51", 20),
        ("0", 20),
        ("-3", 20),
        ("ten", 20),
        ("1e3", 20),
        ("٣", 20),
        ("9" * 30, 20),
    ],
)
async def test_the_limit_is_read_as_the_go_server_reads_it(
    client: Client, tiny: LocalBackend, asked: list[dict[str, Any]], text: str, limit: int
) -> None:
    async with client(tiny) as http:
        assert (await http.get("/search/artist", params={"q": "xy", "limit": text})).status_code == 200
    assert asked[0]["limit"] == limit


async def test_headers_say_what_an_array_cannot(
    client: Client, tiny: LocalBackend, asked: list[dict[str, Any]]
) -> None:
    async with client(tiny) as http:
        answer = await http.get("/search/track", params={"q": "joga&", "limit": 2, "deadline_ms": 250, "total": "true"})
        assert asked[0]["deadline_s"] == 0.25
        assert asked[0]["count"]
        assert answer.headers["x-total-count"] == "1000"
        assert answer.headers["x-total-capped"] == "true"
        assert unquote(answer.headers["x-corrected-query"]) == "jóga €"
        assert unquote(answer.headers["x-next-cursor"]) == "c 2"
        assert answer.links["next"]["url"] == "?q=joga%26&limit=2&deadline_ms=250&total=true&cursor=c%202"
        await http.get("/search/track" + answer.links["next"]["url"])
        assert asked[-1]["after"] == "c 2"
        assert asked[-1]["text"] == "joga&"


async def test_a_deadline_gives_the_best_so_far_and_says_so(
    client: Client, tiny: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Found((1,), partial=True)

    async def search(kind: str, text: str, **given: Any) -> Found:
        return found

    monkeypatch.setattr(tiny, "search", search)
    async with client(tiny) as http, client(tiny, shape=Shape.strict) as strict:
        answer = await http.get("/search/track?q=slow")
        assert len(answer.json()) == 1
        assert answer.headers["x-partial"] == "true"
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        assert (await strict.get("/search/track?q=slow")).status_code == 200
        found = Found((), partial=True)
        assert (await http.get("/search/track?q=slow")).json() == []
        answer = await strict.get("/search/track?q=slow")
        assert (answer.status_code, answer.text) == (408, "search timeout - try a more specific query\n")


async def test_substrings_are_looked_for_first_where_there_is_an_index_and_words_where_they_find_nothing(
    client: Client, tiny: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    async def search(kind: str, text: str, *, match: str, **given: Any) -> Found:
        tried.append(match)
        if text == "ab":
            raise SubstringTooShort(3)
        return Found((1,) if text == "oga" or match == "words" else ())

    monkeypatch.setattr(tiny, "search", search)
    async with client(tiny) as http:
        for text, given, expected in (
            ("oga", {}, ["substring"]),
            ("joga bjork", {}, ["substring", "words"]),
            ("oga", {"match": "words"}, ["words"]),
            ("none", {"match": "substring"}, ["substring"]),
        ):
            tried.clear()
            assert (await http.get("/search/track", params={"q": text, **given})).status_code == 200
            assert tried == expected
        answer = await http.get("/search/track", params={"q": "ab", "match": "substring"})
        assert (answer.status_code, answer.json()["code"]) == (400, "substring_too_short")
        monkeypatch.setattr(tiny, "substring", False)
        tried.clear()
        await http.get("/search/track", params={"q": "oga"})
        assert tried == ["words"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "no_query"),
        ("?q=", "no_query"),
        ("?q=%20%20", "no_query"),
        ("?q=a", "query_too_short"),
        (f"?q={'x' * 10_000}", "query_too_long"),
        (f"?q={quote('é' * 1_001)}", "query_too_long"),
        ("?q=love&match=guess", "wrong_match"),
        ("?q=love&deadline_ms=soon", "wrong_deadline"),
        ("?q=love&deadline_ms=0", "wrong_deadline"),
        ("?q=love&cursor=nonsense", "wrong_cursor"),
        ("?" + "&".join(["q=love"] * 40), "too_many_parameters"),
    ],
)
async def test_what_cannot_be_asked_is_400_with_a_reason(
    client: Client, tiny: LocalBackend, query: str, code: str
) -> None:
    async with client(tiny) as http:
        answer = await http.get(f"/search/track{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize(
    "query", ["%%", "%25%25", "%FF%FE", "a%00b", '"""', "(((", "-", "artist:", "\\\\", "NEAR(a b)"]
)
async def test_odd_queries_are_answered_and_never_an_error_of_the_server(
    client: Client, from_snapshot: LocalBackend, from_files: LocalBackend, query: str
) -> None:
    for backend in (from_snapshot, from_files):
        for shape in (Shape.plain, Shape.strict):
            async with client(backend, shape=shape) as http:
                for kind in ("track", "album", "artist", "all"):
                    answer = await http.get(f"/search/{kind}?q={query}")
                    assert answer.status_code in (200, 400), answer.text
                    assert answer.status_code == 200 or answer.text
