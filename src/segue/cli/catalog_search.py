"""`segue catalog search` and `segue catalog lookup`: ask a snapshot, or the catalogue that the settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from segue.cli.given import DataDir, Json, emit, read_settings, run, say

if TYPE_CHECKING:
    from segue.catalog.asking import Named
    from segue.catalog.store import Backend

Snapshot = Annotated[
    Path | None,
    typer.Option(help="A snapshot's folder; without it the one that the settings name.", show_default=False),
]


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words, or artist:… year:… as on the search page.")],
    kind: Annotated[
        Literal["all", "tracks", "artists", "albums"], typer.Option("--type", help="What to look for.")
    ] = "all",
    most: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="How many of each kind at most.")] = 10,
    match: Annotated[
        Literal["words", "substring"], typer.Option(help="`substring` finds any part of a word.")
    ] = "words",
    snapshot: Snapshot = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Search the catalogue."""
    from segue.catalog.asking import Named
    from segue.catalog.search.errors import NotForKind

    async def work() -> None:
        async with _opened(snapshot, data_dir) as backend:
            for name, one in (("artists", "artist"), ("albums", "album"), ("tracks", "track")):
                if kind not in ("all", name):
                    continue
                try:
                    found = await backend.search(one, text, limit=most, match=match)  # type: ignore[arg-type]
                except NotForKind:
                    if kind != "all":
                        raise
                    continue
                if found.corrected:
                    say(f"Nothing is called {text!r}; searched {name} for {found.corrected!r}.")
                if found.partial:
                    say(f"The time was up: there may be better {name}.")
                for item in await _items(backend, Named(one, list(found.ranks))):  # type: ignore[arg-type]
                    _tell(one, item, json)

    run(work)


def lookup(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID…", help="isrc:…, upc:…, spotify:track:…, musicbrainz:release:…")
    ],
    snapshot: Snapshot = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Say what ids name in the catalogue. Exit code 1 where one names nothing; with --json it has its line as well."""

    async def work() -> bool:
        missing = False
        async with _opened(snapshot, data_dir) as backend:
            from segue.catalog.asking import resolve

            for text, named in zip(ids, await resolve(backend, ids), strict=True):
                if named is None:
                    missing = True
                    if json:
                        emit({"asked": text, "kind": None, "item": None})
                    else:
                        say(f"{text}: not in this catalogue")
                    continue
                for item in await _items(backend, named):
                    _tell(named.kind, item, json, asked=text)
        return missing

    if run(work) and not json:
        raise typer.Exit(1)


@asynccontextmanager
async def _opened(snapshot: Path | None, data_dir: Path | None) -> AsyncIterator[Backend]:
    from segue.catalog.snapshot.opening import open_snapshot
    from segue.core.telemetry import set_up_logging

    set_up_logging("warning", "human")
    folder = snapshot
    if folder is None:
        folder = await _folder(data_dir)
    backend = open_snapshot(folder, threads=1, check=False)
    try:
        yield backend
    finally:
        await backend.close()


async def _folder(data_dir: Path | None) -> Path:
    """Where the settings say that the snapshot lies, those that were changed in the running server among them."""
    from segue.catalog.service import FOLDER
    from segue.core.settings_store import stored_settings

    settings = read_settings(data_dir=data_dir)
    target = settings.database_target
    if target.sqlite_path is None or target.sqlite_path.exists():
        db = target.open(readers=1, writers=1)
        try:
            async with db.read() as conn:
                settings = settings.with_table(await stored_settings(conn))
        finally:
            await db.close()
    return settings.catalog.snapshot or settings.data_dir / FOLDER


async def _items(backend: Backend, named: Named) -> Sequence[dict[str, Any]]:
    from segue.catalog.asking import rows
    from segue.catalog.items import Shown

    shown = Shown(backend.namespace, backend.licence)
    make = {"track": shown.track, "album": shown.album, "artist": shown.artist}[named.kind]
    return [make(row.document, row.more) for row in await rows(backend, named.kind, named.ranks)]


def _tell(kind: str, item: dict[str, Any], json: bool, *, asked: str | None = None) -> None:
    if json:
        emit({**({"asked": asked} if asked is not None else {}), "kind": kind, "item": item})
        return
    if kind == "artist":
        told = item["name"]
    else:
        by = ", ".join(credit["artist"]["name"] for credit in item["artists"])
        told = f"{by} – {item['title']}" if by else item["title"]
        album = item.get("album")
        place = f"{album['title']}, {album['release_date'] or '?'}" if album else item.get("release_date")
        told += f"  ({place})" if place else ""
    print(f"{kind:<7} {item['id']}  {told}")


def register(app: typer.Typer) -> None:
    app.command()(search)
    app.command()(lookup)
