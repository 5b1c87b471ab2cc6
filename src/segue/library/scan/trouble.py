"""A known file that cannot be read just now: the disk reports errors, somebody took a permission away, a drive hangs.

That says nothing about the music. Its track stays as it was, with the problem shown at its file, and is read again at
the next scan. Otherwise one bad hour of a network drive would take a whole library away, file by file.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.library.models import File
from segue.library.scan import documents, repository
from segue.library.scan.plan import FilePlan
from segue.library.scan.problems import Problem, ProblemCode

PASSING = frozenset([ProblemCode.GONE, ProblemCode.NOT_PERMITTED, ProblemCode.READ_FAILED, ProblemCode.TIMED_OUT])
"""Problems that are of the disk and not of the file."""


def is_passing(file: FilePlan, problem: Problem | None) -> bool:
    """Whether `problem` says nothing about a file that is known and has a track."""
    stored = file.stored
    return (
        problem is not None
        and problem.code in PASSING
        and stored is not None
        and stored.track_id is not None
        and stored.track_missing_since is None
    )


def keep_known(file: FilePlan, problem: Problem | None) -> None:
    """Leave the file as the tables have it; its folder is looked at again at the next scan."""
    file.trouble = problem
    file.folder.settled = False


async def remember(conn: AsyncConnection, files: Collection[FilePlan]) -> None:
    """Fetch what those of `files` said that could not be read."""
    troubled = [file for file in files if file.trouble is not None and file.stored is not None and file.tags is None]
    if troubled:
        said = await repository.documents(conn, [file.stored.id for file in troubled if file.stored])
        for file in troubled:
            document = said.get(file.stored.id) if file.stored else None
            if document is not None:
                file.tags = documents.tags_of(document)


async def note(tx: Transaction, files: Collection[FilePlan]) -> None:
    """Show at the files why they could not be read."""
    for file in files:
        if file.trouble is not None and file.stored is not None:
            await tx.execute(
                update(File)
                .where(File.id == file.stored.id)
                .values(problem_code=file.trouble.code, problem_params=dict(file.trouble.params))
            )
