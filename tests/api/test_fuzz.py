"""Requests that nobody would write: every operation is asked with made-up parameters and bodies, right and wrong ones.

The same requests each time (hypothesis is derandomized); `./dev test --long` makes twenty times as many.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.in_process import House
from tests.api.operations import operations
from tests.waiting import PATIENCE_S

REQUESTS = 3 * (20 if os.environ.get("SEGUE_TEST_LONG") else 1)
"""Of each operation, and of each kind: right and wrong."""

LEFT_OUT = {"events_get", "auth_logout", "scrobble_accounts_create", "scrobbling_lastfm_login", "imports_lastfm"}
"""A stream without an end, the end of the token that the others are asked with, and what asks a service that is not here."""

NO_HTTP = b"Invalid HTTP request received."
"""What the HTTP server says of bytes that are no request; Segue never sees those."""

CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


def is_sent(case: Any, texts: set[str]) -> bool:
    """Whether what is wrong reaches the server: an address has no way to say an empty list, or null, and whatever stands in it
    for one of `texts` is a text."""
    return all(
        value not in (None, [], {}) and (isinstance(value, str) or name not in texts)
        for name, value in (case.query or {}).items()
    )


def texts_of(operation: dict[str, Any]) -> set[str]:
    """The parameters in the address that may be any text."""
    found = set()
    for parameter in operation.get("parameters", ()):
        schema = parameter.get("schema", {})
        if any(one.get("type") == "string" for one in (schema, *schema.get("anyOf", ()))):
            found.add(parameter["name"])
    return found


@pytest.fixture(scope="module")
def schema(description: dict[str, Any]) -> Any:
    """The description for schemathesis; without the answer "any other error", so that each status must be declared."""
    strict = copy.deepcopy(description)
    for operation in operations(strict):
        operation.spec["responses"].pop("default")
    return schemathesis.openapi.from_dict(strict, config=SchemathesisConfig())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_no_request_breaks_anything_and_every_answer_is_as_described(
    house: House, schema: Any, mode: GenerationMode
) -> None:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {house.token()}"
    asked, wrong = 0, {}
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw["operationId"] in LEFT_OUT:
            continue
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters or operation.body):
            continue

        @settings(
            max_examples=REQUESTS,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            answer = case.call(base_url=house.url, session=session, timeout=PATIENCE_S)
            if answer.status_code == 400 and answer.content == NO_HTTP:
                return
            sent = is_sent(case, texts_of(case.operation.definition.raw))
            case.validate_response(answer, checks=CHECKS if sent else CHECKS[:-1])
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == ["application/problem+json"], answer.content

        try:
            ask()
        except BaseExceptionGroup as error:
            wrong[operation.label] = "\n".join(str(one) for one in error.exceptions)
        except Exception as error:
            wrong[operation.label] = str(error)
    assert not wrong, "\n\n".join(f"{label}\n{why}" for label, why in wrong.items())
    assert asked > 100
