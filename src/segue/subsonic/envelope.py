"""The envelope around every answer, in XML, JSON or JSONP.

Every answer, failed ones too, says status, version, type, serverVersion and openSubsonic: some apps decode nothing
without them. A failure is HTTP 200 with `status="failed"`, but for the two cases that `segue.subsonic.faults` names.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.responses import Response

from segue import __version__
from segue.subsonic.encode import Dialect, json_root, utf8, xml_root
from segue.subsonic.faults import Fault, MissingParameter, WrongParameter
from segue.subsonic.parameters import Parameters
from segue.subsonic.schema import ROOTS

VERSION = "1.16.1"
"""The protocol version spoken, the last one of Subsonic; what came later is OpenSubsonic's extensions."""

_ABOUT_JSON = f'"version":"{VERSION}","type":"segue","serverVersion":{json.dumps(__version__)},"openSubsonic":true'
_ABOUT_XML = f'version="{VERSION}" type="segue" serverVersion="{__version__}" openSubsonic="true"'
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]{0,99}(\.[A-Za-z_$][\w$]{0,99}){0,9}", re.ASCII)
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""The address of an answer may hold a password, and the answer is one person's: nobody on the way keeps either."""

_RESERVED_WORDS = (
    "await break case catch class const continue debugger default delete do else enum export extends false finally for "
    "function if implements import in instanceof interface let new null package private protected public return static "
    "super switch this throw true try typeof var void while with yield"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: the name of what it carries and its value, or neither for a plain ok."""

    name: str | None = None
    value: Any = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """How the caller wants answers spelled."""

    kind: Literal["xml", "json", "jsonp"] = "xml"
    callback: str = ""
    dialect: Dialect = "full"

    @classmethod
    def asked(cls, parameters: Parameters, dialect: Dialect) -> Format:
        """The format that `f` and `callback` ask for; XML when they ask for none that exists.

        Raises a Fault for JSONP without a callback, or with one that is not a JavaScript identifier (dots allowed).
        """
        kind = (parameters.optional("f") or "xml").lower()
        if kind == "json":
            return cls("json", dialect=dialect)
        if kind != "jsonp":
            return cls("xml", dialect=dialect)
        callback = parameters.optional("callback")
        if callback is None:
            raise MissingParameter("callback")
        if _IDENTIFIER.fullmatch(callback) is None or not _RESERVED.isdisjoint(callback.split(".")):
            raise WrongParameter("callback", callback, "the name of a JavaScript function")
        return cls("jsonp", callback, dialect)

    @classmethod
    def for_failures(cls, parameters: Parameters) -> Format:
        """The format asked for, or JSON where JSONP was asked for in a way that cannot be answered."""
        try:
            return cls.asked(parameters, "full")
        except Fault:
            return cls("json")


def answer(reply: Reply, form: Format) -> Response:
    """A successful answer in the format asked for."""
    return _response("ok", reply.name, reply.value, form)


def failure(fault: Fault, form: Format) -> Response:
    """A failed answer in the format asked for."""
    value = {"code": int(fault.code), "message": fault.message, "helpUrl": fault.help_url}
    response = _response("failed", "error", value, form)
    response.status_code = fault.status
    if fault.retry_after_s is not None:
        response.headers["Retry-After"] = str(max(1, round(fault.retry_after_s)))
    return response


def _response(status: str, name: str | None, value: Any, form: Format) -> Response:
    if form.kind == "xml":
        inner = xml_root(ROOTS[name], value, form.dialect) if name else ""
        end = f">{inner}</subsonic-response>" if inner else "/>"
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<subsonic-response xmlns="http://subsonic.org/restapi" status="{status}" {_ABOUT_XML}{end}'
        )
        return Response(utf8(text), media_type="application/xml", headers=_HEADERS)
    inner = "," + json_root(ROOTS[name], value, form.dialect) if name else ""
    text = f'{{"subsonic-response":{{"status":"{status}",{_ABOUT_JSON}{inner}}}}}'
    if form.kind == "json":
        return Response(utf8(text), media_type="application/json", headers=_HEADERS)
    # U+2028 and U+2029 end a line in JavaScript before ES2019; the comment in front hinders content sniffing.
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Response(
        utf8(f"/**/{form.callback}({text});"),
        media_type="application/javascript; charset=utf-8",
        headers=_HEADERS,
    )
