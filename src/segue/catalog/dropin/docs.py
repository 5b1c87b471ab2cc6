"""The page at /docs: every route of the drop-in, written out from its own OpenAPI. It loads nothing from anywhere."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

from segue.catalog.dropin.answers import Headers
from segue.catalog.dropin.description import description
from segue.catalog.dropin.shapes import Shape

PAGE_HEADERS: Headers = [
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'"),
    (b"x-content-type-options", b"nosniff"),
]

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 6rem; }
h1 { margin: 0; } h2 { margin: 3rem 0 0; text-transform: capitalize; } h3 { font-size: 1rem; margin: 2rem 0 .25rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
h3 code { font-size: 1rem; } h3 b { background: var(--soft); border-radius: .25rem; padding: .1rem .4rem; margin-right: .5rem; }
pre { background: var(--soft); border-radius: .5rem; padding: .75rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } td, th { border-bottom: 1px solid var(--line); padding: .35rem .5rem;
text-align: left; vertical-align: top; } th { font-weight: 600; } nav a { margin-right: 1rem; }
"""


@cache
def docs_page(shape: Shape) -> bytes:
    """HTML, whole."""
    api = description(shape)
    info = api["info"]
    sections = []
    for tag in api["tags"]:
        operations = [
            _operation(method, path, operation)
            for path, methods in api["paths"].items()
            for method, operation in methods.items()
            if tag["name"] in operation["tags"]
        ]
        sections.append(
            f'<h2 id="{tag["name"]}">{escape(tag["name"])}</h2><p>{escape(tag["description"])}</p>{"".join(operations)}'
        )
    shapes = "".join(_schema(name, schema) for name, schema in api["components"]["schemas"].items())
    links = "".join(f'<a href="#{tag["name"]}">{tag["name"]}</a>' for tag in api["tags"])
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style>'
        f"<h1>{escape(info['title'])}</h1><p>{escape(info['summary'])} {escape(info['description'])}</p>"
        f'<nav>{links}<a href="#shapes">shapes</a><a href="/openapi.yaml">openapi.yaml</a></nav>'
        f'{"".join(sections)}<h2 id="shapes">Shapes</h2>{shapes}</html>'
    )
    return page.encode()


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = [
        (one["name"], f"{one['in']}{', needed' if one['required'] else ''}", one["description"])
        for one in operation.get("parameters", ())
    ]
    answers = [
        (status, ", ".join(one.get("content", ())), one.get("description") or one["$ref"].rpartition("/")[2])
        for status, one in operation["responses"].items()
    ]
    return (
        f'<h3 id="{operation["operationId"]}"><b>{method.upper()}</b><code>{escape(path)}</code></h3>'
        f"<p>{escape(operation['summary'])}. {escape(operation.get('description', ''))}</p>"
        f"{_table(('Parameter', 'Where', 'Meaning'), rows)}{_example(method, path, operation)}"
        f"{_table(('Status', 'Type', 'Meaning'), answers)}"
    )


def _example(method: str, path: str, operation: dict[str, Any]) -> str:
    shown = path
    for one in operation.get("parameters", ()):
        if "example" in one:
            shown = shown.replace(f"{{{one['name']}}}", one["example"])
    if "q" in (one["name"] for one in operation.get("parameters", ())):
        shown += "?q=homogenic"
    command = f"curl 'http://localhost:8080{shown}'"
    if method == "post":
        import json

        example = operation["requestBody"]["content"]["application/json"]["example"]
        command = f"curl http://localhost:8080{shown} -d '{json.dumps(example)}'"
    return f"<pre>{escape(command)}</pre>"


def _schema(name: str, schema: dict[str, Any]) -> str:
    needed = schema.get("required", ())
    rows = [
        (member, _type(one) + ("" if member in needed else ", may be absent"), one.get("description", ""))
        for member, one in schema["properties"].items()
    ]
    return f'<h3 id="{name}"><code>{name}</code></h3>{_table(("Member", "Type", "Meaning"), rows)}'


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if schema.get("type") == "array":
        return f"array of {_type(schema['items'])}"
    if "additionalProperties" in schema:
        return f"object of {_type(schema['additionalProperties'])} by id"
    if "const" in schema or "enum" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    return str(schema.get("type", "object"))


def _table(head: tuple[str, ...], rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    cells = "".join(
        f"<tr><td><code>{escape(first)}</code><td>{escape(second)}<td>{escape(third)}" for first, second, third in rows
    )
    return f"<table><tr>{''.join(f'<th>{one}' for one in head)}{cells}</table>"
