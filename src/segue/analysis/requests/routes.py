"""REST of requests: ask for a track, an address or a file, and see what came of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import ValidationError

from segue.analysis import answers
from segue.analysis import schemas as s
from segue.analysis.refusals import NothingAsked
from segue.analysis.requests.sending import file_in_form, name_in
from segue.analysis.requests.service import RequestView
from segue.analysis.service import AnalysisService
from segue.core.errors import FieldProblem, Invalid
from segue.core.ids import MAX_ROW_ID, BadId, parse_id
from segue.core.rest import (
    STREAMED,
    Access,
    BadCursor,
    CurrentActor,
    Cursor,
    Limit,
    Page,
    Router,
    json_response,
    problems,
    service,
)

router = Router(prefix="/analysis", tags=["analysis"])
Analysis = Annotated[AnalysisService, service(AnalysisService)]
MOST_JSON = 64 * 1024
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
ASK: dict[str, Any] = {
    STREAMED: True,
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": s.AnalysisAskBody.model_json_schema()},
            "application/octet-stream": BINARY,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    },
}


@router.post(
    "",
    access=Access.signed_in,
    status_code=202,
    response_model=s.AnalysisRequestAnswer,
    openapi_extra=ASK,
    responses=problems(404, 409, 413, 422),
    operation_id="analysis_ask",
    summary="Have something listened to",
)
async def ask(
    request: Request,
    actor: CurrentActor,
    analysis: Analysis,
    name: Annotated[
        str | None, Query(max_length=400, description="What a file is called that is sent as the body.")
    ] = None,
) -> Response:
    """JSON names a track of yours, which comes before all others, or the address of a file: only public ones are asked, also
    after a redirect. Any other body is the file itself, or a form with the file in it. The answer is at once a request with
    the job that works on it; what came of it stands there, too, and nothing of it is put into your library."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind == "application/json":
        return _answer(await _named(request, actor, analysis))
    if kind == "multipart/form-data":
        sent = await file_in_form(request.headers["content-type"], request.stream())
        return _answer(await analysis.requests.upload(actor, name or sent.name, sent.parts))
    called = name or name_in(request.headers.get("content-disposition", ""))
    return _answer(await analysis.requests.upload(actor, called, request.stream()))


@router.get(
    "/requests",
    access=Access.signed_in,
    response_model=Page[s.AnalysisRequestAnswer],
    responses=problems(422),
    operation_id="analysis_requests_list",
    summary="What you asked for",
)
async def requests(actor: CurrentActor, analysis: Analysis, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Your own, the newest first; each by itself has what was heard."""
    found = await analysis.requests.page(actor, _before(cursor), limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return json_response({"items": [answers.request(one) for one in found[:limit]], "next": following, "total": None})


@router.get(
    "/requests/{id}",
    access=Access.signed_in,
    response_model=s.AnalysisRequestAnswer,
    responses=problems(404, 422),
    operation_id="analysis_requests_get",
    summary="One request, with what came of it",
)
async def one(id: str, actor: CurrentActor, analysis: Analysis) -> Response:
    return json_response(answers.request(await analysis.requests.get(actor, parse_id(id, "an"))))


@router.delete(
    "/requests/{id}",
    access=Access.signed_in,
    status_code=204,
    responses=problems(404, 422),
    operation_id="analysis_requests_delete",
    summary="Forget a request",
)
async def forget(id: str, actor: CurrentActor, analysis: Analysis) -> Response:
    """What works on it is cancelled, and what was sent is deleted. A track's own analysis stays."""
    await analysis.requests.forget(actor, parse_id(id, "an"))
    return Response(status_code=204)


async def _named(request: Request, actor: Any, analysis: AnalysisService) -> RequestView:
    given = b""
    async for part in request.stream():
        given += part
        if len(given) > MOST_JSON:
            raise NothingAsked(f"JSON of more than {MOST_JSON // 1024} KiB names nothing. Send a file as it is.")
    try:
        body = s.AnalysisAskBody.model_validate_json(given)
    except ValidationError as error:
        fields = [
            FieldProblem(".".join(map(str, item["loc"])) or "body", item["type"], item["msg"])
            for item in error.errors()
        ]
        raise Invalid("invalid_parameter", f"{fields[0].field}: {fields[0].message}", fields=fields) from None
    if (body.track is None) == (body.url is None):
        raise NothingAsked("Name either a track or an address.")
    try:
        number = None if body.track is None else parse_id(body.track, "tr")
    except BadId as error:
        raise Invalid(error.code, error.message, fields=[FieldProblem("track", error.code, error.message)]) from None
    return await analysis.ask(actor, track_id=number, url=body.url)


def _answer(view: RequestView) -> Response:
    return json_response(answers.request(view), status=202)


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and int(cursor) <= MAX_ROW_ID):
        raise BadCursor
    return int(cursor)
