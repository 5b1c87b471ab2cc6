"""What services say, as recorded, becomes our model; and what they should never say is nobody's crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.core.outside import Answer, AuthFailed, Fault, ProviderBug, Throttled, Transient
from segue.core.outside.asking import MISSED
from segue.metadata.listened import Listened
from segue.metadata.providers import lastfm, listenbrainz

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["lovedtracks", "recenttracks",
        "track", "@attr", "date", "uts", "name", "payload", "listens", "feedback", "scrobbles", "scrobble"]), inner,
        max_size=4),
    max_leaves=12,
)  # fmt: skip


def recorded(reference: Path, name: str) -> Answer:
    found = json.loads((reference / "providers" / name).read_text())
    if "response" not in found:
        return Answer("it", 200, json.dumps(found).encode())
    said = found["response"]
    body = said["text"].encode() if "text" in said else json.dumps(said["json"]).encode()
    return Answer("it", said["status"], body, {name.lower(): value for name, value in said["headers"].items()})


def test_the_signature_is_the_one_of_the_documentation() -> None:
    golden = {
        "api_key": "YOUR_API_KEY", "method": "auth.getSession", "token": "YOUR_REQUESTED_TOKEN", "format": "json",
        "callback": "x",
    }  # fmt: skip
    assert lastfm.signed(golden, "YOUR_SECRET")["api_sig"] == "94539006de89b3c6b3c030bb1e52b9c4"
    love = {
        "api_key": "YOUR_API_KEY", "method": "track.love", "artist": "KITANO REM", "track": "RAINSICK",
        "sk": "YOUR_SESSION_KEY",
    }  # fmt: skip
    assert lastfm.signed(love, "YOUR_SECRET")["api_sig"] == "800b8884b00c9343d1d425ed271e0f42"


def test_a_page_of_recent_tracks(reference: Path) -> None:
    page = lastfm.read_recent(lastfm.classify(recorded(reference, "lastfm/lb-import-page.json")))
    assert (page.page, page.pages, page.total) == (1, 1, 2)
    first = page.listens[0]
    assert (first.artist, first.title, first.album) == ("Coldplay", "Up&Up", "A Head Full Of Dreams")
    assert first.at.isoformat() == "2020-03-03T08:16:38+00:00"
    assert first.external_ids == {"musicbrainz:recording": "02b47acf-3bc5-47dc-a516-e8c2c95bc07b"}


def test_pages_of_loved_tracks(reference: Path) -> None:
    loves = lastfm.read_loved(lastfm.classify(recorded(reference, "lastfm/lastfm_loved_tracks_2.json")))
    assert [love.artist for love in loves.loves[:2]] == ["Mila J", "Thuy"]
    assert loves.loves[0].at is not None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lastfm/error-29-rate-limit.http.json", Throttled),
        ("lastfm/error-4-unauthorized-token.http.json", AuthFailed),
        ("lastfm/error-400.http.json", ProviderBug),
        ("lastfm/lb-import-lastFMPrivateUser.json", AuthFailed),
    ],
)
def test_lastfms_errors(reference: Path, name: str, kind: type[Fault]) -> None:
    with pytest.raises(kind):
        lastfm.classify(recorded(reference, name))


@pytest.mark.parametrize("status", [200, 403, 500])
@pytest.mark.parametrize(
    ("code", "kind"),
    [(4, AuthFailed), (8, Transient), (9, AuthFailed), (11, Transient), (13, AuthFailed), (14, AuthFailed),
     (16, Transient), (26, AuthFailed), (29, Throttled), (6, ProviderBug), (777, ProviderBug)],
)  # fmt: skip
def test_an_error_in_the_body_outweighs_the_status(status: int, code: int, kind: type[Fault]) -> None:
    answer = Answer("Last.fm", status, json.dumps({"error": code, "message": "so"}).encode())
    with pytest.raises(kind) as caught:
        lastfm.classify(answer)
    assert caught.value.params.get("said", "so") == "so"
    if isinstance(caught.value, AuthFailed):
        assert caught.value.reauth == (code not in (13, 26))


@pytest.mark.parametrize("classify", [lastfm.classify, listenbrainz.classify])
def test_a_wall_before_the_service_says_nothing_about_the_sign_in(classify: Any) -> None:
    with pytest.raises(Transient):
        classify(Answer("it", 403, b"<html>Checking your browser</html>"))


@pytest.mark.parametrize("as_text", [True, False])
def test_one_scrobble_or_many_in_numbers_or_text(as_text: bool) -> None:
    from segue.emulator.lastfm_answers import scrobble_body
    from segue.emulator.people import Heard

    rows = [(Heard(1, "A", "B"), 0), (Heard(2, "A", "C"), 2), (Heard(3, "A", "D"), 5)]
    verdicts = lastfm.read_scrobbled(scrobble_body(rows, as_text=as_text), 3)
    assert [(v.accepted, v.code, v.later) for v in verdicts] == [
        (True, "", False), (False, "track_ignored", False), (False, "daily_limit", True),
    ]  # fmt: skip
    assert lastfm.read_scrobbled(scrobble_body(rows[:1], as_text=as_text), 1) == [lastfm.ACCEPTED]
    with pytest.raises(ValueError):
        lastfm.read_scrobbled(scrobble_body(rows, as_text=as_text), 2)


def test_a_page_of_listens(reference: Path) -> None:
    answer = recorded(reference, "listenbrainz/get_listens_happy_path_response.json")
    page = listenbrainz.read_listens(listenbrainz.classify(answer))
    assert len(page.listens) == 25
    first = page.listens[0]
    assert (first.artist, first.title, first.album, first.duration_ms) == ("SOHN", "Harbour", "Rennen", 250407)
    assert first.external_ids == {"isrc": "GBAFL1600378"}


def test_a_wrong_token_is_nobody(reference: Path) -> None:
    wrong = recorded(reference, "listenbrainz/token_validity_bad_token_response.json")
    assert listenbrainz.read_token(listenbrainz.classify(wrong)) == ""
    right = recorded(reference, "listenbrainz/token_validity_good_token_response.json")
    assert listenbrainz.read_token(listenbrainz.classify(right)) == "iliekcomputers"


def test_listenbrainz_says_when_there_is_more(reference: Path) -> None:
    answer = recorded(reference, "listenbrainz/error-429.http.json")
    with pytest.raises(Throttled) as caught:
        listenbrainz.classify(answer)
    assert (caught.value.retry_at - answer.at).total_seconds() == 7
    assert listenbrainz.pause_s(answer) == 7


@given(ANYTHING)
def test_nonsense_is_told_as_nonsense(value: Any) -> None:
    for read in (
        lastfm.read_session,
        lastfm.read_recent,
        lastfm.read_loved,
        lambda v: lastfm.read_scrobbled(v, 1),
        listenbrainz.read_token,
        listenbrainz.read_listens,
        lambda v: listenbrainz.read_loves(v, 0),
    ):
        try:
            read(value)
        except MISSED:
            pass
    for classify in (lastfm.classify, listenbrainz.classify):
        for status in (200, 404, 503):
            try:
                classify(Answer("it", status, json.dumps(value).encode()))
            except (Fault, *MISSED):
                pass


@given(
    st.text(min_size=1), st.text(min_size=1), st.text(max_size=20_000), st.text(), st.integers(0, 2**40),
    st.text(max_size=40), st.text(max_size=15),
)  # fmt: skip
def test_a_listen_is_never_larger_than_listenbrainz_takes(
    artist: str, title: str, album: str, album_artist: str, at: int, mbid: str, isrc: str
) -> None:
    listen = Listened(artist[:400], title[:400], album, album_artist[:400], 1000, at, mbid, isrc)
    told = listenbrainz.payload(listen)
    assert len(json.dumps(told, ensure_ascii=False).encode()) <= listenbrainz.LISTEN_BYTES
    assert "recording_mbid" not in told["track_metadata"].get("additional_info", {}) or len(mbid) == 36
    assert Listened.of(json.loads(json.dumps(listen.as_json()))) == listen
