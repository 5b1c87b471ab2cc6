"""`segue similar`: what sounds like a track, an album or an artist; a way from one track to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run

if TYPE_CHECKING:
    from segue.app import Segue


def similar(
    thing: Annotated[str, typer.Argument(metavar="tr-1|al-1|ar-1", help="A track, an album or an artist by its id.")],
    to: Annotated[str | None, typer.Option("--to", help="A track: list a way from the first to it.")] = None,
    query: Annotated[str | None, typer.Option("--query", help="Only tracks that meet this query.")] = None,
    person: Annotated[
        str | None,
        typer.Option("--user", "-u", help="A username or an e-mail address: whose libraries, and what they hate."),
    ] = None,
    most: Annotated[int, typer.Option("--limit", min=1, max=500, help="How many at most.")] = 20,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what sounds most alike, the nearest first, each with how alike in what."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        async with opened(settings) as segue:
            for row in await _found(segue, thing, to, query, person, most):
                if json:
                    emit(row)
                else:
                    print(_line(row))
        return 0

    raise typer.Exit(run(work))


async def _found(
    segue: Segue, thing: str, to: str | None, query: str | None, person: str | None, most: int
) -> list[dict[str, Any]]:
    from segue.accounts.service import AccountService
    from segue.analysis.similar.service import SimilarService
    from segue.core.access import SYSTEM
    from segue.core.ids import BadId, TypedId, parse_id
    from segue.library.service import LibraryService
    from segue.query.service import QueryService

    service, library = segue.services.get(SimilarService), segue.services.get(LibraryService)
    actor = SYSTEM if person is None else await segue.services.get(AccountService).actor_for(person)
    if actor is None:
        raise typer.BadParameter(f"There is nobody called {person!r}.", param_hint="--user")
    where = segue.services.get(QueryService).parse("tracks", query, actor).where if query else None
    asked = TypedId.parse(thing)
    if asked.prefix in ("al", "ar") and to is None:
        albums = asked.prefix == "al"
        ask, name = (service.albums, library.albums_of) if albums else (service.artists, library.artists_of)
        wholes = await ask(actor, asked.number, most, where=where)
        views: dict[int, Any] = {view.id: view for view in await name([one.id for one in wholes], actor)}
        return [
            {"id": f"{asked.prefix}-{one.id}", "score": one.score, **_called(views[one.id])}
            for one in wholes
            if one.id in views
        ]
    if asked.prefix != "tr":
        raise BadId(thing, "tr")
    if to is None:
        found = await service.tracks(actor, asked.number, most, where=where)
    else:
        found = await service.path(actor, asked.number, parse_id(to, "tr"), most, where=where)
    tracks: dict[int, Any] = {view.id: view for view in await library.tracks_of([one.track_id for one in found], actor)}
    return [
        {"id": f"tr-{one.track_id}", "score": one.score, **_called(tracks[one.track_id]), "groups": dict(one.groups)}
        for one in found
        if one.track_id in tracks
    ]


def _called(view: Any) -> dict[str, Any]:
    """What a track, an album or an artist is called, and by whom it is."""
    return {"title": getattr(view, "title", None) or view.name, "artist": getattr(view, "artist_display", None)}


def _line(row: dict[str, Any]) -> str:
    by = f"{row['artist']} – " if row["artist"] else ""
    groups = " ".join(f"{name} {value:.2f}" for name, value in row.get("groups", {}).items())
    return f"{row['score']:.3f}  {row['id']:<9} {by}{row['title']}" + (f"  ({groups})" if groups else "")


def register(app: typer.Typer) -> None:
    app.command()(similar)
