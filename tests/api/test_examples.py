"""Every operation is called, every answer is what the description says, and the examples that are shown are still true.

To record the examples anew: `SEGUE_TEST_WRITE_EXAMPLES=1 ./dev test tests/api/test_examples.py`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from segue.api.examples import FILE, load_examples
from segue.asgi import describe_api
from segue.settings import load_settings
from tests.api.fitting import Fitting
from tests.api.in_process import House
from tests.api.journey import Asked, travel, unasked
from tests.api.operations import operations
from tests.api.recording import SHOWN, recorded

RECORD = os.environ.get("SEGUE_TEST_WRITE_EXAMPLES") == "1"


@pytest.fixture(scope="module")
def places(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """Folders of this machine, and what examples show for them."""
    scratch = tmp_path_factory.mktemp("scratch")
    return {
        golden / "music": "/music",
        scratch / "more music": "/more music",
        scratch / "inbox": "/srv/incoming",
        load_settings({}, environ={}).data_dir: "/var/lib/segue",
    }


@pytest.fixture(scope="module")
def asked(house: House, golden: Path, places: dict[Path, str], description: dict[str, Any]) -> dict[str, Asked]:
    """Every operation's request and answer. Written down where SEGUE_TEST_WRITE_EXAMPLES says so."""
    scratch = next(path.parent for path in places if path.name == "more music")
    found = travel(house, description, golden / "music", scratch)
    if RECORD:
        shown = {**places, house.segue.settings.current.data_dir: "/var/lib/segue"}
        text = json.dumps(recorded(found, shown), indent=1, ensure_ascii=False)
        FILE.write_text(text + "\n", "utf-8")
    return found


@pytest.fixture(scope="module")
def fitting(description: dict[str, Any]) -> Fitting:
    return Fitting(description)


def test_every_operation_is_called_once(asked: dict[str, Asked], description: dict[str, Any]) -> None:
    assert list(unasked(asked, description)) == []


def test_every_answer_has_the_members_that_the_description_says_and_no_other(
    asked: dict[str, Asked], fitting: Fitting
) -> None:
    assert {
        id: wrong for id, one in asked.items() if (wrong := fitting.misfits(one.operation, one.status, one.answer))
    } == {}


def test_every_answer_has_a_content_type_that_the_description_says(asked: dict[str, Asked]) -> None:
    for id, one in asked.items():
        declared = one.operation.spec["responses"][str(one.status)].get("content", {})
        if one.operation.method == "head" or not declared:
            continue
        kinds = {one.content_type, one.content_type.partition("/")[0] + "/*"}
        assert kinds & set(declared), (id, one.content_type, list(declared))


@pytest.mark.parametrize("kind", ["tracks", "albums", "artists", "genres", "labels", "files", "folders"])
def test_every_thing_in_the_library_is_as_the_description_says(
    house: House, fitting: Fitting, description: dict[str, Any], kind: str
) -> None:
    by_id = {operation.id: operation for operation in operations(description)}
    with house.client(house.token()) as client:
        page = client.get(f"/api/v1/{kind}?limit=1000").json()
        assert page["items"]
        assert fitting.misfits(by_id[f"{kind}_list"], 200, page) == []
        for item in page["items"]:
            one = client.get(f"/api/v1/{kind}/{item['id']}").json()
            assert fitting.misfits(by_id[f"{kind}_get"], 200, one) == [], item["id"]


def test_every_operation_has_an_example(asked: dict[str, Asked], description: dict[str, Any]) -> None:
    assert set(load_examples()) == {operation.id for operation in operations(description)}


def test_every_example_still_fits_its_operation(
    asked: dict[str, Asked], description: dict[str, Any], fitting: Fitting
) -> None:
    stored = load_examples()
    wrong = {}
    for operation in operations(description):
        example = stored[operation.id]
        found = fitting.misfits(operation, example["status"], example.get("answer"))
        found += fitting.body_misfits(operation, example.get("body"))
        declared = {parameter.get("name") for parameter in operation.spec.get("parameters", ())}
        found += [f"there is no parameter {name}" for name in set(example.get("parameters", {})) - declared]
        if found:
            wrong[operation.id] = found
    assert wrong == {}, "record them anew: SEGUE_TEST_WRITE_EXAMPLES=1 ./dev test tests/api/test_examples.py"


def test_an_example_has_the_members_of_an_answer_of_today(asked: dict[str, Asked]) -> None:
    for id, example in load_examples().items():
        answer = asked[id].answer
        if isinstance(answer, dict):
            assert set(example["answer"]) == set(answer), id


def test_examples_tell_nothing_of_the_machine_that_recorded_them(
    asked: dict[str, Asked], house: House, golden: Path
) -> None:
    text = FILE.read_text("utf-8")
    assert not [
        place for place in (str(golden), "/tmp", "/root", str(Path.home()), os.uname().nodename + '"') if place in text
    ]
    logged_in = asked["auth_login"].answer
    assert logged_in["access_token"] not in text
    assert logged_in["refresh_token"] not in text


def test_long_lists_are_cut_in_examples() -> None:
    def longest(value: Any) -> int:
        if isinstance(value, dict):
            return max(map(longest, value.values()), default=0)
        return max([len(value), *map(longest, value)]) if isinstance(value, list) else 0

    assert longest(load_examples()) <= SHOWN


def test_the_description_shows_the_examples() -> None:
    paths = describe_api()["paths"]
    album = paths["/api/v1/albums/{id}"]["get"]
    shown = album["responses"]["200"]["content"]["application/json"]["example"]
    assert shown["title"] == "First Light"
    assert next(parameter for parameter in album["parameters"] if parameter["name"] == "id")["example"] == shown["id"]
    made = paths["/api/v1/playlists"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert made["name"] == "Late trains"


def test_a_member_that_is_not_declared_is_found(fitting: Fitting, description: dict[str, Any]) -> None:
    ready = next(operation for operation in operations(description) if operation.id == "health_ready_get")
    assert fitting.misfits(ready, 200, {"ready": True, "message": "Yes."}) == []
    assert fitting.misfits(ready, 200, {"ready": True, "message": "Yes.", "more": 1})
    assert fitting.misfits(ready, 200, {"ready": True})
    assert fitting.misfits(ready, 201, {"ready": True, "message": "Yes."})
