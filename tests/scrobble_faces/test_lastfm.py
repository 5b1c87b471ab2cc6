"""Other players report to Segue as they would to Last.fm."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import httpx2
import pytest
from sqlalchemy import select

from segue.core.clock import utc_now
from segue.listening.models import Annotation, Play
from tests.scrobble_faces.conftest import Place

pytestmark = pytest.mark.anyio
BASE = "/compat/lastfm/2.0/"
NOW = int(utc_now().timestamp())


async def call(place: Place, method: str, **params: str) -> httpx2.Response:
    form = {"method": method, "api_key": "k" * 32, "api_sig": "0" * 32, "format": "json", **params}
    return await place.web.post(BASE, data=form, headers={"User-Agent": "foobar2000/2.1"})


async def plays(place: Place) -> list[Any]:
    async with place.house.db.read() as conn:
        return list((await conn.execute(select(Play.__table__).order_by(Play.played_at))).all())


async def test_a_player_signs_in_and_scrobbles(place: Place) -> None:
    session = (await call(place, "auth.getMobileSession", username="ann", password=place.secret)).json()["session"]
    assert (session["name"], session["key"]) == ("ann", place.secret)
    answer = await call(
        place, "track.scrobble", sk=session["key"], artist="SOHN", track="Harbour", album="Rennen", timestamp=str(NOW - 60),
        duration="250",
    )  # fmt: skip
    said = answer.json()["scrobbles"]
    assert said["@attr"] == {"accepted": 1, "ignored": 0}
    assert said["scrobble"]["track"] == {"corrected": "0", "#text": "Harbour"}
    (play,) = await plays(place)
    assert (play.track_id, play.source, play.client) == (place.tracks[0], "lastfm", "foobar2000")


async def test_with_the_login_password_a_key_of_its_own_is_made(place: Place) -> None:
    session = (await call(place, "auth.getMobileSession", username="ann", password="battery staple")).json()["session"]
    assert session["key"] != "battery staple"
    made = [view for view in await place.accounts.app_passwords(place.ann) if "foobar2000" in view.name]
    assert [view.scopes for view in made] == [("scrobble",)]
    assert (await call(place, "user.getInfo", sk=session["key"])).json()["user"]["name"] == "ann"
    await place.accounts.revoke_app_password(place.ann, made[0].id)
    assert (await call(place, "user.getInfo", sk=session["key"])).json()["error"] == 9


async def test_fifty_come_at_once_and_the_future_is_ignored(place: Place) -> None:
    rows = {}
    for n in range(50):
        at = NOW + 3 * 86_400 if n == 7 else NOW - 100 * (n + 1)
        rows |= {f"artist[{n}]": "Nobody", f"track[{n}]": f"Song {n}", f"timestamp[{n}]": str(at)}
    said = (await call(place, "track.scrobble", sk=place.secret, **rows)).json()["scrobbles"]
    assert said["@attr"] == {"accepted": 49, "ignored": 1}
    assert [n for n, row in enumerate(said["scrobble"]) if row["ignoredMessage"]["code"] == "4"] == [7]
    assert len(await plays(place)) == 49
    again = (await call(place, "track.scrobble", sk=place.secret, **rows)).json()["scrobbles"]
    assert again["@attr"]["accepted"] == 49
    assert len(await plays(place)) == 49, "what is sent again is known"
    rows |= {"artist[50]": "Nobody", "track[50]": "One too many", "timestamp[50]": str(NOW)}
    assert (await call(place, "track.scrobble", sk=place.secret, **rows)).json()["error"] == 6


async def test_loves_and_what_plays_now(place: Place) -> None:
    assert (await call(place, "track.love", sk=place.secret, artist="SOHN", track="Harbour")).json() == {}
    async with place.house.db.read() as conn:
        assert (
            (await conn.execute(select(Annotation.entity_id).where(Annotation.starred_at.is_not(None)))).scalars().all()
        )
    await call(place, "track.unlove", sk=place.secret, artist="SOHN", track="Harbour")
    async with place.house.db.read() as conn:
        starred = await conn.execute(select(Annotation.entity_id).where(Annotation.starred_at.is_not(None)))
        assert starred.scalars().all() == []
    said = (await call(place, "track.updateNowPlaying", sk=place.secret, artist="SOHN", track="Harbour")).json()
    assert said["nowplaying"]["artist"]["#text"] == "SOHN"
    assert [one.track_id for one in await place.house.listening.playing(place.ann)] == [place.tracks[0]]


async def test_xml_is_spoken_where_json_is_not_asked_for(place: Place) -> None:
    answer = await call(
        place, "track.scrobble", sk=place.secret, artist='A & "B"', track="<C>\x0b", timestamp=str(NOW), format="xml"
    )
    assert answer.headers["content-type"].startswith("text/xml")
    tree = ElementTree.fromstring(answer.text)
    assert tree.attrib == {"status": "ok"}
    scrobbles = tree.find("scrobbles")
    assert scrobbles is not None
    assert scrobbles.attrib == {"accepted": "1", "ignored": "0"}
    assert scrobbles.findtext("scrobble/artist") == 'A & "B"'
    assert scrobbles.findtext("scrobble/track") == "<C>"
    failed = ElementTree.fromstring((await call(place, "track.scrobble", sk="x", format="xml")).text)
    assert failed.attrib == {"status": "failed"}
    error = failed.find("error")
    assert error is not None
    assert error.attrib == {"code": "9"}


async def test_what_is_wrong_is_said_in_the_protocols_numbers(place: Place) -> None:
    assert (await call(place, "track.dance")).json()["error"] == 3
    assert (await call(place, "auth.getMobileSession", username="ann")).json()["error"] == 6
    wrong = await call(place, "auth.getMobileSession", username="ann", password="not hers at all")
    assert (wrong.status_code, wrong.json()["error"]) == (403, 4)
    assert (await call(place, "track.scrobble", artist="A", track="B", timestamp="1")).json()["error"] == 9
    for broken in ({"timestamp": "x"}, {"timestamp": "9" * 30}, {"artist": ""}, {"track": ""}):
        row = {"artist": "A", "track": "B", "timestamp": str(NOW), **broken}
        assert (await call(place, "track.scrobble", sk=place.secret, **row)).json()["error"] == 6
    narrow = await place.accounts.create_app_password(place.ann, "Radio", scopes=["stream"])
    assert (await call(place, "user.getInfo", sk=narrow.secret)).json()["error"] == 9
    large = await place.web.post(BASE, content=b"a=" + b"x" * 3_000_000)
    assert large.status_code == 400
    assert await plays(place) == []


async def test_a_person_lets_a_player_report_on_a_page_of_segue(place: Place) -> None:
    token = (await call(place, "auth.getToken")).json()["token"]
    assert (await call(place, "auth.getSession", token=token)).json()["error"] == 14
    page = "/compat/lastfm/api/auth/"
    nobody = await place.web.get(page, params={"token": token})
    assert (nobody.status_code, "Sign in first" in nobody.text) == (401, True)
    signed_in = await place.accounts.sign_in("ann", "battery staple", browser=True)
    cookie = {"Cookie": f"segue_session={signed_in.cookie}"}
    query = {"token": token, "cb": "app.test://back?x=1"}
    shown = await place.web.get(page, params=query, headers=cookie)
    assert (shown.status_code, "back" in shown.text) == (200, True)
    assert "access-control-allow-origin" not in shown.headers
    assert shown.headers["x-frame-options"] == "DENY"
    foreign = await place.web.post(page, params=query, headers=cookie | {"Origin": "https://evil.test"})
    assert foreign.status_code == 403, "no other page can say yes for her"
    own = cookie | {"Origin": "http://segue", "Sec-Fetch-Site": "same-origin"}
    done = await place.web.post(page, params=query, headers=own)
    assert done.status_code == 303
    back = httpx2.URL(done.headers["location"])
    assert (back.params["x"], back.params["token"]) == ("1", token)
    session = (await call(place, "auth.getSession", token=token)).json()["session"]
    assert session["name"] == "ann"
    assert (await call(place, "auth.getSession", token=token)).json()["error"] == 14, "only once"
    said = await call(place, "track.scrobble", sk=session["key"], artist="A", track="B", timestamp=str(NOW))
    assert said.json()["scrobbles"]["@attr"]["accepted"] == 1


async def test_a_page_that_leads_astray_is_not_shown(place: Place) -> None:
    for back in ("javascript:alert(1)", "//evil.test", "x"):
        answer = await place.web.get("/compat/lastfm/api/auth/", params={"cb": back})
        assert answer.status_code == 400
    signed_in = await place.accounts.sign_in("ann", "battery staple", browser=True)
    own = {"Cookie": f"segue_session={signed_in.cookie}", "Origin": "http://segue", "Sec-Fetch-Site": "same-origin"}
    answer = await place.web.get(
        "/compat/lastfm/api/auth/", params={"cb": 'http://a"><script>x</script>', "api_key": '"><b>'}, headers=own
    )
    assert re.search(r"<script|<b>", answer.text) is None
    made_up = await place.web.post("/compat/lastfm/api/auth/", params={"token": "made up"}, headers=own)
    assert made_up.status_code == 400
