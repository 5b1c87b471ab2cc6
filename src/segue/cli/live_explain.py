"""`segue live explain`: what is concluded about recordings in a file, and why, without a database or a network."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import Json

if TYPE_CHECKING:
    from segue.live.explain import Explained
    from segue.live.records import Concert, Ranked, Term


def explain(
    items: Annotated[
        Path,
        typer.Option(
            "--items", help="Recordings, one JSON object a line, plain or gzipped.", exists=True, dir_okay=False
        ),
    ],
    setlists: Annotated[
        Path | None,
        typer.Option(
            "--setlists",
            help="Shows with their setlists, in the same form.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", help="Only concerts with this in their key, or this recording.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Say which concerts recordings belong to, what they hold, which one is best, and why."""
    with _without_collections():
        from segue.live import reading
        from segue.live.explain import explain as explained_of

        recordings = reading.read_items(items, every_file=False)
        explained = explained_of(recordings, reading.read_setlists(setlists) if setlists else ())
        if json:
            _print_lines(explained, only)
        else:
            _print_concerts(explained, only)
        sys.stdout.flush()


@contextmanager
def _without_collections() -> Iterator[None]:
    """No search for reference cycles meanwhile: a million small records that all stay take longer to search than to make."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def register(app: typer.Typer) -> None:
    app.command()(explain)


def _print_lines(explained: Explained, only: str | None) -> None:
    import msgspec

    from segue.live.explain import line_of

    wanted = [name for name in explained.items if only is None or _is_wanted(explained, name, only)]
    lines = msgspec.json.Encoder(enc_hook=str).encode_lines([line_of(explained, identifier) for identifier in wanted])
    for separator in ("\u2028", "\u2029", "\x85"):
        lines = lines.replace(separator.encode(), f"\\u{ord(separator):04x}".encode())
    sys.stdout.flush()
    sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()


def _is_wanted(explained: Explained, identifier: str, only: str) -> bool:
    return identifier == only or any(only in key for key, _ in explained.places.get(identifier, ()))


# --- for a person ----------------------------------------------------------------------------------------------------


def _print_concerts(explained: Explained, only: str | None) -> None:
    first = True
    for key, concert in explained.concerts.items():
        if only is not None and only not in key and only not in concert.recordings:
            continue
        if not first:
            print()
        first = False
        for line in _concert(explained, concert):
            print(line)


def _concert(explained: Explained, concert: Concert) -> Iterable[str]:
    time = f", {concert.show_time} show" if concert.show_time else ""
    kind = "" if concert.kind == "concert" else f", {concert.kind}"
    where = ", ".join(part for part in (concert.venue, concert.location) if part)
    yield f"{concert.artist} · {concert.date or 'no date'}{time}{kind} · {where or 'no venue'}   [{concert.key}]"
    if concert.setlist:
        for one in concert.setlist.sets:
            songs = "".join(song.name + (" > " if song.segue else ", ") for song in one.songs).rstrip(", >")
            yield f"  {one.name or 'Set'}: {songs}"
    for ranked in explained.ranked[concert.key]:
        yield from _recording(explained, concert, ranked)


def _recording(explained: Explained, concert: Concert, ranked: Ranked) -> Iterable[str]:
    fact = explained.facts[ranked.identifier]
    held = f", {ranked.completeness:.0%} of the setlist" if ranked.completeness is not None else ""
    yield f"  {ranked.rank}. {ranked.identifier}: {fact.source_type}{held}, score {ranked.score:.2f}"
    yield "     because " + ", ".join(_term(term) for term in ranked.terms)
    if ranked.missing:
        yield "     lacks " + ", ".join(ranked.missing)
    there = next((found for found in explained.grouping.membership[ranked.identifier] if found[0] == concert.key), None)
    if there is not None and there[2]:
        yield f"     here as {'a part' if there[1] == 'part' else 'a whole'} by " + _pairs(
            (evidence.code, evidence.value) for evidence in there[2]
        )
    yield "     known by " + _pairs((evidence.code, evidence.value) for evidence in fact.evidence)
    for what, other in (
        ("same tape as", explained.grouping.families.get(ranked.identifier)),
        ("replaces", explained.grouping.supersedes.get(ranked.identifier)),
    ):
        if other and other != ranked.identifier:
            yield f"     {what} {other}"
    for doubt in explained.grouping.doubts.get(ranked.identifier, ()):
        proposal = f": {doubt.proposal}" if doubt.proposal else ""
        yield f"     doubt {doubt.kind}{proposal} ({doubt.score:.2f}; {_pairs(doubt.params.items())})"


def _term(term: Term) -> str:
    params = f" ({_pairs(term.params.items())})" if term.params else ""
    return f"{term.code} {term.value:.2f} × {term.weight:+.2f}{params}"


def _pairs(pairs: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(f"{name} {_plain(value)}" if value not in ("", None) else name for name, value in pairs)


def _plain(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
