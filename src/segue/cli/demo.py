"""`segue demo`: Segue with music that it composes itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from segue.cli.given import DataDir, read_settings, say, usable_data_dir
from segue.cli.given import run as run_command

USERNAME = "demo"
PASSWORD = "segue-demo"
APP_PASSWORD = "segue-demo-app"


def demo(
    data_dir: DataDir = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on [127.0.0.1].", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [4747].", show_default=False)] = None,
    render_only: Annotated[
        Path | None, typer.Option("--render-only", help="Only make the music, in this folder.", show_default=False)
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="With live music as well: an archive of concerts on this machine.")
    ] = False,
) -> None:
    """Start Segue with about thirty tracks of its own, composed and rendered on the spot (kept for the next time)."""
    if render_only is not None:
        _make(render_only)
        return
    from segue.core.setting_types import default_data_dir

    folder = data_dir or default_data_dir().with_name("segue-demo")
    flags: dict[str, Any] = {"server__host": host, "server__port": port}
    if not live:
        raise typer.Exit(_start(folder, flags))
    from segue.cli.demo_live import an_archive

    with an_archive(folder / "tapes"):
        raise typer.Exit(_start(folder, flags, live=True))


def _start(folder: Path, flags: dict[str, Any], *, live: bool = False) -> int:
    """Make what is missing in the data folder, and serve it; the exit code."""
    from segue.process import serve as run

    settings = read_settings(
        data_dir=folder,
        admin__username=USERNAME,
        admin__password=PASSWORD,
        admin__app_password=APP_PASSWORD,
        **flags,
    )
    usable_data_dir(settings)
    music = settings.data_dir / "music"
    truth = _make(music)
    if settings.catalog.snapshot is None:
        from segue.cli.demo_catalogue import make_catalogue

        make_catalogue(settings.data_dir / "catalog", truth)
    if live:
        from segue.cli.demo_live import fill

        run_command(lambda: fill(settings))
    lines = [f"Sign in as {USERNAME} with {PASSWORD}; Subsonic apps that want it: app password {APP_PASSWORD}."]
    return run(settings, [music], with_worker=True, greeting=lines)


def _make(folder: Path) -> dict[str, Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from segue.demo.library import make

    columns = (
        TextColumn("Composing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def progress(done: int, total: int, path: str) -> None:
            bar.update(task, completed=done, total=total, description=Path(path).stem)

        truth = make(folder, progress)
    say(f"{len(truth)} tracks are in {folder}.")
    return truth


def register(app: typer.Typer) -> None:
    app.command()(demo)
