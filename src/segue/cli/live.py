"""`segue live …`: concerts and their recordings."""

from __future__ import annotations

import typer

from segue.cli import live_downloads, live_explain

app = typer.Typer(no_args_is_help=True, help="Live music: explain how recordings become concerts, download them, verify them.")

live_explain.register(app)
live_downloads.register(app)
