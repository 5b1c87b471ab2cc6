"""Every answer against the official description: JSON against OpenAPI, XML against the XSD, with music and without."""

from __future__ import annotations

import json

import pytest

from segue.subsonic.methods import METHODS
from tests.conformance.house import Face
from tests.conformance.requests_of import BINARY, READS, REQUESTS
from tests.conformance.specification import Specification

pytestmark = pytest.mark.anyio

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("method", REQUESTS)
async def test_with_music_every_request_succeeds_as_described(
    method: str, face: Face, specification: Specification
) -> None:
    problems = []
    for query in REQUESTS[method]:
        answer = (await face.get(method, query)).json()
        assert answer["subsonic-response"]["status"] == "ok", answer
        problems += specification.json_problems(method, answer)
    for query in REQUESTS[method] if method in READS else []:
        problems += specification.xml_problems((await face.get(method, query, form="xml")).content)
    assert problems == []


@pytest.mark.parametrize("method", READS)
async def test_without_music_every_request_is_answered_as_described(
    method: str, empty: Face, specification: Specification
) -> None:
    problems = []
    for query in REQUESTS[method]:
        answer = (await empty.get(method, query)).json()
        if answer["subsonic-response"]["status"] == "ok":
            problems += specification.json_problems(method, answer)
        else:
            assert answer["subsonic-response"]["error"]["code"] == 70, (query, answer)
            problems += specification.failure_problems(answer)
        problems += specification.xml_problems((await empty.get(method, query, form="xml")).content)
    assert problems == []


async def test_a_failure_is_as_described_in_each_format(face: Face, specification: Specification) -> None:
    for method, query in (("getSong", ""), ("getSong", "id=tr-0"), ("createShare", "id={song}"), ("nonsense", "")):
        assert specification.failure_problems((await face.get(method, query)).json()) == []
        assert specification.xml_problems((await face.get(method, query, form="xml")).content) == []


async def test_every_request_for_bytes_that_fails_is_an_envelope(face: Face, specification: Specification) -> None:
    for method in BINARY:
        answer = await face.get(method, "id=tr-0&username=x&mediaId=tr-0&mediaType=song&transcodeParams=x")
        assert answer.status_code == 200
        assert specification.failure_problems(answer.json()) == []


@pytest.mark.parametrize("suffix", ["", ".view"])
@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_every_method_answers_200_with_an_envelope(
    verb: str, suffix: str, face: Face, specification: Specification
) -> None:
    signed = "u=ann&p=listen%20to%20this&v=1.16.1&c=test&f=json"
    for method in specification.endpoints:
        if method == "startScan":
            continue
        if verb == "GET":
            answer = await face.client.get(f"/{method}{suffix}?{signed}")
        else:
            answer = await face.client.post(f"/{method}{suffix}", content=signed, headers=FORM)
        assert answer.status_code == 200, method
        body = answer.json()["subsonic-response"]
        assert body["status"] in ("ok", "failed"), method
        if body["status"] == "failed":
            assert body["error"]["message"].endswith("."), method


async def test_a_required_parameter_that_is_missing_is_named_with_code_10(
    face: Face, specification: Specification
) -> None:
    not_offered = {name for name in METHODS if METHODS[name].handler.__qualname__.startswith("_not_offered")}
    for method in specification.endpoints:
        required = specification.required_parameters(method)
        if method in not_offered or not required:
            continue
        answer = (await face.get(method)).json()["subsonic-response"]
        assert (answer["status"], answer["error"]["code"]) == ("failed", 10), (method, answer)
        assert any(name in answer["error"]["message"] for name in required), (method, answer)


async def test_json_never_says_a_number_or_a_truth_as_a_text(face: Face) -> None:
    """The schemas say so too; this is for the ids, which must be texts even where they look like numbers."""
    for method in READS:
        for query in REQUESTS[method]:
            for name, value in _members((await face.get(method, query)).json()):
                if name == "id" and method != "getMusicFolders":
                    assert isinstance(value, str), (method, value)
                assert value not in ("true", "false"), (method, name)


def _members(value: object) -> list[tuple[str, object]]:
    if isinstance(value, list):
        return [member for item in value for member in _members(item)]
    if isinstance(value, dict):
        return [pair for key, item in value.items() for pair in [(key, item), *_members(item)]]
    return []


async def test_jsonp_carries_what_json_carries(face: Face) -> None:
    plain = (await face.get("getGenres")).text
    wrapped = (await face.get("getGenres", "callback=on", form="jsonp")).text
    assert json.loads(wrapped.removeprefix("/**/on(").removesuffix(");")) == json.loads(plain)
