"""Whether an answer is what its operation says it is: by its schema, and with no member the schema does not know."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.api.operations import Operation


class Fitting:
    """Checks against the schemas of one description."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._schemas = {name: _closed(schema) for name, schema in description["components"]["schemas"].items()}
        self._validator = cache(self._make)

    def misfits(self, operation: Operation, status: int, answer: Any) -> list[str]:
        """What is wrong with this answer to an operation; empty when it fits."""
        responses = operation.spec["responses"]
        if str(status) not in responses:
            return [f"{status} is not declared"]
        schema = responses[str(status)].get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return [] if answer is None or operation.answer_type != "application/json" else ["no answer is declared"]
        return self.wrong(schema, answer)

    def body_misfits(self, operation: Operation, body: Any) -> list[str]:
        """What is wrong with this request's body."""
        content = operation.spec.get("requestBody", {}).get("content", {})
        if not content:
            return [] if body is None else ["no body is declared"]
        return [] if body is None else self.wrong(content["application/json"]["schema"], body)

    def wrong(self, schema: dict[str, Any], instance: Any) -> list[str]:
        """What is wrong with `instance`, each with its place."""
        found = self._validator(_key(schema)).iter_errors(instance)
        return [f"{error.json_path}: {error.message[:300]}" for error in found]

    def _make(self, key: str) -> Draft202012Validator:
        schema = {**_closed(json.loads(key)), "components": {"schemas": self._schemas}}
        return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _key(schema: dict[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True)


def _closed(schema: Any) -> Any:
    """`schema`, with every object that declares its members closed to others."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _closed(value) for name, value in schema.items()}
    if isinstance(made.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made
