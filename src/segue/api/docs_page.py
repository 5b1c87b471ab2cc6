"""The page at /docs: every operation of the API, written out from our own OpenAPI. No script, nothing from elsewhere."""

from __future__ import annotations

import json
from html import escape
from typing import Any

METHODS = ("get", "put", "post", "patch", "delete", "head")
STYLE = """
:root { color-scheme: light dark; --paper: light-dark(#fbfaf7, #1b1917); --ink: light-dark(#2a2622, #f1eee9);
 --soft: light-dark(#6c655d, #b8b1a8); --line: light-dark(#0001, #fff2); --tint: light-dark(#f2efe9, #26231f); --hue: light-dark(#b4472f, #ff9279) }
* { box-sizing: border-box } body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 1000px; margin: 0 auto; padding: 32px 20px 96px } h1 { font: 500 40px/1.1 Georgia, serif; margin: 0 0 8px }
h2 { font: 500 26px/1.2 Georgia, serif; margin: 48px 0 12px } nav { columns: 4 160px; margin: 24px 0 } a { color: var(--hue) }
details { border-top: 1px solid var(--line) } summary { cursor: pointer; padding: 10px 0; display: flex; gap: 12px; flex-wrap: wrap; align-items: baseline }
summary b { font: 600 12px/1 ui-monospace, monospace; width: 56px; color: var(--hue) } code, pre { font: 13px/1.5 ui-monospace, monospace }
summary span { color: var(--soft) } pre { background: var(--tint); border-radius: 8px; padding: 12px; overflow: auto }
table { border-collapse: collapse; width: 100%; margin: 4px 0 12px } td, th { text-align: start; padding: 4px 12px 4px 0; vertical-align: top; border-top: 1px solid var(--line) }
th { color: var(--soft); font-weight: 500 } .in { padding: 0 0 16px 68px } @media (max-width: 600px) { .in { padding-left: 0 } }
"""  # noqa: E501


def docs_page(openapi: dict[str, Any]) -> str:
    """`openapi` as one HTML page."""
    groups: dict[str, list[str]] = {}
    for path, operations in openapi["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                tag = (operation.get("tags") or ["server"])[0]
                groups.setdefault(tag, []).append(_operation(openapi, method, path, operation))
    contents = "".join(f'<a href="#{escape(tag)}">{escape(tag.capitalize())}</a><br>' for tag in groups)
    sections = "".join(
        f'<h2 id="{escape(tag)}">{escape(tag.capitalize())}</h2>{"".join(items)}' for tag, items in groups.items()
    )
    info = openapi["info"]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])} API</title><style>{STYLE}</style><main><h1>{escape(info['title'])} API</h1>"
        f"<p>{escape(info.get('description', ''))}</p><p>Version {escape(info['version'])}. "
        f'The same for programs: <a href="openapi.json">openapi.json</a>.</p><nav>{contents}</nav>{sections}</main></html>'
    )


def _operation(openapi: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    parts = []
    if operation.get("description"):
        parts.append(f"<p>{escape(operation['description'])}</p>")
    parts.append(f"<p>Who may call it: <code>{escape(operation.get('x-access', 'public'))}</code></p>")
    if operation.get("parameters"):
        rows = "".join(_parameter(_resolved(openapi, parameter)) for parameter in operation["parameters"])
        parts.append(f"<table><tr><th>Parameter<th>In<th>Type<th>Meaning</tr>{rows}</table>")
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        parts.append(f"<p>Body</p><pre>{escape(_example(openapi, body))}</pre>")
    for status, response in operation.get("responses", {}).items():
        content = response.get("content", {}).get("application/json")
        if content and status.startswith("2"):
            parts.append(f"<p>{escape(status)}</p><pre>{escape(_example(openapi, content))}</pre>")
        elif status.startswith("2"):
            parts.append(f"<p>{escape(status)}: {escape(response.get('description', ''))}</p>")
    summary = escape(operation.get("summary", ""))
    return (
        f"<details><summary><b>{method.upper()}</b><code>{escape(path)}</code><span>{summary}</span></summary>"
        f'<div class="in">{"".join(parts)}</div></details>'
    )


def _resolved(openapi: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """`part`, or what it refers to."""
    while "$ref" in part:
        found: Any = openapi
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter.get("schema", {})
    kind = schema.get("type") or "/".join(one.get("type", "") for one in schema.get("anyOf", ()))
    meaning = parameter.get("description") or schema.get("description") or ""
    needed = " (required)" if parameter.get("required") else ""
    cells = (f"<code>{escape(parameter['name'])}</code>{needed}", parameter["in"], escape(str(kind)), escape(meaning))
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells) + "</tr>"


def _example(openapi: dict[str, Any], content: dict[str, Any]) -> str:
    if "example" in content:
        made = content["example"]
    elif content.get("examples"):
        made = next(iter(content["examples"].values())).get("value")
    else:
        made = _shape(openapi, content.get("schema", {}), 0)
    return json.dumps(made, indent=2, ensure_ascii=False)


def _shape(openapi: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    """What an answer looks like: examples where the schema has them, else its types."""
    if "$ref" in schema:
        return _shape(openapi, openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]], depth)
    for key in ("example", "default", "const"):
        if key in schema:
            return schema[key]
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return _shape(openapi, schema[key][0], depth)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return [] if depth > 4 else [_shape(openapi, schema.get("items", {}), depth + 1)]
    if "properties" in schema:
        return {} if depth > 4 else {k: _shape(openapi, v, depth + 1) for k, v in schema["properties"].items()}
    return schema.get("format") or schema.get("type") or "any"
