"""The background work of bringing playlists in."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.jobs import JobContext, Schedule, job
from segue.playlists.exchange.library_files import FILES, WRITE, LibraryFilesService
from segue.playlists.exchange.matching import MATCH, MatchingService
from segue.playlists.exchange.service import APPLY, READ, PlaylistImportService


class OneImport(BaseModel):
    """Which import."""

    model_config = {"populate_by_name": True}

    number: int = Field(alias="import")


@job(READ, queue="default", max_attempts=5, params=OneImport)
async def read_file(context: JobContext, params: OneImport) -> dict[str, Any] | None:
    """Read a playlist file and look for the tracks of its rows."""
    return await context.service(PlaylistImportService).read_stored(context, params.number)


@job(APPLY, queue="default", max_attempts=5, params=OneImport)
async def make_lists(context: JobContext, params: OneImport) -> None:
    """Make playlists of what was read."""
    await context.service(PlaylistImportService).apply_stored(context, params.number)


@job(MATCH, queue="default")
async def match_rows(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Look for the tracks of playlist rows among the music that arrived."""
    return await context.service(MatchingService).run(context)


class OneLibrary(BaseModel):
    """Which library."""

    library: int


class OneFile(BaseModel):
    """Which playlist file."""

    file: int


@job(FILES, queue="default", max_attempts=5, params=OneLibrary)
async def read_library_files(context: JobContext, params: OneLibrary) -> dict[str, int]:
    """Make playlists of the playlist files of a library that are new or changed."""
    return await context.service(LibraryFilesService).run(context, params.library)


@job(WRITE, queue="default", params=OneFile)
async def write_back(context: JobContext, params: OneFile) -> dict[str, str]:
    """Write a playlist into the file it came from."""
    return {"came": await context.service(LibraryFilesService).write_back(params.file)}


@job("playlists.imports_housekeeping")
async def housekeeping(context: JobContext, params: dict[str, Any]) -> None:
    """Forget imports that nobody finished."""
    await context.service(PlaylistImportService).housekeeping()


NIGHTLY = Schedule("playlists.imports_housekeeping", "playlists.imports_housekeeping", "17 4 * * *")
