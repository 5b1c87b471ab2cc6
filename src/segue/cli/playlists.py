"""`segue playlists …`: one person's playlists, for whoever has the server's own shell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say
from segue.cli.working import followed

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.core.access import Actor
    from segue.playlists.service import PlaylistService

app = typer.Typer(
    no_args_is_help=True, help="Playlists of one person: list, show, make, fill, freeze, undo, import, export."
)
Who = Annotated[
    str, typer.Option("--user", "-u", help="Whose playlists: a username or an e-mail address.", show_default=False)
]
Id = Annotated[str, typer.Argument(metavar="PLAYLIST", help="As `segue playlists list` calls it: pl-3.")]
Work = Callable[["Segue", "PlaylistService", "Actor"], Awaitable[int]]


@app.command("list")
def list_playlists(
    user: Who,
    query: Annotated[str | None, typer.Argument(help="A query about playlists: 'is:smart train'.")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List the playlists that a person may see, by name."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        from segue.query import Window

        cursor: str | None = None
        while True:
            page = await playlists.page(actor, q=query, window=Window(200, cursor))
            for view in page.items:
                if json:
                    emit(_line(view))
                else:
                    count = f"{view.track_count:,}{'+' if view.more else ''}"
                    print(f"pl-{view.id}\t{view.name}\t{count} tracks\t{view.kind}, {view.visibility}")
            if page.next is None:
                return 0
            cursor = page.next

    _with(user, data_dir, work)


@app.command()
def show(playlist: Id, user: Who, data_dir: DataDir = None, json: Json = False) -> None:
    """Show a playlist's rows in order; of a smart one what it holds now."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        from segue.core.ids import format_id_or_none

        cursor: str | None = None
        view, page = await playlists.rows(actor, _number(playlist), limit=1_000)
        if not json:
            say(f"{view.name} ({view.kind}, {view.visibility})" + (f": {view.query}" if view.query else ""))
        if view.problem is not None:
            say(view.problem[1])
            return 1
        while True:
            for row in page.rows:
                if json:
                    emit(
                        {
                            "row": format_id_or_none("pr", row.id),
                            "track": format_id_or_none("tr", row.track_id),
                            "title": row.title,
                            "artist": row.artist,
                            "album": row.album,
                            "comment": row.comment,
                        }
                    )
                else:
                    where = format_id_or_none("tr", row.track_id) or "not here"
                    print(f"{where}\t{row.artist} - {row.title}\t{row.album}")
            cursor = page.next
            if cursor is None:
                return 0
            _, page = await playlists.rows(actor, _number(playlist), limit=1_000, cursor=cursor)

    _with(user, data_dir, work)


@app.command()
def create(
    name: str,
    user: Who,
    track: Annotated[list[str] | None, typer.Argument(help="Tracks to put in: tr-81 …", show_default=False)] = None,
    comment: Annotated[str, typer.Option("--comment", help="A few words about it.")] = "",
    public: Annotated[bool, typer.Option("--public", help="Everybody here may see it.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a playlist."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        tracks = _tracks(track or [])
        visibility: Any = "public" if public else "private"
        number = await playlists.create(actor, name, tracks, comment=comment, visibility=visibility)
        return await _told(playlists, actor, number, json)

    _with(user, data_dir, work)


@app.command()
def smart(
    name_or_id: Annotated[str, typer.Argument(metavar="NAME|PLAYLIST", help="A name for a new one, or pl-3.")],
    query: Annotated[str, typer.Argument(help="What fills it: 'genre:Jazz sort:-added limit:100'.")],
    user: Who,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what it would hold.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a playlist that fills itself, or let a query fill one that is there."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        if preview:
            found = await playlists.preview(actor, query, limit=0)
            if json:
                emit(
                    {
                        "query": found.normalized,
                        "count": found.count,
                        "more": found.more,
                        "duration_ms": found.duration_ms,
                    }
                )
            else:
                print(f"{found.count:,}{'+' if found.more else ''} tracks: {found.normalized}")
            for warning in found.warnings:
                say(warning.message)
            return 0
        if name_or_id.startswith("pl-") and name_or_id[3:].isdigit():
            number = _number(name_or_id)
            await playlists.set_query(actor, number, query)
        else:
            number = await playlists.create(actor, name_or_id, query=query)
        return await _told(playlists, actor, number, json)

    _with(user, data_dir, work)


@app.command()
def add(
    playlist: Id,
    track: Annotated[list[str], typer.Argument(help="Tracks: tr-81 …")],
    user: Who,
    start: Annotated[bool, typer.Option("--start", help="At the start instead of the end.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Put tracks into a playlist."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        from segue.playlists.service import Place

        await playlists.add_tracks(actor, _number(playlist), _tracks(track), place=Place(start=start))
        return await _told(playlists, actor, _number(playlist), json)

    _with(user, data_dir, work)


@app.command()
def freeze(
    playlist: Id,
    user: Who,
    copy_as: Annotated[
        str | None, typer.Option("--copy-as", help="Keep the smart one, and make a new one with this name.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a smart playlist a manual one with what it holds now."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        number = _number(playlist)
        if copy_as is not None:
            rows = await playlists.frozen_rows(actor, number)
            number = await playlists.create_with_rows(actor, copy_as, rows)
        else:
            await playlists.freeze(actor, number)
        return await _told(playlists, actor, number, json)

    _with(user, data_dir, work)


@app.command()
def history(playlist: Id, user: Who, data_dir: DataDir = None, json: Json = False) -> None:
    """Say what was changed, when and by whom, newest first."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        from segue.core.clock import rfc3339
        from segue.playlists.history import sentence

        for one in await playlists.history(actor, _number(playlist), limit=200):
            said = sentence(one.action, one.params)
            if json:
                emit({"revision": one.revision, "at": rfc3339(one.at), "by": one.user_name, "said": said})
            else:
                undone = f" (taken back by {one.undone_by})" if one.undone_by else ""
                print(f"{one.revision}\t{rfc3339(one.at)}\t{one.user_name}\t{said}{undone}")
        return 0

    _with(user, data_dir, work)


@app.command()
def undo(
    playlist: Id,
    user: Who,
    to: Annotated[int | None, typer.Option("--to", help="Back to how it was after this change.")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Take the newest change of a playlist back, or bring an older state back."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        if to is None:
            await playlists.undo(actor, _number(playlist))
        else:
            await playlists.restore(actor, _number(playlist), to)
        return await _told(playlists, actor, _number(playlist), json)

    _with(user, data_dir, work)


@app.command()
def mixes(
    user: Who,
    kind: Annotated[str | None, typer.Argument(help="One of them, with its tracks: daily-1, on-this-day …")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep it as a playlist.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show the mixes of today, or one of them with the reason for each track."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        from segue.playlists.generators.kinds import sentence
        from segue.playlists.generators.service import MixService

        service = segue.services.get(MixService)
        if kind is not None and keep:
            return await _told(playlists, actor, await service.save(actor, kind), json)
        if kind is not None:
            for row in (await service.mix(actor, kind))[1]:
                line = {"track": f"tr-{row.track.id}", "said": row.track.text, "why": sentence(*row.reason)}
                emit(line) if json else print("\t".join(line.values()))
            return 0
        for view in await service.mixes(actor):
            shown = {"kind": view.kind, "title": view.title, "tracks": view.track_count, "why": sentence(*view.reason)}
            emit(shown) if json else print("\t".join(str(part) for part in shown.values()))
        return 0

    _with(user, data_dir, work)


@app.command("import")
def import_files(
    file: Annotated[
        list[Path], typer.Argument(help="M3U, PLS, XSPF, JSPF, .nsp, CSV, Library.xml, Spotify, Takeout, ZIP.")
    ],
    user: Who,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would come of it.")] = False,
    unsure: Annotated[bool, typer.Option("--take-unsure", help="Link tracks that are only likely as well.")] = False,
    new: Annotated[
        bool, typer.Option("--new", help="Make new lists, also of a file that was imported before.")
    ] = False,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Where it is guessed wrongly: cp1251.")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make playlists of files of other programs; the same file again brings its lists up to date."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        from segue.core.errors import SegueError
        from segue.playlists.exchange.service import PlaylistImportService
        from segue.playlists.exchange.views import ImportChoices

        imports = segue.services.get(PlaylistImportService)
        failed = 0
        for one in file:
            try:
                sent = await imports.send(actor, one.name, _pieces(one), encoding=encoding)
                sent = await _waited(segue, imports, actor, sent)
                if not preview and sent.state == "ready":
                    sent = await imports.apply(actor, sent.id, ImportChoices("new" if new else "update", unsure))
                    sent = await _waited(segue, imports, actor, sent)
                _imported(one, sent, json)
                failed += sent.state == "failed"
                if preview:
                    await imports.discard(actor, sent.id)
            except (SegueError, OSError) as error:
                failed += 1
                message = error.message if isinstance(error, SegueError) else str(error.strerror or error)
                emit({"file": str(one), "error": message}) if json else say(f"{one}: {message}")
        return 1 if failed and not json else 0

    _with(user, data_dir, work)


@app.command("files")
def list_files(user: Who, data_dir: DataDir = None, json: Json = False) -> None:
    """Say which playlist files lie among the music, and which lists they became."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        from segue.core.ids import format_id, format_id_or_none
        from segue.playlists.exchange.library_files import LibraryFilesService

        for row in await segue.services.get(LibraryFilesService).files(actor):
            shown = {
                "id": format_id("px", row.id), "playlist_id": format_id_or_none("pl", row.playlist_id),
                "state": row.state, "path": row.display_path,
            }  # fmt: skip
            emit(shown) if json else print("\t".join(str(part or "") for part in shown.values()))
        return 0

    _with(user, data_dir, work)


@app.command("restore-file")
def restore_file(
    file: Annotated[str, typer.Argument(help="px-3, as `segue playlists files` says it.")],
    user: Who,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Bring back a playlist file as it was before its list was written into it."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        from segue.core.ids import parse_id
        from segue.playlists.exchange.library_files import LibraryFilesService

        await segue.services.get(LibraryFilesService).restore(actor, parse_id(file, "px"))
        emit({"file": file, "restored": True}) if json else say(f"{file} is as it was before.")
        return 0

    _with(user, data_dir, work)


@app.command()
def export(
    user: Who,
    playlist: Annotated[list[str] | None, typer.Argument(help="pl-3 …; none: all of them.", show_default=False)] = None,
    to: Annotated[Path, typer.Option("--to", help="The folder to write into.")] = Path(),
    format: Annotated[
        str, typer.Option("--format", help="m3u8, pls, xspf, jspf, csv, nsp for smart ones; rekordbox, m3u8-cues.")
    ] = "m3u8",
    absolute: Annotated[
        bool, typer.Option("--absolute", help="Whole paths instead of paths inside the library.")
    ] = False,
    folder: Annotated[
        str, typer.Option("--folder", help="Put before paths inside the library: where it lies for the reader.")
    ] = "",
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Write playlists as files; all of them as one ZIP."""

    async def work(segue: Segue, playlists: PlaylistService, actor: Actor) -> int:
        import dataclasses

        from segue.playlists.exchange.exporting import PlaylistExportService
        from segue.playlists.exchange.writing import OUT

        if format not in OUT:
            raise typer.BadParameter(f"There is no format {format}; there are {', '.join(OUT)}.")
        exports = segue.services.get(PlaylistExportService)
        shell = dataclasses.replace(actor, roles=actor.roles | {"admin"}) if absolute else actor
        paths: Any = "absolute" if absolute else "relative"
        made = [await exports.export(shell, _number(one), format, paths=paths, folder=folder) for one in playlist or ()]  # type: ignore[arg-type]
        if not playlist:
            made = [await exports.export_all(shell, format, paths=paths)]  # type: ignore[arg-type]
        to.mkdir(parents=True, exist_ok=True)
        for one in made:
            place = to / one.name
            with place.open("wb") as written:
                async for piece in one.pieces:
                    written.write(piece)
            emit({"file": str(place)}) if json else print(place)
        return 0

    _with(user, data_dir, work)


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened_file:
        while piece := opened_file.read(256 * 1024):
            yield piece


async def _waited(segue: Segue, imports: Any, actor: Actor, sent: Any) -> Any:
    """The import once nothing is done with it any more."""
    if sent.job_id is not None and sent.state in ("reading", "applying"):
        await followed(segue, sent.job_id)
        return await imports.view(actor, sent.id)
    return sent


def _imported(file: Path, sent: Any, json: bool) -> None:
    from segue.core.ids import format_id_or_none
    from segue.playlists.exchange.reasons import sentence

    said = [sentence(code, params) for code, params in sent.doubts]
    for one in sent.lists:
        counts = one.counts
        if json:
            number = format_id_or_none("pl", one.playlist_id)
            emit({"file": str(file), "list": one.name, "playlist": number, **counts, "doubts": said})
        else:
            where = f"pl-{one.playlist_id}\t" if one.playlist_id else ""
            print(f"{where}{one.name}\t{counts['sure']} found, {counts['review']} unsure, {counts['none']} not here")
    if json and not sent.lists:
        emit({"file": str(file), "list": None, "doubts": said})
    for text in said if not json else ():
        say(f"{file}: {text}")


def _with(user: str, data_dir: Any, work: Work) -> None:
    """Do `work` as this person, and exit with what it says."""

    async def whole() -> int:
        from segue.accounts.service import AccountService
        from segue.playlists.service import PlaylistService

        async with opened(read_settings(data_dir=data_dir)) as segue:
            actor = await segue.services.get(AccountService).actor_for(user)
            return await work(segue, segue.services.get(PlaylistService), actor)

    raise typer.Exit(run(whole))


async def _told(playlists: PlaylistService, actor: Actor, number: int, json: bool) -> int:
    view = await playlists.view(actor, number)
    if json:
        emit(_line(view))
    else:
        print(f"pl-{view.id}\t{view.name}\t{view.track_count:,}{'+' if view.more else ''} tracks")
    return 0


def _line(view: Any) -> dict[str, Any]:
    return {
        "id": f"pl-{view.id}",
        "name": view.name,
        "kind": view.kind,
        "visibility": view.visibility,
        "query": view.query,
        "track_count": view.track_count,
        "more": view.more,
        "duration_ms": view.duration_ms,
        "revision": view.revision,
    }


def _number(playlist: str) -> int:
    from segue.core.ids import parse_id

    return parse_id(playlist, "pl")


def _tracks(given: list[str]) -> list[int]:
    from segue.core.ids import parse_id

    return [parse_id(track, "tr") for track in given]
