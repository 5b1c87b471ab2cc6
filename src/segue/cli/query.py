"""`segue query`: ask the library with the query language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.query.errors import QuerySyntax


def query(
    text: Annotated[str, typer.Argument(metavar="QUERY", help="The query: artist:Beatles year:1965..1970 limit:20")],
    entity: Annotated[
        str, typer.Option("--entity", help="tracks, albums, artists, genres, labels or playlists.")
    ] = "tracks",
    person: Annotated[
        str | None,
        typer.Option(
            "--user", "-u", help="A username or an e-mail address: whose stars, ratings, plays and libraries count."
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what each condition means and finds; list nothing.")
    ] = False,
    most: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many rows at most.")] = 1_000,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what a query finds, or say what it means. docs/query.md is the language's manual."""
    from segue.query.errors import QuerySyntax

    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        async with opened(settings) as segue:
            actor = await _actor(segue, person)
            try:
                if explain:
                    return await _explain(segue, actor, entity, text, json)
                return await _list(segue, actor, entity, text, most, json)
            except QuerySyntax as error:
                _point(text, error)
                raise

    raise typer.Exit(run(work))


async def _actor(segue: Segue, person: str | None) -> Any:
    from segue.accounts.service import AccountService
    from segue.core.access import SYSTEM

    return SYSTEM if person is None else await segue.services.get(AccountService).actor_for(person)


def _point(text: str, error: QuerySyntax) -> None:
    """Show the line that is wrong, with a mark below the place."""
    line = text.split("\n")[error.line - 1]
    if len(line) <= 200:
        say(f"  {line}")
        say(f"  {' ' * (error.column - 1)}{'^' * max(1, min(error.length, len(line) - error.column + 1))}")


async def _explain(segue: Segue, actor: Any, entity: str, text: str, json: bool) -> int:
    from segue.query.service import QueryService

    found = await segue.services.get(QueryService).explain(entity, text, actor)
    if json:
        emit({"normalized": found.parsed.normalized, "rows": found.rows, "more": found.more, "cost": found.cost})
    else:
        print(found.parsed.normalized)
    for condition, rows, more in found.conditions:
        if json:
            said = {"text": condition.text, "code": condition.code, "params": condition.params}
            emit({**said, "sentence": condition.sentence, "negated": condition.negated, "rows": rows, "more": more})
        else:
            print(f"  {_rows(rows, more):>8}  {condition.text}  {condition.sentence}")
    for warning in found.parsed.warnings:
        say(warning.message)
    say(f"Rows: {_rows(found.rows, found.more)}. Cost: {found.cost}.")
    return 0


async def _list(segue: Segue, actor: Any, entity: str, text: str, most: int, json: bool) -> int:
    from segue.query import Window
    from segue.query.service import QueryService

    queries = segue.services.get(QueryService)
    kind = queries.entity(entity).name
    for warning in queries.parse(kind, text, actor).warnings:
        say(warning.message)
    count = 0
    cursor: str | None = None
    while count < most:
        page = await _page(segue, kind, actor, text, Window(min(500, most - count), cursor))
        for view in page.items:
            count += 1
            if json:
                emit(_item(kind, view))
            else:
                print("\t".join(_words(kind, view)))
        cursor = page.next
        if cursor is None:
            break
    say(f"{count:,} rows." if count != 1 else "1 row.")
    return 0


async def _page(segue: Segue, kind: str, actor: Any, text: str, window: Any) -> Any:
    from segue.library.service import LibraryService
    from segue.playlists.service import PlaylistService

    if kind == "playlists":
        return await segue.services.get(PlaylistService).page(actor, q=text, window=window)
    return await segue.services.get(LibraryService).page(kind, actor, q=text, window=window)


def _item(kind: str, view: Any) -> dict[str, Any]:
    """What REST says of it; of a playlist, what it is called and how much it holds."""
    from segue.core.ids import format_id
    from segue.library import items

    if kind == "playlists":
        return {"id": format_id("pl", view.id), "name": view.name, "kind": view.kind, "tracks": view.track_count}
    made: dict[str, Any] = getattr(items, f"{kind[:-1]}_item")(view)
    return made


def _words(kind: str, view: Any) -> list[str]:
    """Its id, what it is called, and of music by whom it is and what it is on."""
    item = _item(kind, view)
    name = item.get("title") or item.get("name") or item.get("path") or ""
    more = [item.get("artist_display"), (item.get("album") or {}).get("title"), item.get("year")]
    return [str(item["id"]), str(name), *(str(each) for each in more if each)]


def _rows(rows: int | None, more: bool) -> str:
    return "unknown" if rows is None else f"{rows}{'+' if more else ''}"


def register(app: typer.Typer) -> None:
    app.command()(query)
