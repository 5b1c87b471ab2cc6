"""The library over REST: what an answer looks like, and what a wrong request is told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI, Request
from pydantic import TypeAdapter

from segue.core.access import Actor
from segue.core.rest import Page, Services, install_problem_handlers
from segue.library import schemas as s
from segue.library.routes import router
from tests.library.lists.conftest import ANN, BOB, House

pytestmark = pytest.mark.anyio


@pytest.fixture
async def web(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the library's routes; the header `who` says who asks, Ann where it says nothing."""

    async def authenticate(request: Request) -> Actor | None:
        return {"ann": ANN, "bob": BOB}.get(request.headers.get("who", "ann"))

    app = FastAPI()
    app.state.segue = Services(authenticate)
    app.state.segue.add(house.library)
    install_problem_handlers(app)
    app.include_router(router, prefix="/api/v1")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue/api/v1") as client:
        yield client


LISTS = {
    "tracks": s.TrackItem,
    "albums": s.AlbumItem,
    "artists": s.ArtistItem,
    "genres": s.GenreItem,
    "labels": s.LabelItem,
    "files": s.FileItem,
    "folders": s.FolderItem,
}
PAGES = LISTS | {
    "tracks": s.TrackPageItem,
    "albums": s.AlbumPageItem,
    "artists": s.ArtistPageItem,
    "folders": s.FolderPageItem,
    "labels": s.LabelPageItem,
}


async def test_lists_and_pages_look_as_openapi_says(web: httpx2.AsyncClient) -> None:
    for kind, model in LISTS.items():
        answer = await web.get(f"/{kind}", params={"limit": 1})
        assert answer.status_code == 200, answer.text
        page = TypeAdapter(Page[model]).validate_json(answer.content, strict=False)  # type: ignore[valid-type]
        assert len(page.items) == 1
        assert page.total is not None
        assert page.next
        assert set(answer.json()["items"][0]) == set(model.model_fields)
        one = await web.get(f"/{kind}/{page.items[0].id}")
        assert one.status_code == 200, one.text
        assert set(one.json()) == set(PAGES[kind].model_fields)
        PAGES[kind].model_validate_json(one.content)
        second = await web.get(f"/{kind}", params={"limit": 1, "cursor": page.next})
        assert second.json()["items"][0]["id"] not in {item.id for item in page.items}
        assert "total" not in second.json()
    letters = await web.get("/artists/index")
    TypeAdapter(list[s.LetterItem]).validate_json(letters.content)
    found = await web.get("/search", params={"q": "night"})
    s.FoundItem.model_validate_json(found.content)
    assert found.json()["query"] == "night"
    for kind, model in FOUND.items():
        for item in found.json()[kind]:
            assert set(item) == set(model.model_fields)
            assert item["matched"]
    assert found.json()["tracks"]
    assert found.json()["albums"]


FOUND = {
    "tracks": s.FoundTrackItem,
    "albums": s.FoundAlbumItem,
    "artists": s.FoundArtistItem,
    "labels": s.FoundLabelItem,
    "genres": s.FoundGenreItem,
}


async def test_a_search_goes_on_kind_by_kind(web: httpx2.AsyncClient) -> None:
    first = (await web.get("/search", params={"q": "night", "limit": 3})).json()
    cursor = first["next"]["tracks"]
    assert cursor
    ids = [item["id"] for item in first["tracks"]]
    while cursor:
        answer = await web.get("/search", params={"q": "night", "limit": 3, "kinds": "tracks", "cursor": cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["albums"] == []
        ids += [item["id"] for item in page["tracks"]]
        cursor = page["next"]["tracks"]
    everything = (await web.get("/search", params={"q": "night", "limit": 100, "kinds": "tracks"})).json()["tracks"]
    assert ids == [item["id"] for item in everything]
    wrong = await web.get("/search", params={"q": "day", "kinds": "tracks", "cursor": first["next"]["tracks"]})
    assert wrong.status_code == 422
    assert (await web.get("/search", params={"q": "x", "kinds": "songs"})).status_code == 422


async def test_what_was_typed_may_be_anything(web: httpx2.AsyncClient) -> None:
    for typed in (
        '"',
        "a\x00b",
        "' OR 1=1 --",
        "x" * 4_000,
        "a " * 2_000,
        "😀",
        "NEAR(a b)",
        "a AND NOT b",
        "§p0",
        "*",
    ):
        answer = await web.get("/search", params={"q": typed})
        assert answer.status_code == 200, (typed[:20], answer.text)


async def test_ids_are_typed_and_moments_end_in_z(web: httpx2.AsyncClient) -> None:
    album = (await web.get("/albums", params={"limit": 1})).json()["items"][0]
    assert album["id"].startswith("al-")
    assert album["artists"][0]["artist"]["id"].startswith("ar-")
    assert album["artwork"]["id"].startswith("aw-")
    assert album["added_at"].endswith("Z")


async def test_filters_narrow_a_list(web: httpx2.AsyncClient) -> None:
    whole = (await web.get("/albums", params={"limit": 1000})).json()
    assert whole["total"] == len(whole["items"]) == 60
    query = {"year": "1970..1999", "type": "album,-live", "sort": "-year", "limit": 1000}
    some = (await web.get("/albums", params=query)).json()["items"]
    assert some
    years = [album["year"] for album in some]
    assert years == sorted(years, reverse=True)
    wanted = {
        album["id"]
        for album in whole["items"]
        if album["year"] and 1970 <= album["year"] <= 1999
        if "album" in album["release_types"] and "live" not in album["release_types"]
    }
    assert {album["id"] for album in some} == wanted


WRONG = (
    ("/albums?yaer=1970", "yaer", "year"),
    ("/albums?sort=titel", "sort", "title"),
    ("/albums?year=abc", "year", ""),
    ("/albums?type=albun", "type", "album"),
    ("/albums?limit=0", "limit", ""),
    ("/albums?limit=1001", "limit", ""),
    ("/albums?cursor=nonsense", "cursor", ""),
    ("/albums?artist=al-1", "artist", ""),
    ("/albums?total=perhaps", "total", ""),
    ("/tracks?added=1977-13", "added", ""),
    ("/artists/index?rule=composer", "rule", "role"),
    ("/artists/index?role=composr", "role", "composer"),
    ("/search?q=a&limit=101", "limit", ""),
    ("/search?query=a", "query", ""),
    ("/search", "q", ""),
)


async def test_a_wrong_parameter_is_named_with_the_nearest_right_one(web: httpx2.AsyncClient) -> None:
    for path, field, hint in WRONG:
        answer = await web.get(path)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert field in [error["field"] for error in body["errors"]], path
        assert hint in body.get("hint", "") + body["detail"], path


async def test_what_is_not_there_is_404(web: httpx2.AsyncClient) -> None:
    for path in ("/albums/al-99999", "/tracks/tr-99999", "/artists/ar-99999", "/folders/fo-99999"):
        answer = await web.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await web.get(path.replace("-", "--"))).status_code == 422


async def test_what_one_may_not_see_is_404_and_not_403(web: httpx2.AsyncClient) -> None:
    for album in (await web.get("/albums", params={"limit": 1000})).json()["items"]:
        status = (await web.get(f"/albums/{album['id']}", headers={"who": "bob"})).status_code
        assert status == (200 if album["library"]["id"] == "li-1" else 404)


async def test_nobody_reads_without_signing_in(web: httpx2.AsyncClient) -> None:
    for path in ("/albums", "/tracks/tr-1", "/search?q=a", "/artists/index"):
        assert (await web.get(path, headers={"who": "stranger"})).status_code == 401


async def test_an_unchanged_list_is_304(web: httpx2.AsyncClient) -> None:
    first = await web.get("/albums?sort=-added")
    again = await web.get("/albums?sort=-added", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await web.get("/albums?sort=added", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


async def test_a_cursor_used_with_another_sort_is_422(web: httpx2.AsyncClient) -> None:
    cursor = (await web.get("/albums?limit=5&sort=title")).json()["next"]
    assert (await web.get("/albums", params={"limit": 5, "sort": "title", "cursor": cursor})).status_code == 200
    answer = await web.get("/albums", params={"limit": 5, "sort": "-title", "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


HOSTILE = ("'; DROP TABLE albums; --", "%", "\\", '"', "\x00", "𝕏", "a" * 500, "(((", "愛" * 400)


async def test_hostile_text_is_only_text(web: httpx2.AsyncClient) -> None:
    for text in HOSTILE:
        for name in ("search", "title", "artist_name", "country"):
            answer = await web.get("/albums", params={name: text})
            assert answer.status_code in (200, 422), answer.text
        assert (await web.get("/search", params={"q": text})).status_code == 200


async def test_openapi_tells_every_filter(web: httpx2.AsyncClient) -> None:
    described = (await web.get("http://segue/openapi.json")).json()["paths"]["/api/v1/albums"]["get"]["parameters"]
    names = [parameter["name"] for parameter in described]
    assert len(names) == len(set(names))
    assert {"year", "artist", "type", "has", "sort", "limit", "cursor"} <= set(names)


async def test_libraries_are_listed_and_only_administrators_see_where_they_lie(web: httpx2.AsyncClient) -> None:
    all_of_them = (await web.get("/libraries")).json()["items"]
    assert all(set(library) == set(s.LibraryItem.model_fields) for library in all_of_them)
    seen_by_bob = (await web.get("/libraries", headers={"who": "bob"})).json()["items"]
    assert {library["id"] for library in seen_by_bob} <= {library["id"] for library in all_of_them}
    assert all(library["path"] is None for library in seen_by_bob)
