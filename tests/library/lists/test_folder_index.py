"""Folders as they lie on disk, by letter: of the libraries one may see, at once even where there are very many."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import insert, update

from segue.core.access import SYSTEM, Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.text import sort_key
from segue.library.fields import ENTITIES
from segue.library.folder_index import FolderSpelling
from segue.library.models import Folder, Library
from segue.library.scan.write.numbers import allocate
from segue.library.service import LibraryService, NotInLibrary
from segue.query import Entities

pytestmark = pytest.mark.anyio
PLAIN = FolderSpelling("plain", lambda number, name: name, lambda text, inside: f"{text}: {', '.join(inside)}")
MANY = 50_000


async def library_with(db: Database, name: str, folders: Sequence[str]) -> tuple[int, int]:
    """A library of that name with these folders; its number and that of its root."""
    async with db.write() as tx:
        row = {"name": name, "root": name.encode(), "display_root": name, "created_at": utc_now()}
        library = int(await tx.scalar(insert(Library).values(row).returning(Library.id)))
        first, *others = await allocate(tx, Folder.__table__, 1 + len(folders))  # type: ignore[arg-type]
        rows = [{"id": first, "library_id": library, "parent_id": None, "path": b"", "name": "", "sort_key": ""}]
        rows += [
            {
                "id": number, "library_id": library, "parent_id": first, "path": each.encode(), "name": each,
                "sort_key": sort_key(each),
            }
            for number, each in zip(others, folders, strict=True)
        ]  # fmt: skip
        await tx.execute(insert(Folder), rows)
    return library, first


async def test_the_index_of_folders_is_of_the_libraries_one_may_see(db: Database) -> None:
    service = LibraryService(db, Entities(ENTITIES))
    mine, _ = await library_with(db, "Mine", ["Beck", "Abba"])
    other, root = await library_with(db, "Other", ["Air", "99 Luft"])
    one = Actor(user_id=1, name="ann", libraries=frozenset({mine}))
    assert (await service.written_folder_index(SYSTEM, PLAIN))[0] == ["#: 99 Luft", "A: Abba, Air", "B: Beck"]
    assert (await service.written_folder_index(SYSTEM, PLAIN, library_id=other))[0] == ["#: 99 Luft", "A: Air"]
    assert (await service.written_folder_index(one, PLAIN))[0] == ["A: Abba", "B: Beck"]
    assert (await service.written_folder_index(one, PLAIN, library_id=other))[0] == []
    with pytest.raises(NotInLibrary):
        await service.folder(root, one)


async def test_a_folder_that_comes_or_goes_is_seen_at_once(db: Database) -> None:
    service = LibraryService(db, Entities(ENTITIES))
    library, root = await library_with(db, "Mine", ["Abba"])
    assert (await service.written_folder_index(SYSTEM, PLAIN))[0] == ["A: Abba"]
    row = {"library_id": library, "parent_id": root, "path": b"Beck", "name": "Beck", "sort_key": "beck"}
    async with db.write() as tx:
        await tx.execute(insert(Folder).values(row))
    assert (await service.written_folder_index(SYSTEM, PLAIN))[0] == ["A: Abba", "B: Beck"]
    async with db.write() as tx:
        await tx.execute(update(Folder).where(Folder.path == b"Abba").values(missing_since=utc_now()))
    assert (await service.written_folder_index(SYSTEM, PLAIN))[0] == ["B: Beck"]


async def test_a_folder_with_fifty_thousand_entries_answers(db: Database) -> None:
    service = LibraryService(db, Entities(ENTITIES))
    _, root = await library_with(db, "Mine", [f"Folder {number:05}" for number in range(MANY)])
    page = await service.folder(root, SYSTEM)
    assert (len(page.folders), page.total_folders) == (MANY, MANY)
    assert page.folders[-1].name == f"Folder {MANY - 1:05}"
    (letter,) = (await service.written_folder_index(SYSTEM, PLAIN))[0]
    assert letter.count("Folder") == MANY
