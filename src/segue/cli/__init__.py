"""`segue …`: a module a group of commands. Each parses, calls a service, prints.

Nothing heavy is imported before a command runs, so that `segue --help` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from segue import __version__
from segue.cli import (
    account,
    analysis,
    analyze,
    catalog,
    database,
    demo,
    doctor,
    duplicates,
    edit,
    emulate,
    imports,
    inbox,
    inspect,
    listening,
    live,
    mix,
    openapi,
    playlists,
    query,
    scanning,
    scrobbling,
    serving,
    settings,
    similar,
    tag_writing,
    tags,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Segue plays your music on any Subsonic app and in its own web player.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"segue {__version__}")
        raise typer.Exit


@app.callback()
def segue(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Segue plays your music on any Subsonic app and in its own web player."""


serving.register(app)
demo.register(app)
scanning.register(app)
duplicates.register(app)
edit.register(app)
inspect.register(app)
query.register(app)
analyze.register(app)
similar.register(app)
mix.register(app)
imports.register(app)
tag_writing.register(tags.app)
app.add_typer(tags.app, name="tags")
app.add_typer(inbox.app, name="inbox")
app.add_typer(playlists.app, name="playlists")
app.add_typer(listening.app, name="listening")
app.add_typer(analysis.app, name="analysis")
app.add_typer(live.app, name="live")
app.add_typer(account.app, name="user")
app.add_typer(scrobbling.app, name="scrobbling")
app.add_typer(catalog.app, name="catalog")
app.add_typer(database.app, name="db")
settings.register(app)
doctor.register(app)
openapi.register(app)
emulate.register(app)


def main() -> None:
    """Run the command line; what can be told to a person is one line on stderr, and exit 2."""
    from segue.core.errors import SegueError

    try:
        app()
    except SegueError as error:
        print(f"segue: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"       {error.hint}", file=sys.stderr)
        sys.exit(2)
