"""`segue emulate`: a local stand-in for outside services, for trying and testing without the internet."""

from __future__ import annotations

from typing import Annotated

import typer

from segue.cli.given import say


def emulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 4750,
) -> None:
    """Answer as Last.fm, ListenBrainz and an archive of concerts do, with faults on demand. Ctrl-C ends it."""
    from segue.emulator import Emulator
    from segue.emulator.lastfm import API_KEY, SECRET
    from segue.emulator.serving import server_of

    base = f"http://{host}:{port}"
    say(f"SEGUE_LASTFM__API_KEY={API_KEY}")
    say(f"SEGUE_LASTFM__SECRET={SECRET}")
    say(f"SEGUE_LASTFM__BASE_URL={base}/lastfm/2.0/")
    say(f"SEGUE_LASTFM__APPROVAL_URL={base}/lastfm/api/auth/")
    say(f"SEGUE_LISTENBRAINZ__BASE_URL={base}/listenbrainz")
    say(f"SEGUE_LIVE__BASE_URL={base}/archive")
    emulator = Emulator()
    say(f"A token of ListenBrainz, of the person `listener`: {emulator.listenbrainz.token_of('listener')}")
    say(f"Faults, the clock and what was asked: {base}/_control/")
    server_of(emulator, host, port).run()


def register(app: typer.Typer) -> None:
    app.command()(emulate)
