"""`segue live …`: concerts and their recordings."""

from __future__ import annotations

import typer

from segue.cli import live_explain

app = typer.Typer(no_args_is_help=True, help="Live music: explain how recordings become concerts.")

live_explain.register(app)
