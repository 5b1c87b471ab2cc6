"""REST of the map of one's music, and of the groups on it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from segue.analysis.similar import schemas as s
from segue.analysis.similar.charts import MOST_POINTS, Box
from segue.analysis.similar.routes import Music, Similar, tracks_item
from segue.core.ids import format_id
from segue.core.rest import Access, CurrentActor, Router, json_response, problems
from segue.library import items
from segue.query.errors import BadValue

router = Router(prefix="/analysis/similar", tags=["analysis"])


@router.get(
    "/map",
    access=Access.signed_in,
    response_model=s.MapAnswer,
    responses=problems(409, 422),
    operation_id="similar_map",
    summary="A map of your music",
)
async def similar_map(
    actor: CurrentActor,
    similar: Similar,
    box: Annotated[
        str | None,
        Query(description="Only this part: x and y of its lower left corner, then of its upper right.", max_length=100),
    ] = None,
    most: Annotated[int, Query(ge=1, le=MOST_POINTS, description="Points at most; nearer parts show more.")] = 20_000,
) -> Response:
    """Places as columns; what a track is called, `GET /api/v1/tracks?id=` tells for those that are looked at."""
    view = await similar.map(actor, _box(box), most)
    return json_response(
        {
            "state": view.state, "revision": view.revision, "total": view.total, "within": view.within,
            "complete": len(view.tracks) == view.within, "bounds": list(view.bounds), "tracks": view.tracks, "x": view.x,
            "y": view.y, "clusters": view.clusters,
        }
    )  # fmt: skip


@router.get(
    "/map/near",
    access=Access.signed_in,
    response_model=s.MapPlaceAnswer,
    responses=problems(409, 422),
    operation_id="similar_map_near",
    summary="What is at a place on the map",
)
async def similar_map_near(
    actor: CurrentActor,
    similar: Similar,
    library: Music,
    x: float,
    y: float,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Response:
    views = await library.tracks_of(await similar.near_place(actor, x, y, limit), actor)
    return json_response({"items": [items.track_item(view) for view in views]})


@router.post(
    "/map",
    access=Access.signed_in,
    response_model=s.MapJob,
    status_code=202,
    operation_id="similar_map_make",
    summary="Have the map made",
)
async def similar_map_make(
    actor: CurrentActor,
    similar: Similar,
    anew: Annotated[bool, Query(description="Lay everything out anew, instead of only taking in what came.")] = False,
) -> Response:
    """A job makes the groups and the map, to be watched and cancelled like any other; the map that is there stays until then."""
    return json_response({"job": format_id("jo", await similar.ask_for_map(actor, anew=anew))}, status=202)


@router.get(
    "/clusters",
    access=Access.signed_in,
    response_model=s.ClustersAnswer,
    responses=problems(409),
    operation_id="similar_clusters",
    summary="Groups of what sounds alike",
)
async def similar_clusters(actor: CurrentActor, similar: Similar) -> Response:
    """Named by the genres of people's tags that are commoner in a group than elsewhere, with their shares; by nothing else."""
    told: list[dict[str, Any]] = [
        {
            "id": one.id, "tracks": one.tracks, "tightness": one.tightness, "x": one.x, "y": one.y,
            "labels": [{"name": each.name, "share": each.share, "everywhere": each.everywhere} for each in one.labels],
        }
        for one in await similar.clusters(actor)
    ]  # fmt: skip
    return json_response({"items": told})


@router.get(
    "/clusters/{number}/tracks",
    access=Access.signed_in,
    response_model=s.SimilarTracksAnswer,
    responses=problems(404, 409, 422),
    operation_id="similar_cluster_tracks",
    summary="The tracks in the middle of a group",
)
async def similar_cluster_tracks(
    number: int, actor: CurrentActor, similar: Similar, library: Music, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> Response:
    found = await similar.cluster(actor, number, limit)
    space = str((await similar.about_space())["id"])
    return json_response({"items": await tracks_item(library, actor, found), "space": space})


def _box(text: str | None) -> Box | None:
    if text is None:
        return None
    try:
        left, low, right, high = (float(part) for part in text.split(","))
    except ValueError:
        raise BadValue("box", text, "four numbers with commas, such as -5,-5,5,5") from None
    return left, low, right, high
