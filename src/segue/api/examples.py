"""Examples of the API's operations: one real request and its answer for each, recorded from a test.

They lie in `examples.json` by operation id. The tests in `tests/api` make every request anew, fail where one no longer
fits its operation, and write the file when they are asked to.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypedDict

FILE = Path(__file__).with_name("examples.json")


class Example(TypedDict, total=False):
    """One request and its answer. `parameters` are those of path and query; `headers` are the answer's worth knowing."""

    parameters: dict[str, Any]
    body: Any
    status: int
    headers: dict[str, str]
    answer: Any


Examples = dict[str, Example]


def load_examples() -> Examples:
    """The recorded examples by operation id."""
    loaded: Examples = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
    return loaded


def add_example(operation: dict[str, Any], example: Example | None) -> None:
    """Put `example` where OpenAPI has examples: at the parameters, the body, and the answer with its headers."""
    if example is None:
        return
    for parameter in operation.get("parameters", ()):
        if parameter.get("name") in example.get("parameters", {}):
            parameter["example"] = example["parameters"][parameter["name"]]
    if "body" in example:
        for content in operation["requestBody"]["content"].values():
            content.pop("examples", None)
            content["example"] = example["body"]
    response = operation["responses"][str(example["status"])]
    if "answer" in example:
        for content in response["content"].values():
            content["example"] = example["answer"]
    for name, value in example.get("headers", {}).items():
        response.setdefault("headers", {})[name] = {"schema": {"type": "string"}, "example": value}
