"""REST of analysis: what is known of tracks, said better, exported, and how far listening is."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from segue.analysis import answers
from segue.analysis import schemas as s
from segue.analysis.exporting import Format
from segue.analysis.records import Waveform
from segue.analysis.refusals import NotHeardYet
from segue.analysis.saying import Words
from segue.analysis.service import AnalysisService
from segue.core.errors import FieldProblem, Invalid
from segue.core.ids import format_id, parse_id
from segue.core.rest import (
    Access,
    BadCursor,
    CurrentActor,
    Cursor,
    Limit,
    Page,
    Router,
    json_response,
    matches,
    problems,
    service,
)

router = Router(prefix="/analysis", tags=["analysis"])
Analysis = Annotated[AnalysisService, service(AnalysisService)]
MOST_IDS = 500
DAT = "application/octet-stream"
FOR_EVER = "private, max-age=31536000, immutable"
"""Of a waveform whose name the caller gave: it changes with what is drawn."""


@router.get(
    "/tracks",
    access=Access.signed_in,
    response_model=Page[s.AnalysisSummaryItem],
    responses=problems(422),
    operation_id="analysis_tracks_list",
    summary="What is known of several tracks",
)
async def tracks(
    actor: CurrentActor,
    analysis: Analysis,
    ids: Annotated[
        str, Query(max_length=10_000, description="Tracks, with commas between; at most 500.", examples=["tr-81"])
    ],
) -> Response:
    """For a column beside a list. In the order asked for; tracks that you may not see are left out."""
    numbers = [parse_id(text.strip(), "tr") for text in ids.split(",") if text.strip()]
    if len(numbers) > MOST_IDS:
        message = f"At most {MOST_IDS} tracks are told at once."
        raise Invalid("too_many_ids", message, fields=[FieldProblem("ids", "too_many_ids", message)])
    found = await analysis.of_tracks(actor, numbers)
    return json_response({"items": [answers.summary(one) for one in found], "next": None, "total": len(found)})


@router.get(
    "/tracks/{id}",
    access=Access.signed_in,
    response_model=s.TrackAnalysisAnswer,
    responses=problems(404, 422),
    operation_id="analysis_tracks_get",
    summary="All that is known of a track by listening",
)
async def track(id: str, actor: CurrentActor, analysis: Analysis) -> Response:
    """Its state and why, tempo with candidates and confidence, key with segments, loudness, energy, shape, quality; and who
    says what is shown: a person's edit, the file's tag, or analysis."""
    return json_response(answers.track(await analysis.of_track(actor, parse_id(id, "tr"))))


@router.patch(
    "/tracks/{id}",
    access=Access.signed_in,
    response_model=s.TrackAnalysisAnswer,
    responses=problems(403, 404, 409, 422),
    operation_id="analysis_tracks_update",
    summary="Say better what was heard",
)
async def say(id: str, body: s.AnalysisSayBody, actor: CurrentActor, analysis: Analysis) -> Response:
    """Halve, double or tap the tempo, set the key, lock both with the grid, shift the downbeat, move the grid, set the points
    of a mix. Tempo and key become edits of the library, which `edit` undoes; the beats follow the tempo. Editors only."""
    given = body.model_fields_set - {name for name in ("tempo", "locked") if getattr(body, name) is None}
    if not given:
        raise Invalid("nothing_said", "Say at least one thing.")
    if "tempo" in given and "bpm" in given:
        message = "A tempo is scaled or set, not both."
        raise Invalid("two_tempos", message, fields=[FieldProblem("bpm", "two_tempos", message)])
    found, edit = await analysis.say(actor, parse_id(id, "tr"), Words(**body.model_dump(), given=frozenset(given)))
    return json_response(answers.track(found, edit))


@router.post(
    "/tracks/{id}/undo",
    access=Access.signed_in,
    response_model=s.TrackAnalysisAnswer,
    responses=problems(403, 404, 409, 422),
    operation_id="analysis_tracks_undo",
    summary="Take back what was said last of a track's beats",
)
async def unsay(id: str, actor: CurrentActor, analysis: Analysis) -> Response:
    """Downbeat, grid, lock and points, as they were before. Tempo and key are undone as the edits that they are."""
    return json_response(answers.track(await analysis.unsay(actor, parse_id(id, "tr"))))


@router.post(
    "/tracks/{id}/again",
    access=Access.signed_in,
    status_code=202,
    responses=problems(403, 404, 409, 422),
    operation_id="analysis_tracks_again",
    summary="Listen to a track again",
)
async def again(id: str, actor: CurrentActor, analysis: Analysis) -> s.AnalysisJobAnswer:
    """Before all others; what was heard is shown until then. Editors only."""
    return s.AnalysisJobAnswer(job=format_id("jo", await analysis.again(actor, parse_id(id, "tr"))))


@router.get(
    "/tracks/{id}/beats",
    access=Access.signed_in,
    response_model=s.AnalysisBeatsAnswer,
    responses=problems(404, 422),
    operation_id="analysis_tracks_beats",
    summary="The beats of a track",
)
async def beats(id: str, actor: CurrentActor, analysis: Analysis) -> Response:
    """As they are shown: at the tempo that a person gave it, moved where they moved them. 404 `not_heard` where none are."""
    found = await analysis.of_track(actor, parse_id(id, "tr"))
    if found.tempo is None:
        raise NotHeardYet(found.track_id, found.state)
    return json_response(answers.beats(found, found.tempo))


@router.get(
    "/tracks/{id}/loudness",
    access=Access.signed_in,
    response_model=s.AnalysisLoudnessAnswer,
    responses=problems(404, 422),
    operation_id="analysis_tracks_loudness",
    summary="How loud a track is",
)
async def loudness(id: str, actor: CurrentActor, analysis: Analysis) -> Response:
    """By EBU R 128, with the gains that follow and the distribution that an album's loudness is gated from."""
    found = await analysis.of_track(actor, parse_id(id, "tr"))
    said = answers.loudness(found.heard.loudness if found.heard else None)
    if said is None or found.heard is None or found.heard.loudness is None:
        raise NotHeardYet(found.track_id, found.state)
    return json_response(
        {"track": format_id("tr", found.track_id), **said, "histogram": found.heard.loudness.histogram}
    )


@router.get(
    "/tracks/{id}/waveform",
    access=Access.signed_in,
    response_model=s.AnalysisWaveformAnswer,
    responses={200: {"content": {DAT: {}}, "description": "The peaks."}, **problems(404, 422)},
    operation_id="analysis_tracks_waveform",
    summary="The waveform of a track",
)
async def waveform(
    id: str,
    request: Request,
    actor: CurrentActor,
    analysis: Analysis,
    format: Annotated[
        Literal["json", "dat"] | None,
        Query(description="audiowaveform's JSON, or its binary format 2; without it, what Accept prefers."),
    ] = None,
    pixels: Annotated[
        int | None,
        Query(
            ge=1, le=100_000, description="About so many pixels for the whole track: at least half, at most as many."
        ),
    ] = None,
    samples_per_pixel: Annotated[
        int | None,
        Query(ge=1, le=10_000_000, description="Or: samples of the file a pixel, rounded up to what there is."),
    ] = None,
    bands: Annotated[bool, Query(description="Whether the three bands are beside the peaks in JSON.")] = True,
    v: Annotated[
        str | None,
        Query(
            max_length=80, description="The `waveform` of the track's analysis: with it, the answer is kept for ever."
        ),
    ] = None,
) -> Response:
    """One request for a scrubber. The ETag names the audio, not the file: it stays when the file is retagged or moved."""
    number = parse_id(id, "tr")
    wanted = format or ("dat" if DAT in request.headers.get("accept", "") else "json")
    shape = f"{wanted}-{pixels or ''}-{samples_per_pixel or ''}-{int(bands)}"
    name = await analysis.waveform_name(actor, number)
    etag = f'"{name}-{shape}"'
    cache = FOR_EVER if v == name else "private, no-cache"
    headers = {"ETag": etag, "Cache-Control": cache, "Vary": "Accept"}
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    drawn, _ = await analysis.waveform(actor, number)
    body = await asyncio.to_thread(_written, drawn, wanted, pixels, samples_per_pixel, bands)
    if isinstance(body, bytes):
        headers["Content-Disposition"] = f'inline; filename="{format_id("tr", number)}.dat"'
        return Response(body, headers=headers, media_type=DAT)
    return json_response(body, headers=headers)


def _written(
    drawn: Waveform, wanted: str, pixels: int | None, per_pixel: int | None, bands: bool
) -> bytes | dict[str, Any]:
    from segue.analysis import waveform

    if pixels is not None:
        length = len(drawn.peaks) // 2
        drawn = waveform.coarser(drawn, max(1, -(-length // pixels)))
    if wanted == "dat":
        return waveform.dat(drawn, per_pixel)
    return waveform.as_json(drawn, per_pixel, bands=bands)


# --- how far it is ----------------------------------------------------------------------------------------------------


@router.get(
    "/status",
    access=Access.signed_in,
    response_model=s.AnalysisStatusAnswer,
    operation_id="analysis_status",
    summary="How far listening is",
)
async def status(analysis: Analysis) -> Response:
    """How many pieces of audio wait, are listened to, are done or failed and why; how fast it goes, and until when."""
    return json_response(answers.status(await analysis.status()))


@router.get(
    "/failed",
    access=Access.signed_in,
    response_model=Page[s.AnalysisFailureItem],
    responses=problems(422),
    operation_id="analysis_failed_list",
    summary="Tracks that could not be heard",
)
async def failed(
    actor: CurrentActor,
    analysis: Analysis,
    code: Annotated[
        str | None, Query(max_length=60, description="Only for this reason.", examples=["encrypted"])
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Those that you may see, each with its reason."""
    found = await analysis.failures(actor, code=code, after=_after(cursor), limit=limit + 1)
    following = str(found[limit - 1].track_id) if len(found) > limit else None
    return json_response({"items": [answers.failure(one) for one in found[:limit]], "next": following, "total": None})


@router.post(
    "/failed/again",
    access=Access.admin,
    status_code=202,
    responses=problems(409),
    operation_id="analysis_failed_again",
    summary="Try what failed again",
)
async def failed_again(
    actor: CurrentActor,
    analysis: Analysis,
    code: Annotated[str | None, Query(max_length=60, description="Only what failed for this reason.")] = None,
) -> s.AnalysisJobAnswer:
    return s.AnalysisJobAnswer(job=format_id("jo", await analysis.again_many(actor, failed=True, code=code)))


@router.post(
    "/again",
    access=Access.admin,
    status_code=202,
    responses=problems(409, 422),
    operation_id="analysis_again",
    summary="Listen to many tracks again",
)
async def again_many(body: s.AnalysisAgainBody, actor: CurrentActor, analysis: Analysis) -> s.AnalysisJobAnswer:
    """To what another engine or version heard, to what failed, or to everything; in the background, behind what is new. What
    was heard is shown until then."""
    job = await analysis.again_many(
        actor, outdated=body.which == "outdated", failed=body.which == "failed", code=body.code
    )
    return s.AnalysisJobAnswer(job=format_id("jo", job))


@router.post(
    "/look",
    access=Access.admin,
    status_code=202,
    responses=problems(409),
    operation_id="analysis_look",
    summary="Look for tracks that nobody listened to",
)
async def look(
    actor: CurrentActor,
    analysis: Analysis,
    anew: Annotated[bool, Query(description="Look at every track, not only at what changed.")] = False,
) -> s.AnalysisJobAnswer:
    """It follows every scan by itself."""
    return s.AnalysisJobAnswer(job=format_id("jo", await analysis.look_now(actor, anew=anew)))


@router.get(
    "/export",
    access=Access.signed_in,
    operation_id="analysis_export",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/x-ndjson": {}, "text/csv": {}}, "description": "The text, as it is read."},
        **problems(422),
    },
    summary="Everything that was measured",
)
async def export(
    actor: CurrentActor,
    analysis: Analysis,
    format: Annotated[Format, Query(description="JSON lines, or CSV.")] = "jsonl",
    q: Annotated[
        str | None, Query(max_length=4_000, description="Only tracks that meet this query.", examples=["bpm:>120"])
    ] = None,
) -> StreamingResponse:
    """One line a track: what is shown of tempo and key and who says so, and all that was measured."""
    lines = await analysis.export(actor, format, q=q)
    kind = "text/csv; charset=utf-8" if format == "csv" else "application/x-ndjson"
    headers = {"Content-Disposition": f'attachment; filename="analysis.{format}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type=kind, headers=headers)


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise BadCursor
    return int(cursor)
