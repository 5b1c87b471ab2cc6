"""How requests are read: parameters, credentials, formats."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from segue.core.ids import TypedId
from segue.subsonic.clients import dialect_of
from segue.subsonic.credentials import Credentials, check_version, decoded_password
from segue.subsonic.envelope import Format
from segue.subsonic.faults import Code, Fault
from segue.subsonic.parameters import MAX_PARAMETERS, Parameters


def read(query: str | bytes, form: bytes = b"") -> Parameters:
    return Parameters.parse(query.encode() if isinstance(query, str) else query, form)


def code_of(raised: pytest.ExceptionInfo[Fault]) -> int:
    return int(raised.value.code)


def test_query_and_form_are_one_and_the_form_comes_first() -> None:
    parameters = read("id=1&f=json", b"id=2&songId=a&songId=b")
    assert parameters.many("id") == ["2", "1"]
    assert parameters.many("songId") == ["a", "b"]
    assert parameters.required("f") == "json"


def test_broken_utf8_and_nul_never_get_past_the_reader() -> None:
    assert read(b"query=%ff%00x&a=\xff").required("query") == "\ufffdx"


def test_a_missing_parameter_is_code_10_and_is_named() -> None:
    with pytest.raises(Fault, match="'id' is missing") as raised:
        read("id=").required("id")
    assert code_of(raised) == Code.MISSING_PARAMETER


@pytest.mark.parametrize("sent", ["x", "1.5", "-1", "٣", "9" * 30, "1e3", "0x10"])
def test_what_is_not_a_count_is_refused_with_a_sentence(sent: str) -> None:
    with pytest.raises(Fault, match="'size' is") as raised:
        Parameters([("size", sent)]).integer("size", 10)
    assert code_of(raised) == Code.GENERIC


def test_a_count_above_the_most_is_brought_down_to_it() -> None:
    assert read("size=9999").integer("size", 10, most=500) == 500
    assert read("").integer("size", 10, most=500) == 10


def test_booleans_are_read_in_any_case() -> None:
    assert read("a=True&b=0").boolean("a", False) is True
    assert read("a=True&b=0").boolean("b", True) is False
    with pytest.raises(Fault):
        read("a=maybe").boolean("a", False)


def test_times_are_milliseconds() -> None:
    assert read("time=1500").moment("time") == datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=UTC)
    for sent in ("999999999999999999", "-5", "now"):
        with pytest.raises(Fault):
            read(f"time={sent}").moment("time")


def test_an_id_of_another_kind_is_not_found() -> None:
    assert read("id=tr-81").id("id", "song", "tr") == TypedId("tr", 81)
    for sent in ("al-81", "81", "tr-", "tr-99999999999999999999", "../etc", "tr--1"):
        with pytest.raises(Fault) as raised:
            read(f"id={sent}").id("id", "song", "tr")
        assert code_of(raised) == Code.NOT_FOUND


def test_more_parameters_than_any_playlist_has_are_refused() -> None:
    with pytest.raises(Fault):
        read(b"", b"&".join([b"a=1"] * (MAX_PARAMETERS + 1)))


def test_a_password_is_plain_or_hexadecimal() -> None:
    assert decoded_password("sesame") == "sesame"
    assert decoded_password("enc:736573616d65") == "sesame"
    assert decoded_password("enc:c3a9") == "é"
    assert decoded_password("enc:not hex") == "enc:not hex"


def test_the_three_mechanisms_are_told_apart() -> None:
    assert Credentials.of(read("u=ann&p=x")) == Credentials(username="ann", password="x")
    assert Credentials.of(read("u=ann&t=ABCD&s=salt12")) == Credentials(username="ann", token="abcd", salt="salt12")
    assert Credentials.of(read("apiKey=k")) == Credentials(api_key="k")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("", Code.MISSING_PARAMETER),
        ("u=ann", Code.MISSING_PARAMETER),
        ("p=x", Code.MISSING_PARAMETER),
        ("u=ann&t=abcd", Code.MISSING_PARAMETER),
        ("u=ann&s=salt12", Code.MISSING_PARAMETER),
        ("u=ann&apiKey=k", Code.CONFLICTING_MECHANISMS),
        ("p=x&apiKey=k", Code.CONFLICTING_MECHANISMS),
        ("t=x&s=y&apiKey=k", Code.CONFLICTING_MECHANISMS),
        ("u=ann&p=x&t=abcd&s=salt12", Code.CONFLICTING_MECHANISMS),
    ],
)
def test_credentials_that_are_incomplete_or_mixed_are_refused(sent: str, code: Code) -> None:
    with pytest.raises(Fault) as raised:
        Credentials.of(read(sent))
    assert code_of(raised) == code


def test_credentials_never_show_their_secret() -> None:
    assert "sesame" not in repr(Credentials(username="ann", password="sesame"))


def test_another_major_version_is_told_who_must_update() -> None:
    check_version(read("v=1.16.1"))
    check_version(read("v=1.99.0"))
    check_version(read(""))
    for sent, code in (("2.0.0", Code.SERVER_TOO_OLD), ("0.9", Code.CLIENT_TOO_OLD)):
        with pytest.raises(Fault) as raised:
            check_version(read(f"v={sent}"))
        assert code_of(raised) == code


def test_the_format_is_xml_unless_something_else_is_asked_for() -> None:
    assert Format.asked(read(""), "full").kind == "xml"
    assert Format.asked(read("f=yaml"), "full").kind == "xml"
    assert Format.asked(read("f=JSON"), "full").kind == "json"
    assert Format.asked(read("f=jsonp&callback=window.app.done_1"), "full").callback == "window.app.done_1"


@pytest.mark.parametrize(
    "callback", ["", "alert(1)", "a b", "1a", "a..b", "return", "a.delete", "x" * 2000, "é", "a\n"]
)
def test_a_callback_that_is_no_javascript_identifier_is_refused(callback: str) -> None:
    with pytest.raises(Fault):
        Format.asked(Parameters([("f", "jsonp"), ("callback", callback)]), "full")


def test_apps_with_known_defects_get_what_they_can_take() -> None:
    assert dialect_of("DSub") == "classic"
    assert dialect_of("SubMusic") == "minimal"
    assert dialect_of("Amperfy") == "full"
    assert dialect_of(None) == "full"
