"""The description is OpenAPI 3.1, says what all routes share once, and names what a caller did wrong."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

import segue
from segue.asgi import describe_api
from tests.api.in_process import House
from tests.api.operations import operations

GENERATED_TYPES = Path(segue.__file__).parents[2] / "ui" / "src" / "api" / "schema.d.ts"


@pytest.fixture(scope="module")
def admin(house: House) -> Iterator[httpx2.Client]:
    with house.client(house.token()) as client:
        yield client


def test_the_description_is_openapi_3_1() -> None:
    whole = describe_api()
    assert whole["openapi"].startswith("3.1.")
    validate(whole, cls=OpenAPIV31SpecValidator)


def test_the_server_hands_out_the_same_description_with_its_examples(house: House) -> None:
    with house.client() as nobody:
        given = nobody.get("/openapi.json")
    assert given.status_code == 200
    assert given.headers["content-type"] == "application/json"
    served = given.json()
    assert served.pop("servers") == [{"url": "/"}]
    assert served == json.loads(json.dumps(describe_api()))


def test_operation_ids_are_short_and_each_is_given_once(description: dict[str, Any]) -> None:
    ids = Counter(operation.id for operation in operations(description))
    assert [id for id, times in ids.items() if times > 1] == []
    assert [id for id in ids if not re.fullmatch(r"[a-z]+(_[a-z]+){1,3}", id)] == []


def test_these_operation_ids_are_kept(description: dict[str, Any]) -> None:
    ids = {operation.id for operation in operations(description)}
    assert {"albums_list", "albums_get", "tracks_stream_get", "auth_login", "playlists_create", "jobs_cancel"} <= ids
    assert {"stars_set", "queue_set", "users_update", "users_delete", "search_get", "changes_list", "health_get"} <= ids


def test_every_operation_has_a_summary_of_its_own(description: dict[str, Any]) -> None:
    for operation in operations(description):
        summary = operation.spec["summary"]
        assert summary.lower().replace(" ", "_") != operation.spec["operationId"], operation.id
        assert summary != operation.path.rpartition("/")[2].title(), operation.id
        assert len(summary) < 70, operation.id


def test_every_operation_belongs_to_a_group_that_is_explained(description: dict[str, Any]) -> None:
    explained = {tag["name"] for tag in description["tags"]}
    for operation in operations(description):
        assert set(operation.spec["tags"]) <= explained, operation.id


def test_every_answer_has_a_shape(description: dict[str, Any]) -> None:
    """An answer in JSON has a schema that says more than "anything"."""
    for operation in operations(description):
        response = operation.spec["responses"][str(operation.status)]
        if operation.answer_type == "application/json":
            assert response["content"]["application/json"]["schema"], operation.id
        elif operation.answer_type is None:
            assert operation.status == 204 or operation.method == "head", operation.id


def test_errors_are_described_once_and_referenced(description: dict[str, Any]) -> None:
    declared = description["components"]["responses"]
    for operation in operations(description):
        responses = operation.spec["responses"]
        assert responses["default"] == {"$ref": "#/components/responses/Problem"}
        assert responses["422"] == {"$ref": "#/components/responses/Invalid"}
        for status, response in responses.items():
            if status.isdigit() and int(status) >= 400 and "$ref" not in response:
                assert operation.path.startswith("/health"), (operation.id, status)
    for response in declared.values():
        content = response["content"]["application/problem+json"]
        problem = {**content["schema"], "components": description["components"]}
        assert list(Draft202012Validator(problem).iter_errors(content["example"])) == []


def test_nothing_of_fastapis_own_errors_is_left(description: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in json.dumps(description)


def test_writes_that_may_be_sent_twice_say_so(description: dict[str, Any]) -> None:
    keyed = {
        operation.id
        for operation in operations(description)
        if {"$ref": "#/components/parameters/IdempotencyKey"} in operation.spec.get("parameters", ())
    }
    assert {"playlists_create", "plays_report", "scan_start", "libraries_create"} <= keyed
    assert not {"auth_login", "app_passwords_create", "users_create", "albums_list"} & keyed


def test_the_web_apps_types_are_made_of_this_description(description: dict[str, Any]) -> None:
    text = GENERATED_TYPES.read_text("utf-8")
    in_types = set(re.findall(r"^    ([a-z_]+): \{$", text.partition("export interface operations")[2], re.MULTILINE))
    in_description = {operation.id for operation in operations(description)}
    assert in_types == in_description, "make them anew: ./dev types"
    for name, schema in description["components"]["schemas"].items():
        if "enum" in schema:
            said = re.search(rf"^        {name}: (.*);$", text, re.MULTILINE)
            assert said, f"{name} is not among the types: ./dev types"
            assert set(re.findall(r'"([^"]*)"', said[1])) == set(schema["enum"]), name
            continue
        found = re.search(rf"^        {name}: \{{\n(.*?)^        \}};$", text, re.MULTILINE | re.DOTALL)
        assert found, f"{name} is not among the types: ./dev types"
        members = set(re.findall(r"^            \"?(\w+)\"?\??:", found.group(1), re.MULTILINE))
        assert members == set(schema.get("properties", {})), f"{name} is not as it was: ./dev types"


WRONG = [
    ("/api/v1/albums?limit=0", "limit"),
    ("/api/v1/albums?limit=many", "limit"),
    ("/api/v1/albums?limit=1001", "limit"),
    ("/api/v1/albums?year=later", "year"),
    ("/api/v1/albums?sort=colour", "sort"),
    ("/api/v1/albums?cursor=nonsense", "cursor"),
    ("/api/v1/albums?colour=red", "colour"),
    ("/api/v1/albums/tr-1", "id"),
    ("/api/v1/tracks/81", "id"),
    ("/api/v1/artists/index?role=juggler", "role"),
    ("/api/v1/artists/index?library=li-1,xx", "library"),
    ("/api/v1/search", "q"),
    ("/api/v1/search?q=a&limit=1000", "limit"),
    ("/api/v1/artwork/aw-1?size=1", "size"),
    ("/api/v1/changes?since=-1", "since"),
    ("/api/v1/jobs?state=asleep", "state"),
    ("/api/v1/jobs?cursor=nonsense", "cursor"),
    ("/api/v1/plays?cursor=nonsense", "cursor"),
    ("/api/v1/playlists?cursor=nonsense", "cursor"),
    ("/api/v1/audit?cursor=nonsense", "cursor"),
    ("/api/v1/scan?ful=true", "ful"),
]


@pytest.mark.parametrize(("address", "field"), WRONG)
def test_a_wrong_parameter_is_named(admin: httpx2.Client, address: str, field: str) -> None:
    answer = admin.get(address)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_an_unknown_parameter_is_told_the_nearest_one(admin: httpx2.Client) -> None:
    assert "'cursor'" in admin.get("/api/v1/plays?curser=1").json()["detail"]


WRONG_BODIES = [
    ("POST", "/api/v1/plays", {"track": "al-1"}, "track"),
    ("POST", "/api/v1/plays", {"track": "tr-1", "played_at": "2026-02-31T00:00:00Z"}, "played_at"),
    ("POST", "/api/v1/plays", {"track": "tr-1", "submision": True}, "submision"),
    ("PUT", "/api/v1/queue", {"tracks": ["tr-1", "no"]}, "tracks.1"),
    ("POST", "/api/v1/playlists", {"name": "x", "tracks": ["tr-1", "tr-2", "xx"]}, "tracks.2"),
    ("PUT", "/api/v1/ratings/tr-1", {"rating": 6}, "rating"),
    ("PUT", "/api/v1/stars/nothing", None, "id"),
    ("POST", "/api/v1/scan", {"library": "shelf"}, "library"),
    ("POST", "/api/v1/libraries", {"path": ""}, "path"),
    ("POST", "/api/v1/groups", {"name": "x", "members": ["bo"]}, "members.0"),
    ("PATCH", "/api/v1/jobs/schedules/upkeep", {"cron": "every morning"}, "cron"),
    ("PATCH", "/api/v1/settings", {"scan.wotch": True}, "scan.wotch"),
]


@pytest.mark.parametrize(("method", "address", "body", "field"), WRONG_BODIES)
def test_a_wrong_member_of_a_body_is_named(
    admin: httpx2.Client, method: str, address: str, body: Any, field: str
) -> None:
    answer = admin.request(method, address, json=body)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]], answer.text


def test_a_body_that_is_no_json_is_refused_with_a_sentence(admin: httpx2.Client) -> None:
    answer = admin.post("/api/v1/plays", content=b"{track:", headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_an_error_has_the_members_that_the_description_says(admin: httpx2.Client, description: dict[str, Any]) -> None:
    schema = {**description["components"]["schemas"]["ProblemAnswer"], "components": description["components"]}
    for address in ("/api/v1/albums/al-99999", "/api/v1/albums?limit=x", "/api/v1/nowhere", "/api/v1/albums/x"):
        problem = admin.get(address).json()
        assert set(problem) <= set(schema["properties"]), address
        assert list(Draft202012Validator(schema).iter_errors(problem)) == []


@pytest.mark.parametrize(
    ("address", "methods"),
    [
        ("/api/v1/auth/me", "GET, PATCH"),
        ("/api/v1/playlists/pl-1", "GET, PATCH, DELETE"),
        ("/api/v1/tracks/tr-1/stream", "GET, HEAD"),
        ("/api/v1/plays", "GET, POST"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_told_those_it_does(
    admin: httpx2.Client, address: str, methods: str
) -> None:
    answer = admin.request("OPTIONS", address)
    assert answer.status_code == 405
    assert answer.headers["allow"] == methods
    assert answer.headers["content-type"] == "application/problem+json"
