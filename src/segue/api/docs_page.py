"""The page at /docs: every operation of the API with its example, written out from our own OpenAPI.

No script, and nothing from elsewhere: it is one document with its style in it, and the web app's fonts where they are built.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from segue.api.web_app import FOLDER as WEB_FOLDER

METHODS = ("get", "put", "post", "patch", "delete", "head")
STYLE = Path(__file__).with_name("docs.css")
FONTS = (("Inter Variable", "inter-latin-wght-*.woff2"), ("Newsreader Variable", "newsreader-latin-standard-*.woff2"))
WHO = {"public": "everybody", "signed_in": "signed in", "admin": "administrators", "checked_inside": "see its words"}
JSON_PARTS = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|\b(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\b')
LONGEST_EXAMPLE = 6000
"""Characters of an example that are shown; the rest is in openapi.json."""
SHOWN_PARAMETERS = 8
"""Of a list with many filters, so many are shown at once; the others unfold."""


def docs_page(openapi: dict[str, Any], base: str = "") -> str:
    """`openapi` as one HTML page; `base` is the path that Segue is under, such as `/music`."""
    groups: dict[str, list[str]] = {tag["name"]: [] for tag in openapi.get("tags", ())}
    for path, operations in openapi["paths"].items():
        for method in METHODS:
            if method in operations:
                tag = (operations[method].get("tags") or ["operations"])[0]
                groups.setdefault(tag, []).append(_operation(openapi, method, path, operations[method]))
    meanings = {tag["name"]: tag.get("description", "") for tag in openapi.get("tags", ())}
    shown = {tag: items for tag, items in groups.items() if items}
    sections = "".join(
        f'<section id="{escape(tag)}"><h2>{escape(tag.capitalize())}</h2>'
        f"<p>{escape(meanings.get(tag, ''))}</p>{''.join(items)}</section>"
        for tag, items in shown.items()
    )
    title = f"{escape(openapi['info']['title'])} API"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f'<base href="{escape(base.rstrip("/"), quote=True)}/docs"><title>{title}</title>'
        f"<style>{_fonts()}{STYLE.read_text('utf-8')}</style></head><body>{_navigation(shown)}"
        f"<main>{_beginning(openapi)}{sections}{_problems(openapi)}</main></body></html>"
    )


def _fonts() -> str:
    """The web app's own fonts, addressed from /docs."""
    faces = []
    for family, pattern in FONTS:
        for file in (WEB_FOLDER / "assets").glob(pattern):
            faces.append(
                f'@font-face{{font-family:"{family}";font-weight:100 900;font-display:swap;'
                f'src:url("assets/{file.name}") format("woff2")}}'
            )
    return "".join(faces)


def _navigation(groups: dict[str, list[str]]) -> str:
    items = "".join(
        f'<li><a href="docs#{escape(tag)}">{escape(tag.capitalize())}<span>{len(operations)}</span></a></li>'
        for tag, operations in groups.items()
    )
    return (
        f'<nav aria-label="Contents"><a class="mark" href="./"><i></i>Segue</a><div><h2>By subject</h2><ul>{items}</ul></div>'
        '<div><h2>In common</h2><ul><li><a href="docs#errors">Errors</a></li><li><a href="openapi.json">openapi.json</a></li>'
        "</ul></div></nav>"
    )


def _beginning(openapi: dict[str, Any]) -> str:
    info = openapi["info"]
    count = sum(method in METHODS for operations in openapi["paths"].values() for method in operations)
    ways = (
        (
            "Signing in",
            "<p>Send <code>Authorization: Bearer …</code> with the <code>access_token</code> of a sign-in, or with an app "
            "password, which does not run out. The web app uses a cookie.</p>"
            '<pre>curl --json \'{"username": "ann", "password": "…"}\' …/api/v1/auth/login</pre>',
        ),
        (
            "Lists",
            "<p>A list answers <code>{items, next, total}</code>. Ask again with <code>cursor=</code> and what "
            "<code>next</code> said until it is null; <code>limit</code> is 1 to 1000. Sort with names, <code>-</code> "
            "before one reverses it.</p>",
        ),
        (
            "Reading and writing",
            "<p>Reads carry an <code>ETag</code>: send it as <code>If-None-Match</code>, and 304 says that nothing "
            "changed. A write with an <code>Idempotency-Key</code> may be sent again and is done once.</p>",
        ),
        (
            "Keeping a copy",
            '<p><a href="docs#changes_list">/api/v1/changes</a> says what to fetch again and what to forget since a '
            'cursor; <a href="docs#events_get">/api/v1/events</a> says when to ask.</p>',
        ),
    )
    lead = info.get("description", "").partition(". ")[0].rstrip(".") + "."
    cards = "".join(f"<div><h3>{title}</h3>{words}</div>" for title, words in ways)
    return (
        f'<h1>{escape(info["title"])} API</h1><p class="lead">{escape(lead)}</p>'
        f'<ul class="facts"><li>Version {escape(info["version"])}</li><li>{count} operations</li>'
        f'<li>OpenAPI {escape(openapi["openapi"])}: <a href="openapi.json">openapi.json</a></li></ul>'
        f'<div class="ways">{cards}</div>'
    )


def _operation(openapi: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    parts = []
    if operation.get("description"):
        parts.append(f"<p>{_words(operation['description'])}</p>")
    parameters = [_resolved(openapi, parameter) for parameter in operation.get("parameters", ())]
    if parameters:
        parts.append(f"<div><h4>Parameters</h4>{_parameters(parameters)}</div>")
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<div><h4>Send <b>{escape(kind)}</b></h4>{_example(openapi, body)}</div>")
    errors = []
    for status, response in operation.get("responses", {}).items():
        if not status.isdigit():
            continue
        if status.startswith("2"):
            parts.append(_answer(openapi, status, response))
        else:
            name = response.get("$ref", "").rpartition("/")[2]
            place = f"error-{name}" if name else "errors"
            label = escape(name or response.get("description", ""))
            errors.append(f'<li><a href="docs#{place}"><b>{status}</b> {label}</a></li>')
    if errors:
        parts.append(f'<div><h4>Errors</h4><ul class="errors">{"".join(errors)}</ul></div>')
    shown_path = re.sub(r"\{(\w+)\}", r"<i>{\1}</i>", escape(path))
    access = operation.get("x-access", "public")
    who = WHO.get(access) or f"scope {access.removeprefix('scope:')}"
    return (
        f'<details><summary><b class="{method}">{method.upper()}</b><code>{shown_path}</code>'
        f"<span>{_words(operation.get('summary', ''))}</span><em>{escape(who)}</em></summary>"
        f'<div class="in" id="{escape(operation.get("operationId", ""))}">{"".join(parts)}</div></details>'
    )


def _answer(openapi: dict[str, Any], status: str, response: dict[str, Any]) -> str:
    made = ""
    for kind, content in response.get("content", {}).items():
        has_something = "example" in content or content.get("schema")
        shown = _example(openapi, content) if has_something else ""
        made += f"<h4>Answer <b>{escape(status)}</b> {escape(kind)}</h4>{shown}"
    made = made or f"<h4>Answer <b>{escape(status)}</b> {escape(response.get('description', ''))}</h4>"
    headers = [
        f"{name}: {given['example']}" for name, given in response.get("headers", {}).items() if "example" in given
    ]
    lines = escape("\n".join(headers))
    return f"<div>{made}{f'<pre>{lines}</pre>' if lines else ''}</div>"


def _problems(openapi: dict[str, Any]) -> str:
    items = []
    for name, response in openapi.get("components", {}).get("responses", {}).items():
        content = response.get("content", {}).get("application/problem+json", {})
        status = content.get("example", {}).get("status", "")
        items.append(
            f'<details><summary><b class="delete">{status}</b><code>{escape(name)}</code>'
            f"<span>{_words(response.get('description', ''))}</span></summary>"
            f'<div class="in" id="error-{escape(name)}"><div>{_example(openapi, content)}</div></div></details>'
        )
    return (
        '<section id="errors"><h2>Errors</h2><p>Every error is problem+json (RFC 9457). Programs go by <code>code</code>, '
        "which does not change; <code>detail</code> is for people, <code>hint</code> says what to do, and "
        f"<code>errors</code> names each wrong parameter.</p>{''.join(items)}</section>"
    )


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [_parameter(parameter) for parameter in parameters]
    shown, more = (
        (rows, []) if len(rows) <= SHOWN_PARAMETERS + 2 else (rows[:SHOWN_PARAMETERS], rows[SHOWN_PARAMETERS:])
    )
    folded = (
        f"<details class='more'><summary>{len(more)} more</summary><dl>{''.join(more)}</dl></details>" if more else ""
    )
    return f"<dl>{''.join(shown)}</dl>{folded}"


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter.get("schema", {})
    meaning = parameter.get("description") or schema.get("description") or ""
    if "example" in parameter:
        meaning += f" Example: `{parameter['example']}`"
    needed = "<em>needed</em>" if parameter.get("required") and parameter["in"] != "path" else ""
    kind = f"{_kind(schema)}, {parameter['in']}" if parameter["in"] != "query" else _kind(schema)
    name = f"<code>{escape(parameter['name'])}</code>{needed}"
    return f'<div><dt>{name}</dt><dd class="kind">{escape(kind)}</dd><dd>{_words(meaning)}</dd></div>'


def _kind(schema: dict[str, Any]) -> str:
    """The type in words, with its bounds: `integer 1–1000`."""
    several = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if several:
        return " or ".join(_kind(one) for one in several)
    kind = str(schema.get("type", "any"))
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{kind} {low}–{high}"
    return f"{kind} ≥ {low}" if low is not None else kind


def _words(text: str) -> str:
    """Prose, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def _resolved(openapi: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` points at, or `value` itself."""
    if "$ref" not in value:
        return value
    found: Any = openapi
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found  # type: ignore[no-any-return]


def _example(openapi: dict[str, Any], content: dict[str, Any]) -> str:
    made = content["example"] if "example" in content else _shape(openapi, content.get("schema", {}), 0)
    if isinstance(made, str):
        return f"<pre>{escape(made)}</pre>"
    text = json.dumps(made, indent=2, ensure_ascii=False)
    if len(text) > LONGEST_EXAMPLE:
        text = text[:LONGEST_EXAMPLE].rpartition("\n")[0] + "\n…"
    return f'<pre tabindex="0">{JSON_PARTS.sub(_coloured, escape(text, quote=False))}</pre>'


def _coloured(found: re.Match[str]) -> str:
    text, colon, plain = found.groups()
    if plain:
        return f'<span class="n">{plain}</span>'
    return f'<span class="k">{text}</span>{colon}' if colon else f'<span class="s">{text}</span>'


def _shape(openapi: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    """What an answer looks like where nobody recorded one: examples where the schema has them, else its types."""
    schema = _resolved(openapi, schema)
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
