"""REST of inspection: why a file's tags became what they are, why an album is one, why an artist is."""

from __future__ import annotations

from typing import Annotated

from segue.core.ids import parse_id
from segue.core.rest import Access, CurrentActor, Router, problems, service
from segue.library.inspection.schemas import AlbumInspection, ArtistInspection, FileInspection
from segue.library.inspection.service import InspectionService

router = Router(tags=["library"])
Inspection = Annotated[InspectionService, service(InspectionService)]


@router.get(
    "/files/{id}/inspect", access=Access.signed_in, responses=problems(404), summary="What became of a file's tags"
)
async def inspect_file(id: str, actor: CurrentActor, inspection: Inspection) -> FileInspection:
    """Every tag as it stands in the file, what became of it and by which rule; what was doubted; which edits count more;
    by which rule it belongs to its album; and by what it is known again."""
    return await inspection.file(actor, parse_id(id, "fi"))


@router.get(
    "/tracks/{id}/inspect", access=Access.signed_in, responses=problems(404), summary="What became of a track's tags"
)
async def inspect_track(id: str, actor: CurrentActor, inspection: Inspection) -> FileInspection:
    """The same for the file that a track is in."""
    return await inspection.track(actor, parse_id(id, "tr"))


@router.get(
    "/albums/{id}/inspect", access=Access.signed_in, responses=problems(404), summary="Why these tracks are one album"
)
async def inspect_album(id: str, actor: CurrentActor, inspection: Inspection) -> AlbumInspection:
    """The rule that decided, what each file says, in what they disagree, and what people changed."""
    return await inspection.album(actor, parse_id(id, "al"))


@router.get(
    "/artists/{id}/inspect",
    access=Access.signed_in,
    responses=problems(404),
    summary="Why these credits are one artist",
)
async def inspect_artist(id: str, actor: CurrentActor, inspection: Inspection) -> ArtistInspection:
    """By MusicBrainz id or by name; the aliases and spellings that led here, who else has the name, and who was merged."""
    return await inspection.artist(actor, parse_id(id, "ar"))
