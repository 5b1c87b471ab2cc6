"""REST of pictures: what there is to choose from for albums, artists and tracks, and a person's choice."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from segue.core.ids import PREFIX_OF_KIND, format_id, format_id_or_none, parse_id
from segue.core.rest import Access, Body, CurrentActor, Router, json_response, problems, service
from segue.library.artwork import MAX_BYTES, Format
from segue.library.pictures.rules import sentence
from segue.library.pictures.service import PictureService
from segue.library.pictures.views import KINDS, Candidate, Pictured, PictureRefused
from segue.library.scan import problems as scan_problems
from segue.library.scan.serving import MEDIA_TYPES
from segue.library.schemas import ReasonItem

router = Router(tags=["artwork"])
Pictures = Annotated[PictureService, service(PictureService)]
MAY = Access.scope("edit")
Disc = Annotated[int, Query(ge=0, le=999, description="A disc of an album; 0 for the whole.")]
PREVIEWS = (128, 256, 512)
PICTURE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class CandidateItem(BaseModel):
    """A picture that could stand for it."""

    candidate: str = Field(description="What to choose it by.")
    source: str = Field(description="`embedded`, `folder`, `album` or `upload`.")
    name: str = Field(description="The kind of an embedded picture (front, back …), or the name of a file.")
    role: str
    artwork: str | None = Field(description="Its id, where it was looked at; others are seen through `preview`.")
    preview: str | None = Field(description="Where it is seen small; null for one that cannot be shown.")
    mime: str | None
    width: int | None
    height: int | None
    size_bytes: int | None
    color: str | None
    blurhash: str | None
    tracks: int | None = Field(description="How many files hold it, of an embedded picture.")
    problem: ReasonItem | None = Field(description="Why it cannot be shown.")
    won: bool


class PicturesAnswer(BaseModel):
    """The picture that is shown, why, and what else there is."""

    id: str
    disc: int
    artwork: str | None
    chosen: bool = Field(description="Whether a person chose it, rather than the rules.")
    reason: ReasonItem
    candidates: list[CandidateItem]


class ChooseAsk(Body):
    candidate: str = Field(min_length=1, max_length=200)


def _routes(plural: str, kind: str) -> None:
    prefix = PREFIX_OF_KIND[kind]
    a_kind = "an album" if kind == "album" else f"a {kind}" if kind == "track" else "an artist"
    path = f"/{plural}/{{id}}/artwork"

    async def give(id: str, actor: CurrentActor, pictures: Pictures, disc: Disc = 0) -> Response:
        return json_response(_answer(await pictures.pictures(actor, kind, parse_id(id, prefix), disc), plural))

    async def choose(id: str, actor: CurrentActor, pictures: Pictures, ask: ChooseAsk, disc: Disc = 0) -> Response:
        found = await pictures.choose(actor, kind, parse_id(id, prefix), ask.candidate, disc)
        return json_response(_answer(found, plural))

    async def upload(request: Request, id: str, actor: CurrentActor, pictures: Pictures, disc: Disc = 0) -> Response:
        found = await pictures.upload(actor, kind, parse_id(id, prefix), await _body(request), disc)
        return json_response(_answer(found, plural), status=201)

    async def give_back(id: str, actor: CurrentActor, pictures: Pictures, disc: Disc = 0) -> Response:
        return json_response(_answer(await pictures.give_back(actor, kind, parse_id(id, prefix), disc), plural))

    async def preview(
        id: str,
        candidate: str,
        actor: CurrentActor,
        pictures: Pictures,
        size: Annotated[int, Query(ge=64, le=512)] = 256,
    ) -> Response:
        side = next((step for step in PREVIEWS if step >= size), PREVIEWS[-1])
        format: Format = "webp"
        data = await pictures.preview(actor, kind, parse_id(id, prefix), candidate, side, format)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=300"}
        return Response(data, media_type=MEDIA_TYPES[format], headers=headers)

    give.__doc__ = "Every candidate with what it is; the one that won, and the reason."
    choose.__doc__ = "It stands for it from now on, whatever the rules and later scans say."
    upload.__doc__ = (
        f"The body is the picture: JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF, at most {MAX_BYTES // 2**20} MiB."
    )
    give_back.__doc__ = "The rules decide again."
    preview.__doc__ = "Made small on the spot, also where it was never looked at before."
    shared: dict[str, Any] = {"response_model": PicturesAnswer}
    signed_in = Access.signed_in
    router.get(path, access=signed_in, **shared, operation_id=f"{plural}_artwork_get",
               summary=f"Pictures to choose from for {a_kind}")(give)  # fmt: skip
    router.put(path, access=MAY, **shared, responses=problems(403, 404, 422), operation_id=f"{plural}_artwork_choose",
               summary=f"Choose the picture of {a_kind}")(choose)  # fmt: skip
    router.post(path, access=MAY, **shared, status_code=201, responses=problems(403, 404, 422),
                operation_id=f"{plural}_artwork_upload", summary=f"Upload the picture of {a_kind}",
                openapi_extra=PICTURE_BODY)(upload)  # fmt: skip
    router.delete(path, access=MAY, **shared, responses=problems(403, 404), operation_id=f"{plural}_artwork_delete",
                  summary=f"Give the picture of {a_kind} back to the rules")(give_back)  # fmt: skip
    router.get(path + "/{candidate}", access=signed_in, response_class=Response, operation_id=f"{plural}_artwork_preview",
               responses={200: {"content": {"image/webp": {}}}}, summary=f"See a candidate for {a_kind}")(preview)  # fmt: skip


for _plural, _kind in KINDS.items():
    _routes(_plural, _kind)


async def _body(request: Request) -> bytes:
    """The picture in the body, read no further than a picture may be large. Raises PictureRefused."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            params = {"width": 0, "height": 0, "bytes": size}
            raise PictureRefused("image_too_large", _problem("image_too_large", params)["sentence"], params)
        parts.append(part)
    return b"".join(parts)


def _answer(found: Pictured, plural: str) -> dict[str, Any]:
    typed = format_id(PREFIX_OF_KIND[found.kind], found.entity_id)
    code, params = found.reason
    return {
        "id": typed,
        "disc": found.disc,
        "artwork": format_id_or_none("aw", found.artwork_id),
        "chosen": found.chosen,
        "reason": {"code": code, "params": params, "sentence": sentence(code, params)},
        "candidates": [_candidate(one, f"/api/v1/{plural}/{typed}/artwork/") for one in found.candidates],
    }


def _candidate(one: Candidate, base: str) -> dict[str, Any]:
    return {
        "candidate": one.key,
        "source": one.source,
        "name": one.name,
        "role": one.role,
        "artwork": format_id_or_none("aw", one.artwork_id),
        "preview": base + one.key if one.problem is None else None,
        "mime": one.mime,
        "width": one.width,
        "height": one.height,
        "size_bytes": one.size_bytes,
        "color": one.color,
        "blurhash": one.blurhash,
        "tracks": one.tracks,
        "problem": None if one.problem is None else _problem(*one.problem),
        "won": one.won,
    }


def _problem(code: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "params": params, "sentence": scan_problems.sentence(scan_problems.Problem(code, params))}
