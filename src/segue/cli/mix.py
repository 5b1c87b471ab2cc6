"""`segue mix`: what goes well after a track, how to go from one to another, and sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

if TYPE_CHECKING:
    from segue.app import Segue


def mix(
    track: Annotated[
        str | None, typer.Argument(metavar="[tr-1]", help="The track that plays, or that a set begins with.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="The track that comes: tell the way to it.")] = None,
    tracks: Annotated[
        int | None, typer.Option("--tracks", min=1, max=200, help="Put a set of so many tracks together.")
    ] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=1, help="… or of so many minutes.")] = None,
    query: Annotated[str | None, typer.Option("--query", help="Only tracks that meet this query.")] = None,
    playlist: Annotated[str | None, typer.Option("--playlist", help="A set of the tracks of pl-3.")] = None,
    curve: Annotated[
        str, typer.Option("--curve", help="How lively a set is: flat, build, peak, wave, cool_down.")
    ] = "build",
    profile: Annotated[str, typer.Option("--profile", help="Keys: strict, standard, adventurous.")] = "standard",
    pitch: Annotated[float, typer.Option("--pitch", min=0, max=50, help="Speed may change by so many percent.")] = 6.0,
    key_lock: Annotated[
        bool, typer.Option("--key-lock/--no-key-lock", help="Whether speed leaves the key as it is.")
    ] = True,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, another set.")] = 0,
    save: Annotated[str | None, typer.Option("--save", help="Keep the set as a playlist of --user.")] = None,
    person: Annotated[str | None, typer.Option("--user", "-u", help="Whose libraries.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="Of what goes with a track, so many.")] = 20,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what goes well after a track; with --to tell the way to another; with --tracks or --minutes make a set."""
    from segue.analysis.mixing.curves import NAMED
    from segue.analysis.mixing.records import PROFILES, Manner

    if curve not in NAMED:
        raise typer.BadParameter(f"There is no curve {curve}; there are {', '.join(NAMED)}.", param_hint="--curve")
    if profile not in PROFILES:
        raise typer.BadParameter(f"There are {', '.join(PROFILES)}.", param_hint="--profile")
    if tracks is None and minutes is None and track is None:
        raise typer.BadParameter("Name a track, or say by --tracks or --minutes how long a set is to be.")
    if tracks is not None and minutes is not None:
        raise typer.BadParameter("Say how long a set is to be by --tracks or by --minutes, not both.")
    if save is not None and person is None:
        raise typer.BadParameter("Say whose playlist it is to be: --user.", param_hint="--save")
    settings = read_settings(data_dir=data_dir)
    named = next(name for name in NAMED if name == curve)
    manner = Manner(profile, pitch / 100, key_lock)  # type: ignore[arg-type]

    async def work() -> int:
        from segue.accounts.service import AccountService
        from segue.analysis.mixing.service import MixingService, Pool, SetWish
        from segue.core.access import SYSTEM
        from segue.core.ids import parse_id

        async with opened(settings) as segue:
            actor = SYSTEM if person is None else await segue.services.get(AccountService).actor_for(person)
            if actor is None:
                raise typer.BadParameter(f"There is nobody called {person!r}.", param_hint="--user")
            mixing = segue.services.get(MixingService)
            first = None if track is None else parse_id(track, "tr")
            if tracks is not None or minutes is not None:
                listed = None if playlist is None else parse_id(playlist, "pl")
                pool = Pool(query if query or listed else "", listed)
                wish = SetWish(
                    pool, named, tracks, minutes, start=first, end=None if to is None else parse_id(to, "tr"), seed=seed,
                    manner=manner,
                )  # fmt: skip
                made = await mixing.make(actor, wish)
                for one in made.items:
                    _tell(one.track, one.transition, json)
                if save is not None:
                    await _save(segue, actor, save, [one.track.id for one in made.items])
            elif first is not None and to is not None:
                way = await mixing.transition(actor, first, parse_id(to, "tr"), manner)
                _tell(None, way, json)
            elif first is not None:
                for other, way in await mixing.mixes_with(actor, first, manner, limit, where=query):
                    _tell(other, way, json)
        return 0

    raise typer.Exit(run(work))


def _tell(track: Any, way: Any, json: bool) -> None:
    """A line for a track, or for a transition, or both."""
    if json:
        from segue.analysis.mixing.routes import transition_item

        named = {"id": f"tr-{track.id}", "title": track.title, "artist": track.artist_display} if track else {}
        emit({**named, "transition": None if way is None else transition_item(way)})
        return
    if track is not None:
        tempo = "" if track.bpm is None else f"{track.bpm:6.1f} BPM"
        print(f"tr-{track.id:<7} {tempo:10} {track.camelot or '':>3}  {track.artist_display} – {track.title}")
    if way is not None:
        print(f"    {way.score:.2f}  {_way(way)}")


def _way(way: Any) -> str:
    speed = f", at {way.rate:.1%} of its speed" if abs(way.rate - 1) > 0.0005 else ""
    how = f"{way.beats} beats" if way.kind == "beats" else f"{way.length_ms / 1000:.1f} s" if way.length_ms else "a gap"
    why = ", ".join(reason.code.replace("_", " ") for reason in way.reasons)
    return f"from {way.out_ms / 1000:.1f} s into {way.in_ms / 1000:.1f} s over {how}{speed}: {why}"


async def _save(segue: Segue, actor: Any, name: str, tracks: list[int]) -> None:
    from segue.playlists.service import PlaylistService

    number = await segue.services.get(PlaylistService).create(actor, name, tracks)
    say(f"pl-{number} {name}")


def register(app: typer.Typer) -> None:
    app.command()(mix)
