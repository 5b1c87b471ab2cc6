"""What several commands share: the data folder option, settings from flags, a process opened for one command, output."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.settings import Settings

T = TypeVar("T")

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder for database, artwork and secret key.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="JSON lines on stdout, everything else on stderr.")]

FLAGS = {
    "data_dir": "--data-dir",
    "server.host": "--host",
    "server.port": "--port",
    "server.base_path": "--base-path",
}


def read_settings(**flags: Any) -> Settings:
    """The settings with these flags (`server__port=…`); None is not given."""
    from segue.settings import load_settings

    dotted = {name.replace("__", "."): value for name, value in flags.items()}
    return load_settings(dotted, flag_names=FLAGS)


def usable_data_dir(settings: Settings) -> None:
    """Make the data folder and see that it can be written. Raises DataFolderUnusable."""
    from segue.app import check_data_dir

    check_data_dir(settings.data_dir)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Segue]:
    """Segue with its services, for one command."""
    from segue.core import heap

    heap.loading()
    from segue.app import Segue
    from segue.core.telemetry import set_level, set_up_logging

    usable_data_dir(settings)
    set_up_logging("warning", "human")
    segue = Segue(settings)
    try:
        await segue.open()
        heap.loaded()
        set_level("warning")
        yield segue
    finally:
        await segue.close()


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run an async command; Ctrl-C ends it with 130."""

    async def whole() -> T:
        return await work()

    try:
        return asyncio.run(whole())
    except KeyboardInterrupt:
        sys.exit(130)


def say(text: str) -> None:
    """A sentence for the person, on stderr: stdout is for answers."""
    print(text, file=sys.stderr)


def emit(row: dict[str, Any]) -> None:
    """One JSON line on stdout; line separators inside strings are escaped, so that a line is a line everywhere."""
    text = json.dumps(row, ensure_ascii=False, default=str, separators=(",", ":"))
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
