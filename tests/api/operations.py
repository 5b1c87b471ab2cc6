"""The operations of an OpenAPI description, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "put", "post", "patch", "delete", "head")


@dataclass(frozen=True)
class Operation:
    """One operation. `status` is what it answers with when all is well, `answer_type` the first content type of that."""

    id: str
    method: str
    path: str
    access: str
    status: int
    answer_type: str | None
    spec: dict[str, Any]


def operations(description: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of a description."""
    for path, methods in description["paths"].items():
        for method in METHODS:
            if method in methods:
                spec = methods[method]
                status = min(int(code) for code in spec["responses"] if code.startswith("2"))
                content = spec["responses"][str(status)].get("content", {})
                yield Operation(
                    spec["operationId"], method, path, spec["x-access"], status, next(iter(content), None), spec
                )
