"""The stand-in speaks as the real services do: the same keys, errors, limits, signatures; and fails as it is told."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from segue.emulator import Emulator
from segue.emulator.lastfm import API_KEY, SECRET

JSON_HEADERS = {"Content-Type": "application/json"}


def signed(**params: str) -> dict[str, str]:
    params = {"api_key": API_KEY, **params}
    text = "".join(f"{name}{params[name]}" for name in sorted(params)) + SECRET
    return {**params, "api_sig": hashlib.md5(text.encode()).hexdigest(), "format": "json"}


def lastfm(url: str, **params: str) -> httpx2.Response:
    return httpx2.post(f"{url}/lastfm/2.0/", data=signed(**params))


def reading(url: str, **params: str) -> httpx2.Response:
    return httpx2.get(f"{url}/lastfm/2.0/", params={"api_key": API_KEY, "format": "json", **params})


def listens(count: int, start: int = 1_700_000_000) -> list[dict[str, Any]]:
    about = {"artist_name": "Ann", "track_name": "Sea", "additional_info": {}}
    return [{"listened_at": start + number, "track_metadata": about} for number in range(count)]


def submit(url: str, token: str, kind: str, payload: Any) -> httpx2.Response:
    body = {"listen_type": kind, "payload": payload}
    return httpx2.post(f"{url}/listenbrainz/1/submit-listens", json=body, headers={"Authorization": f"Token {token}"})


def keys_of(value: Any, path: str = "") -> set[str]:
    """Every path of keys in a JSON value; the members of arrays have one path together."""
    if isinstance(value, dict):
        return {path} | {one for name, inner in value.items() for one in keys_of(inner, f"{path}/{name}")}
    if isinstance(value, list):
        return {path} | {one for inner in value for one in keys_of(inner, f"{path}[]")}
    return {path}


def recorded(reference: Path, name: str) -> Any:
    found = json.loads((reference / "providers" / name).read_text())
    return found["response"]["json"] if "response" in found else found


# Last.fm


def test_a_person_allows_access_on_lastfms_page_and_comes_back_with_a_token(emulator: Emulator, url: str) -> None:
    page = f"{url}/lastfm/api/auth/"
    query = {"api_key": API_KEY, "cb": "https://segue.test/back?state=1"}
    shown = httpx2.get(page, params=query)
    assert "Allow access?" in shown.text
    answer = httpx2.post(page, params=query, data={"user": "anna"})
    assert answer.status_code == 303
    back = httpx2.URL(answer.headers["location"])
    assert back.params["state"] == "1"
    session = lastfm(url, method="auth.getSession", token=back.params["token"]).json()["session"]
    assert session["name"] == "anna"
    assert lastfm(url, method="auth.getSession", token=back.params["token"]).json()["error"] == 4, "only once"


def test_a_token_that_nobody_approved_or_that_is_old_gives_no_session(emulator: Emulator, url: str) -> None:
    token = lastfm(url, method="auth.getToken").json()["token"]
    assert lastfm(url, method="auth.getSession", token=token).json()["error"] == 14
    emulator.lastfm.approve(token, "anna")
    emulator.world.clock.advance(3601)
    answer = lastfm(url, method="auth.getSession", token=token)
    assert (answer.status_code, answer.json()["error"]) == (403, 4)


def test_a_wrong_signature_key_or_method_is_refused(emulator: Emulator, url: str) -> None:
    wrong = {**signed(method="auth.getToken"), "api_sig": "0" * 32}
    assert httpx2.post(f"{url}/lastfm/2.0/", data=wrong).json()["error"] == 13
    assert lastfm(url, method="auth.getToken", api_key=API_KEY, extra="1").status_code == 200
    assert reading(url, method="user.getInfo", api_key="other").json()["error"] == 10
    assert lastfm(url, method="track.dance").json()["error"] == 3
    assert lastfm(url, method="track.love", sk="nobodys", artist="Ann", track="Sea").json()["error"] == 9


def test_one_scrobble_is_an_object_and_several_are_an_array(emulator: Emulator, url: str) -> None:
    key = emulator.lastfm.session_of("anna")
    now = int(time.time())
    one = lastfm(url, method="track.scrobble", sk=key, artist="Ann", track="Sea", timestamp=str(now)).json()
    assert one["scrobbles"]["@attr"] == {"accepted": 1, "ignored": 0}
    assert one["scrobbles"]["scrobble"]["ignoredMessage"] == {"code": "0", "#text": ""}
    many = {f"{name}[{n}]": value for n in range(2) for name, value in (("artist", "Ann"), ("track", f"Sea {n}"))}
    stamps = {"timestamp[0]": str(now - 20 * 86_400), "timestamp[1]": str(now)}
    two = lastfm(url, method="track.scrobble", sk=key, **many, **stamps).json()
    assert two["scrobbles"]["@attr"] == {"accepted": "1", "ignored": "1"}
    assert [row["ignoredMessage"]["code"] for row in two["scrobbles"]["scrobble"]] == ["3", "0"]
    assert len(emulator.lastfm.person("anna").heard) == 2


def test_more_than_fifty_scrobbles_at_once_are_refused(emulator: Emulator, url: str) -> None:
    key, now = emulator.lastfm.session_of("anna"), str(int(time.time()))
    rows = {f"{k}[{n}]": v for n in range(51) for k, v in (("artist", "A"), ("track", "B"), ("timestamp", now))}
    answer = lastfm(url, method="track.scrobble", sk=key, **rows)
    assert (answer.status_code, answer.json()["error"]) == (400, 6)


def test_who_asks_too_often_gets_29(emulator: Emulator, url: str) -> None:
    emulator.lastfm.person("anna")
    emulator.lastfm.limit.count = 3
    try:
        codes = [reading(url, method="user.getInfo", user="anna").status_code for _ in range(5)]
    finally:
        emulator.lastfm.limit.count = 50
    assert codes == [200, 200, 200, 429, 429]


def test_errors_come_as_xml_where_json_was_not_asked_for(emulator: Emulator, url: str) -> None:
    answer = httpx2.get(f"{url}/lastfm/2.0/", params={"api_key": API_KEY, "method": "user.getInfo", "user": "nobody"})
    assert '<lfm status="failed">' in answer.text
    assert '<error code="6">' in answer.text


def test_lastfms_answers_have_the_recorded_keys(emulator: Emulator, url: str, reference: Path) -> None:
    key, person = emulator.lastfm.session_of("anna"), emulator.lastfm.person("anna")
    now = int(time.time())
    for number in range(2):
        lastfm(url, method="track.scrobble", sk=key, artist="A", track=str(number), timestamp=str(now - number))
        lastfm(url, method="track.love", sk=key, artist="A", track=str(number))
    playing = lastfm(url, method="track.updateNowPlaying", sk=key, artist="A", track="C").json()
    assert keys_of(playing) == keys_of(recorded(reference, "lastfm/updatenowplaying.http.json"))
    person.playing = None
    recent = reading(url, method="user.getRecentTracks", user="anna").json()
    assert keys_of(recent) == keys_of(recorded(reference, "lastfm/lb-import-page.json"))
    loved = reading(url, method="user.getLovedTracks", user="anna").json()
    real = keys_of(recorded(reference, "lastfm/lastfm_loved_tracks_2.json"))
    assert keys_of(loved) | {"/lovedtracks/@attr"} >= real
    assert keys_of(loved) - real <= {one for one in keys_of(loved) if "@attr" in one}
    info = reading(url, method="user.getInfo", user="anna").json()
    assert keys_of(info) == keys_of(recorded(reference, "lastfm/lb-import-getInfo.json"))
    token = lastfm(url, method="auth.getToken").json()["token"]
    emulator.lastfm.approve(token, "anna")
    session = lastfm(url, method="auth.getSession", token=token).json()
    assert keys_of(session) == keys_of(recorded(reference, "lastfm/koel-session-key.json"))
    emulator.lastfm.private.add("anna")
    refused = reading(url, method="user.getRecentTracks", user="anna").json()
    assert refused == recorded(reference, "lastfm/lb-import-lastFMPrivateUser.json")
    emulator.world.faults.add("error", service="lastfm", code=29, times=1)
    limited = lastfm(url, method="track.scrobble", sk=key)
    assert (limited.status_code, limited.json()) == (429, recorded(reference, "lastfm/error-29-rate-limit.http.json"))


# ListenBrainz


@pytest.mark.parametrize(
    ("kind", "payload", "status"),
    [
        ("single", listens(1), 200),
        ("single", listens(2), 400),
        ("import", listens(1000), 200),
        ("import", listens(1001), 400),
        ("import", [], 400),
        ("import", "x", 400),
        ("dance", listens(1), 400),
        ("playing_now", [{"track_metadata": {"artist_name": "A", "track_name": "B"}}], 200),
        ("playing_now", listens(1), 400),
        ("single", [{"listened_at": None, "track_metadata": {"artist_name": "A", "track_name": "B"}}], 400),
        ("single", [{"listened_at": 1, "track_metadata": {"artist_name": "A", "track_name": "B"}}], 400),
        ("single", [{"listened_at": 1_700_000_000, "track_metadata": {"artist_name": "A", "track_name": ""}}], 400),
    ],
)
def test_listens_are_taken_within_the_real_limits(
    emulator: Emulator, url: str, kind: str, payload: Any, status: int
) -> None:
    answer = submit(url, emulator.listenbrainz.token_of("anna"), kind, payload)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "name",
    [
        "server-empty_track_name.json", "server-invalid_duration.json", "server-invalid_listen_null_listened_at.json",
        "server-invalid_recording_mbid.json", "server-multi_duration.json",
    ],
)  # fmt: skip
def test_what_the_real_server_refuses_is_refused(emulator: Emulator, url: str, reference: Path, name: str) -> None:
    sent = json.loads((reference / "providers" / "listenbrainz" / name).read_text())
    assert submit(url, emulator.listenbrainz.token_of("anna"), sent["listen_type"], sent["payload"]).status_code == 400


def test_listenbrainz_answers_have_the_recorded_keys(emulator: Emulator, url: str, reference: Path) -> None:
    token = emulator.listenbrainz.token_of("iliekcomputers")
    base, headers = f"{url}/listenbrainz/1", {"Authorization": f"Token {token}"}
    good = submit(url, token, "single", listens(1))
    assert good.json() == recorded(reference, "listenbrainz/good_submit_listens_response.json")
    valid = httpx2.get(f"{base}/validate-token", headers=headers).json()
    assert valid == recorded(reference, "listenbrainz/token_validity_good_token_response.json")
    invalid = httpx2.get(f"{base}/validate-token", params={"token": "x"})
    assert invalid.status_code == 200
    assert invalid.json() == recorded(reference, "listenbrainz/token_validity_bad_token_response.json")
    shown = httpx2.get(f"{base}/user/iliekcomputers/listens").json()
    real = {
        one for one in keys_of(recorded(reference, "listenbrainz/android-listens.json")) if "additional_info" not in one
    }
    mine = {one for one in keys_of(shown) if "additional_info" not in one}
    optional = {"/payload/listens[]/track_metadata/release_name", "/payload/oldest_listen_ts"}
    mapping = {one for one in real if "mbid_mapping" in one}
    assert mine | optional | mapping == real | optional
    nothing = httpx2.get(f"{base}/user/iliekcomputers/playing-now").json()
    assert nothing == recorded(reference, "listenbrainz/no_playing_now.json")
    count = httpx2.get(f"{base}/user/iliekcomputers/listen-count").json()
    assert keys_of(count) == keys_of(recorded(reference, "listenbrainz/android-listen_count.json"))
    nobody = httpx2.get(f"{base}/user/Some_User_That_Does_Not_Exist/listens")
    assert (nobody.status_code, nobody.json()) == (
        404, recorded(reference, "listenbrainz/android-user_does_not_exist_error.json"),
    )  # fmt: skip
    unnamed = httpx2.post(f"{base}/submit-listens", json={})
    assert (unnamed.status_code, unnamed.json()) == (
        401, recorded(reference, "listenbrainz/android-auth_header_not_found_error.json"),
    )  # fmt: skip
    emulator.world.faults.add("error", service="listenbrainz", code=429, times=1)
    limited = submit(url, token, "single", listens(1))
    assert (limited.status_code, limited.json()) == (429, recorded(reference, "listenbrainz/error-429.http.json"))
    assert limited.headers["X-RateLimit-Reset-In"] == "7"


def test_the_rate_limit_is_told_in_headers_and_kept(emulator: Emulator, url: str) -> None:
    token = emulator.listenbrainz.token_of("anna")
    answers = [submit(url, token, "single", listens(1)) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert answers[0].headers["X-RateLimit-Remaining"] == "29"
    assert 0 < int(answers[-1].headers["X-RateLimit-Reset-In"]) <= 10
    emulator.world.clock.advance(11)
    assert submit(url, token, "single", listens(1)).status_code == 200


def test_listens_come_in_pages_by_time(emulator: Emulator, url: str) -> None:
    submit(url, emulator.listenbrainz.token_of("anna"), "import", listens(30))
    page = httpx2.get(f"{url}/listenbrainz/1/user/anna/listens", params={"count": "10"}).json()["payload"]
    assert [one["listened_at"] for one in page["listens"]] == [1_700_000_029 - n for n in range(10)]
    older = {"count": "10", "max_ts": str(page["listens"][-1]["listened_at"])}
    page = httpx2.get(f"{url}/listenbrainz/1/user/anna/listens", params=older).json()["payload"]
    assert page["listens"][0]["listened_at"] == 1_700_000_019


# faults and control


def test_faults_are_made_counted_and_end(emulator: Emulator, url: str) -> None:
    control, here = f"{url}/_control", f"{url}/listenbrainz/1/validate-token"
    emulator.listenbrainz.limit.count = 1000
    for kind, look in (
        ("html", lambda r: "<html>" in r.text),
        ("empty", lambda r: r.status_code == 200 and not r.content),
        ("nonsense", lambda r: isinstance(r.json(), list)),
        ("status", lambda r: r.status_code == 503),
    ):
        assert (
            httpx2.post(f"{control}/faults", json={"kind": kind, "service": "listenbrainz", "times": 1}).status_code
            == 200
        )
        assert look(httpx2.get(here)), kind
        assert httpx2.get(here).json()["valid"] is False
    for kind in ("reset", "lost", "truncated"):
        httpx2.post(f"{control}/faults", json={"kind": kind, "times": 1})
        with pytest.raises(httpx2.TransportError):
            httpx2.get(here)
    httpx2.post(f"{control}/faults", json={"kind": "timeout", "times": 1})
    with pytest.raises(httpx2.TimeoutException):
        httpx2.get(here, timeout=0.2)
    httpx2.post(f"{control}/faults", json={"kind": "status", "for_s": 3600})
    assert httpx2.get(here).status_code == 503
    httpx2.post(f"{control}/clock", json={"advance_s": 3601})
    assert httpx2.get(here).status_code == 200
    found = httpx2.get(f"{control}/requests").json()
    assert found["counts"] == {"listenbrainz/validate-token": 14}
    assert found["items"][0]["fault"] == "html"
    assert httpx2.post(f"{control}/faults", json={"kind": "mood"}).status_code == 422
    emulator.listenbrainz.limit.count = 30


def test_a_lost_answer_was_done_all_the_same(emulator: Emulator, url: str) -> None:
    token = emulator.listenbrainz.token_of("anna")
    emulator.world.faults.add("lost", route="submit-listens", times=1)
    with pytest.raises(httpx2.TransportError):
        submit(url, token, "single", listens(1))
    assert submit(url, token, "single", listens(1)).status_code == 200
    person = emulator.listenbrainz.person("anna")
    assert (len(person.heard), person.sent, person.changed) == (1, 2, [])


def test_a_row_is_refused_with_a_reason(emulator: Emulator, url: str) -> None:
    key, now = emulator.lastfm.session_of("anna"), str(int(time.time()))
    emulator.world.faults.add("refuse", service="lastfm", match="Noise", code=2)
    said = lastfm(url, method="track.scrobble", sk=key, artist="A", track="White Noise", timestamp=now).json()
    assert said["scrobbles"]["scrobble"]["ignoredMessage"]["code"] == "2"
