"""`segue catalog serve`: a catalogue as a server of its own."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ShapeName(StrEnum):
    plain = "plain"
    brief = "brief"


def serve(
    snapshot: Annotated[
        Path | None, typer.Argument(metavar="[SNAPSHOT]", help="What `segue catalog build` made.", show_default=False)
    ] = None,
    main: Annotated[
        Path | None, typer.Option(help="main_database.sqlite3 of the two-file layout, as it is.", show_default=False)
    ] = None,
    files: Annotated[Path | None, typer.Option(help="Its track_files.sqlite3.", show_default=False)] = None,
    features: Annotated[Path | None, typer.Option(help="Its track_audio_features.sqlite3.", show_default=False)] = None,
    shard: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Address of a shard to ask; given once for each of them.", show_default=False),
    ] = None,
    postgres: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The database that `segue catalog load` filled.", show_default=False),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="SEGUE_CATALOG_TOKEN", help="What routers and their shards know each other by.", show_default=False
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    rate_limit: Annotated[
        str, typer.Option(help="Requests of one address: so many a second, and so many at once; or off.")
    ] = "100/200",
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", help="Whose X-Forwarded-For is believed; may be given again.", show_default=False),
    ] = None,
    strict_compat: Annotated[
        bool,
        typer.Option("--strict-compat", help="As the Go server answers: null for a miss, errors as text, 400 ids."),
    ] = False,
    shape: Annotated[
        ShapeName, typer.Option(help="Names of members: of the Go server, or of its brief.")
    ] = ShapeName.plain,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1, max=256)] = 1,
    check: Annotated[
        bool, typer.Option(help="Compare the checksums of the snapshot, a large one while it is served.")
    ] = True,
) -> None:
    """Serve a snapshot, or the two files as they are, over HTTP: no database, no login. --help of build says how to make one."""
    from functools import partial
    from ipaddress import ip_network

    from segue.catalog.dropin.limits import Rate
    from segue.catalog.dropin.running import Elsewhere, Mounts, Options, musicbrainz
    from segue.catalog.dropin.running import serve as run
    from segue.catalog.dropin.shapes import Shape
    from segue.core.telemetry import set_up_logging

    if sum(map(bool, (snapshot, main, shard, postgres))) != 1:
        raise typer.BadParameter("Name one: a snapshot, --main with its file, --shard for each shard, or --postgres.")
    if shard and not token:
        raise typer.BadParameter("Shards answer who knows their --token (or SEGUE_CATALOG_TOKEN).")
    if main is None and (files is not None or features is not None):
        raise typer.BadParameter("--files and --features belong to --main.")
    if strict_compat and shape is not ShapeName.plain:
        raise typer.BadParameter("--strict-compat and --shape exclude each other.")
    try:
        proxies = tuple(ip_network(text, strict=False) for text in trusted_proxy or ())
    except ValueError as error:
        raise typer.BadParameter(f"--trusted-proxy: {error}") from None
    set_up_logging()
    elsewhere: Elsewhere | None = None
    mounts: Mounts = musicbrainz
    if shard:
        from segue.catalog.scale.routing import Router

        elsewhere = Router(shard, token or "")
    elif postgres:
        from segue.catalog.scale.postgres import Loaded

        elsewhere = Loaded(postgres)
    elif token:
        from segue.catalog.scale.routing import answering_routers

        mounts = answering_routers(token)
    options = Options(
        snapshot=snapshot,
        main=main,
        files=files,
        features=features,
        host=host,
        port=port,
        rate=Rate.read(rate_limit),
        trusted_proxies=proxies,
        shape=Shape.strict if strict_compat else Shape(shape.value),
        workers=workers,
        check=check,
        mounts=mounts,
        elsewhere=elsewhere,
        greet=partial(print, flush=True),
    )
    raise typer.Exit(run(options))


def register(app: typer.Typer) -> None:
    app.command()(serve)
