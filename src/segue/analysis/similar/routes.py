"""REST of similar music: tracks, albums, artists, ways, blends, votes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from segue.analysis.similar import schemas as s
from segue.analysis.similar.ground import MOST, Like
from segue.analysis.similar.service import LikeWhole, SimilarService
from segue.core.access import Actor
from segue.core.ids import BadId, TypedId, format_id, parse_id
from segue.core.rest import Access, CurrentActor, Router, json_response, problems, service
from segue.library import items
from segue.library.service import LibraryService
from segue.query import Node
from segue.query.errors import BadValue
from segue.query.service import QueryService

router = Router(prefix="/analysis/similar", tags=["analysis"])
Similar = Annotated[SimilarService, service(SimilarService)]
Music = Annotated[LibraryService, service(LibraryService)]
Queries = Annotated[QueryService, service(QueryService)]
Track = Annotated[str, Query(alias="id", description="The track.", examples=["tr-81"])]
Count = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Cap = Annotated[int, Query(ge=0, le=100, description="Tracks of one artist at most; 0 for any number.")]
Only = Annotated[str | None, Query(max_length=4_000, description="Only tracks that meet this query.")]
Weights = Annotated[
    str | None,
    Query(
        max_length=200,
        description="What counts how much, in place of the usual: `rhythm:2,timbre:1`; what is not named counts nothing.",
    ),
]


@router.get(
    "/tracks",
    access=Access.signed_in,
    response_model=s.SimilarTracksAnswer,
    responses=problems(404, 409, 422),
    operation_id="similar_tracks",
    summary="Tracks that sound like a track",
)
async def similar_tracks(
    actor: CurrentActor,
    similar: Similar,
    library: Music,
    queries: Queries,
    track: Track,
    limit: Count = 50,
    q: Only = None,
    artist_limit: Cap = 3,
    weights: Weights = None,
) -> Response:
    """The most alike first, each with how alike in timbre, rhythm, harmony and level. Other copies of the track are left out."""
    found = await similar.tracks(
        actor, parse_id(track, "tr"), limit, where=_where(queries, q, actor), per_artist=artist_limit,
        weights=_weights(weights),
    )  # fmt: skip
    return json_response({"items": await tracks_item(library, actor, found), "space": await _space(similar)})


@router.get(
    "/albums",
    access=Access.signed_in,
    response_model=s.SimilarAlbumsAnswer,
    responses=problems(404, 409, 422),
    operation_id="similar_albums",
    summary="Albums that sound like an album",
)
async def similar_albums(
    actor: CurrentActor,
    similar: Similar,
    library: Music,
    queries: Queries,
    album: Annotated[str, Query(alias="id", description="The album.", examples=["al-7"])],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    q: Only = None,
    artist_limit: Annotated[int, Query(ge=0, le=100, description="Albums of one artist at most; 0: any number.")] = 3,
) -> Response:
    found = await similar.albums(
        actor, parse_id(album, "al"), limit, where=_where(queries, q, actor), per_artist=artist_limit
    )
    views = {view.id: view for view in await library.albums_of([one.id for one in found], actor)}
    told = [{"album": items.album_item(views[one.id]), **_whole(one)} for one in found if one.id in views]
    return json_response({"items": told})


@router.get(
    "/artists",
    access=Access.signed_in,
    response_model=s.SimilarArtistsAnswer,
    responses=problems(404, 409, 422),
    operation_id="similar_artists",
    summary="Artists that sound like an artist",
)
async def similar_artists(
    actor: CurrentActor,
    similar: Similar,
    library: Music,
    queries: Queries,
    artist: Annotated[str, Query(alias="id", description="The artist.", examples=["ar-12"])],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    q: Only = None,
) -> Response:
    found = await similar.artists(actor, parse_id(artist, "ar"), limit, where=_where(queries, q, actor))
    views = {view.id: view for view in await library.artists_of([one.id for one in found], actor)}
    told = [{"artist": items.artist_item(views[one.id]), **_whole(one)} for one in found if one.id in views]
    return json_response({"items": told})


@router.get(
    "/path",
    access=Access.signed_in,
    response_model=s.PathAnswer,
    responses=problems(404, 409, 422),
    operation_id="similar_path",
    summary="A way from one track to another",
)
async def similar_path(
    actor: CurrentActor,
    similar: Similar,
    library: Music,
    queries: Queries,
    first: Annotated[str, Query(alias="from", description="Where it begins.", examples=["tr-81"])],
    last: Annotated[str, Query(alias="to", description="Where it ends.", examples=["tr-345"])],
    length: Annotated[int, Query(ge=2, le=200, description="Tracks in all, both ends included, at most.")] = 25,
    q: Only = None,
    artist_limit: Cap = 2,
) -> Response:
    """Every track is a little less like the first and more like the last than the one before."""
    found = await similar.path(
        actor, parse_id(first, "tr"), parse_id(last, "tr"), length, where=_where(queries, q, actor),
        per_artist=artist_limit,
    )  # fmt: skip
    return json_response({"items": await tracks_item(library, actor, found)})


@router.post(
    "/blend",
    access=Access.signed_in,
    response_model=s.SimilarTracksAnswer,
    responses=problems(404, 409, 422),
    operation_id="similar_blend",
    summary="More of this, less of that",
)
async def similar_blend(
    body: s.BlendBody, actor: CurrentActor, similar: Similar, library: Music, queries: Queries
) -> Response:
    """Tracks like the middle of `more`, away from that of `less`; what is more like `less` is left out."""
    found = await similar.blend(
        actor, _things(body.more), _things(body.less), body.limit, amount=body.amount, variety=body.variety,
        seed=body.seed, where=_where(queries, body.q, actor), per_artist=body.artist_limit,
    )  # fmt: skip
    return json_response({"items": await tracks_item(library, actor, found), "space": await _space(similar)})


@router.get(
    "/profile",
    access=Access.signed_in,
    response_model=s.SimilarTracksAnswer,
    responses=problems(409, 422),
    operation_id="similar_profile",
    summary="Tracks that sound like what you play",
)
async def similar_profile(
    actor: CurrentActor, similar: Similar, library: Music, queries: Queries, limit: Count = 50, q: Only = None
) -> Response:
    """What you played within a year, a play counting half after 30 days; what you played is not among the answers."""
    found = await similar.profile(actor, limit, where=_where(queries, q, actor))
    return json_response({"items": await tracks_item(library, actor, found), "space": await _space(similar)})


@router.get(
    "/votes",
    access=Access.signed_in,
    response_model=s.VotesAnswer,
    responses=problems(404, 409, 422),
    operation_id="similar_votes",
    summary="What the nearest tracks are called",
)
async def similar_votes(actor: CurrentActor, similar: Similar, track: Track) -> Response:
    """Genres and moods of the nearest tracks' tags and your own words, each with who has it; nothing else claims a mood."""
    number = parse_id(track, "tr")
    told = [
        {
            "kind": vote.kind,
            "label": vote.label,
            "source": "knn",
            "share": vote.share,
            "voters": [{"track": format_id("tr", one), "score": like} for one, like in vote.voters],
            "of": vote.of,
            "said": vote.said,
        }
        for vote in await similar.votes(actor, number)
    ]
    return json_response({"track": format_id("tr", number), "items": told})


@router.get(
    "/space",
    access=Access.signed_in,
    response_model=s.SpaceItem,
    operation_id="similar_space",
    summary="The space that music is compared in",
)
async def similar_space(similar: Similar) -> Response:
    return json_response(await similar.about_space())


# --- spelling ---------------------------------------------------------------------------------------------------------


async def tracks_item(library: LibraryService, actor: Actor, found: list[Like]) -> list[dict[str, Any]]:
    """Tracks with what they are like in, as REST tells them; what somebody may not see is left out."""
    views = {view.id: view for view in await library.tracks_of([one.track_id for one in found], actor)}
    return [
        {"track": items.track_item(views[one.track_id]), "score": one.score, "groups": one.groups}
        for one in found
        if one.track_id in views
    ]


async def _space(similar: SimilarService) -> str:
    return str((await similar.about_space())["id"])


def _whole(one: LikeWhole) -> dict[str, Any]:
    pairs = [
        {"theirs": format_id("tr", theirs), "ours": format_id("tr", ours), "score": score}
        for theirs, ours, score in one.pairs
    ]
    return {"score": one.score, "pairs": pairs}


def _where(queries: QueryService, q: str | None, actor: Actor) -> Node | None:
    return queries.parse("tracks", q, actor).where if q and q.strip() else None


def _things(texts: list[str]) -> list[TypedId]:
    found = [TypedId.parse(text) for text in texts]
    for thing in found:
        if thing.prefix not in ("tr", "al", "ar"):
            raise BadId(str(thing), "tr")
    return found


def _weights(text: str | None) -> dict[str, float] | None:
    if not text:
        return None
    found: dict[str, float] = {}
    for part in text.split(","):
        name, colon, value = part.partition(":")
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not colon or not name.strip() or not 0 <= number <= 1_000:
            raise BadValue("weights", part, "a group and a number, such as rhythm:2")
        found[name.strip()] = number
    return found
