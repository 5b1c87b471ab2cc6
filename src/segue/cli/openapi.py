"""`segue openapi`: the description of the API, for generating clients."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def openapi(examples: Annotated[bool, typer.Option(help="With the recorded examples.")] = True) -> None:
    """Print the OpenAPI description of the API."""
    from segue.asgi import describe_api

    print(json.dumps(describe_api(examples=examples), indent=1, ensure_ascii=False, sort_keys=True))


def register(app: typer.Typer) -> None:
    app.command()(openapi)
