"""`segue openapi`: the description of the API, for generating clients."""

from __future__ import annotations

import json

import typer


def openapi() -> None:
    """Print the OpenAPI description of the API."""
    from segue.asgi import describe_api

    print(json.dumps(describe_api(), indent=1, ensure_ascii=False, sort_keys=True))


def register(app: typer.Typer) -> None:
    app.command()(openapi)
