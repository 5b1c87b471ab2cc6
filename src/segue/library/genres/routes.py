"""REST of the tree of genres."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field

from segue.core.ids import format_id, parse_id
from segue.core.rest import Access, Body, CurrentActor, Router, problems, service
from segue.library.genres.service import Branch, GenreService
from segue.library.schemas import NamedItem

router = Router(prefix="/genres", tags=["genres"])
Genres = Annotated[GenreService, service(GenreService)]


class BranchItem(BaseModel):
    """A genre with the narrower ones below it. The counts are of what has this very genre; `placed_by` is `seed` (Segue's own
    tree), `person`, or null where nobody placed it."""

    id: str
    name: str
    track_count: int
    album_count: int
    placed_by: str | None
    children: list[BranchItem]


class TreeAnswer(BaseModel):
    items: list[BranchItem]


class PlaceAnswer(BaseModel):
    """`path` leads from the root to the genre above; `*_within` count each track and album of the genre and of all below it
    once."""

    id: str
    path: list[NamedItem]
    children: list[BranchItem]
    placed_by: str | None
    tracks_within: int
    albums_within: int


class GenreAsk(Body):
    name: str = Field(min_length=1, max_length=200)
    parent: str | None = None


class ParentAsk(Body):
    """The wider genre; null makes it a root."""

    parent: str | None


class GenreMade(BaseModel):
    id: str


class ReplaceAsk(Body):
    """With `everything`, genres that a person has placed are put back too."""

    everything: bool = False


@router.get("/tree", access=Access.signed_in, summary="The tree of genres")
async def genre_tree(
    actor: CurrentActor,
    genres: Genres,
    everything: Annotated[bool, Query(description="Also branches without music you may see.")] = False,
) -> TreeAnswer:
    """Roots by name, each with its branches."""
    return TreeAnswer(items=[_branch(branch) for branch in await genres.tree(actor, everything=everything)])


@router.post("/tree/seed", access=Access.admin, status_code=204, summary="Place genres by Segue's own tree again")
async def place_genres(actor: CurrentActor, genres: Genres, ask: ReplaceAsk | None = None) -> Response:
    await genres.place_by_file(actor, also_persons=bool(ask and ask.everything))
    return Response(status_code=204)


@router.post(
    "", access=Access.admin, status_code=201, responses=problems(404, 409), summary="Add a genre to put others below"
)
async def add_genre(actor: CurrentActor, genres: Genres, ask: GenreAsk) -> GenreMade:
    parent = parse_id(ask.parent, "ge") if ask.parent else None
    return GenreMade(id=format_id("ge", await genres.add(actor, ask.name, parent)))


@router.get("/{id}/place", access=Access.signed_in, responses=problems(404), summary="Where a genre stands in the tree")
async def genre_place(id: str, actor: CurrentActor, genres: Genres) -> PlaceAnswer:
    place = await genres.place(parse_id(id, "ge"), actor)
    return PlaceAnswer(
        id=id,
        path=[NamedItem(id=format_id("ge", number), name=name) for number, name in place.path],
        children=[_branch(branch) for branch in place.children],
        placed_by=place.placed_by,
        tracks_within=place.tracks_within,
        albums_within=place.albums_within,
    )


@router.put(
    "/{id}/parent",
    access=Access.admin,
    status_code=204,
    responses=problems(404, 422),
    summary="Move a genre in the tree",
)
async def move_genre(id: str, actor: CurrentActor, genres: Genres, ask: ParentAsk) -> Response:
    parent = parse_id(ask.parent, "ge") if ask.parent else None
    await genres.move(actor, parse_id(id, "ge"), parent)
    return Response(status_code=204)


@router.delete(
    "/{id}", access=Access.admin, status_code=204, responses=problems(404, 409), summary="Take away an empty genre"
)
async def remove_genre(id: str, actor: CurrentActor, genres: Genres) -> Response:
    await genres.remove(actor, parse_id(id, "ge"))
    return Response(status_code=204)


def _branch(branch: Branch) -> BranchItem:
    return BranchItem(
        id=format_id("ge", branch.id),
        name=branch.name,
        track_count=branch.track_count,
        album_count=branch.album_count,
        placed_by=branch.placed_by,
        children=[_branch(child) for child in branch.children],
    )
