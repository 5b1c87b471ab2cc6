"""`segue live …`: concerts and their recordings."""

from __future__ import annotations

import typer

from segue.cli import live_downloads, live_explain, live_mirror, live_tapes

app = typer.Typer(
    no_args_is_help=True,
    help="Live music: keep the archive's lists, explain concerts, download and verify recordings, identify tapes at home.",
)

live_explain.register(app)
live_downloads.register(app)
live_mirror.register(app)
live_tapes.register(app)
