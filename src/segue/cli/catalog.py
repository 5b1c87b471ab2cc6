"""`segue catalog …`: everything ever recorded, on one's own disk. Each verb is a module, `catalog_<verb>`."""

from __future__ import annotations

import typer

from segue.cli import (
    catalog_add,
    catalog_build,
    catalog_load,
    catalog_pull,
    catalog_push,
    catalog_search,
    catalog_serve,
    catalog_split,
    catalog_synth,
    catalog_update,
    catalog_verify,
)

app = typer.Typer(
    no_args_is_help=True,
    help="A catalogue of recorded music in files of its own: make, build, verify, add to, serve, update, search.",
)

catalog_synth.register(app)
catalog_build.register(app)
catalog_serve.register(app)
catalog_verify.register(app)
catalog_add.register(app)
catalog_split.register(app)
catalog_load.register(app)
catalog_push.register(app)
catalog_pull.register(app)
catalog_update.register(app)
catalog_search.register(app)
