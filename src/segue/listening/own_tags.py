"""Words of one's own for music: any number on tracks, albums and artists, seen by nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction, upsert_into
from segue.core.errors import Conflict, FieldProblem, Invalid
from segue.core.ids import TypedId, format_id
from segue.core.text import clean_text, fold
from segue.listening.errors import ThingNotFound
from segue.listening.models import OwnTag, OwnTagged
from segue.listening.names import slices
from segue.listening.things import Things, by_kind

MOST_TAGS = 5_000
"""Different tags that one person may have."""
MAX_NAME = 100
OWN_TAG_NAMES = "own_tags"
"""What names of tags of one's own are called where names complete what one writes."""
TAG: Any = OwnTag.__table__
TAGGED: Any = OwnTagged.__table__


class BadTagName(Invalid):
    def __init__(self, message: str) -> None:
        super().__init__("bad_tag", message, fields=[FieldProblem("name", "bad_tag", message)])


class TagExists(Conflict):
    def __init__(self, tag: int, name: str) -> None:
        super().__init__("tag_exists", f"{name!r} is a tag already.", hint="Merge the two instead.", tag=f"ot-{tag}")


@dataclass(frozen=True, slots=True)
class OwnTagView:
    """A tag, and how much bears it, by kind."""

    id: int
    name: str
    counts: dict[str, int] = field(default_factory=dict)


class OwnTagNames:
    """The names of a person's own tags, to complete what they write; those that begin so come first."""

    kinds = frozenset({OWN_TAG_NAMES})

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self, kind: str, typed: str, actor: Actor, limit: int, /) -> list[str]:
        """At most `limit` of `actor`'s tags that hold what was typed."""
        key = fold(typed.strip())
        mine = select(TAG.c.name).where(TAG.c.user_id == actor.person)
        if key:
            mine = mine.where(TAG.c.name_key.contains(key, autoescape=True))
        begins = func.substr(TAG.c.name_key, 1, len(key)) == key
        async with self._db.read() as conn:
            return list((await conn.scalars(mine.order_by(begins.desc(), TAG.c.name_key).limit(limit))).all())


class OwnTags(Things):
    """One person's tags."""

    async def own_tags(self, actor: Actor) -> list[OwnTagView]:
        """All of the person's tags with their counts, by name."""
        async with self._db.read() as conn:
            return await _with_counts(conn, TAG.c.user_id == actor.person)

    async def tags_on(self, actor: Actor, thing: TypedId) -> list[OwnTagView]:
        """The tags that a thing bears, by name. Raises CannotAnnotate."""
        ((kind, (number,)),) = by_kind([thing]).items()
        async with self._db.read() as conn:
            worn = select(TAGGED.c.tag_id).where(
                TAGGED.c.user_id == actor.person, TAGGED.c.kind == kind, TAGGED.c.entity_id == number
            )
            rows = await conn.execute(select(TAG).where(TAG.c.id.in_(worn)).order_by(TAG.c.name_key))
            return [OwnTagView(row.id, row.name) for row in rows]

    async def tags_of_tracks(self, conn: AsyncConnection, actor: Actor, tracks: Sequence[int]) -> dict[int, list[str]]:
        """The names of the person's tags on these tracks, by track and name."""
        found: dict[int, list[str]] = {}
        for some in slices(tracks):
            mine = (TAGGED.c.user_id == actor.person, TAGGED.c.kind == "track", TAGGED.c.entity_id.in_(some))
            asked = select(TAGGED.c.entity_id, TAG.c.name).join(TAG, TAG.c.id == TAGGED.c.tag_id).where(*mine)
            for track, name in await conn.execute(asked.order_by(TAGGED.c.entity_id, TAG.c.name_key)):
                found.setdefault(int(track), []).append(name)
        return found

    async def tag(self, actor: Actor, names: Iterable[str], things: Iterable[TypedId]) -> None:
        """Put tags on things; new ones are made. Raises BadTagName, CannotAnnotate, ThingNotFound."""
        wanted = _names(names)
        async with self._db.write() as tx:
            found = await self._find(tx, actor, things)
            tags = await _tags(tx, actor.person, wanted)
            now = utc_now()
            for kind, some in found.items():
                rows = [
                    {
                        "tag_id": tag,
                        "kind": kind,
                        "entity_id": thing.id,
                        "user_id": actor.person,
                        "tagged_at": now,
                        "text": thing.text,
                        "external_ids": thing.external_ids or None,
                    }
                    for tag in tags.values()
                    for thing in some
                ]
                if rows:
                    await tx.execute(upsert_into(tx.dialect, OwnTagged).on_conflict_do_nothing(), rows)
                self._announce(tx, actor, kind, [thing.id for thing in some])
            for tag in tags.values():
                tx.changed("own_tag", tag, user_id=actor.person)

    async def untag(self, actor: Actor, names: Iterable[str], things: Iterable[TypedId]) -> None:
        """Take tags off things; what they do not bear is no error, and neither is a thing that is gone."""
        keys = [fold(name).strip() for name in names]
        async with self._db.write() as tx:
            mine = select(TAG.c.id).where(TAG.c.user_id == actor.person, TAG.c.name_key.in_(keys))
            tags = list((await tx.conn.scalars(mine)).all())
            for kind, ids in by_kind(things).items():
                for some in slices(ids):
                    of = and_(TAGGED.c.tag_id.in_(tags), TAGGED.c.kind == kind, TAGGED.c.entity_id.in_(some))
                    await tx.execute(delete(TAGGED).where(of))
                self._announce(tx, actor, kind, ids)
            for tag in tags:
                tx.changed("own_tag", tag, user_id=actor.person)

    async def rename_tag(self, actor: Actor, tag: int, name: str) -> None:
        """Call a tag something else. Raises ThingNotFound, BadTagName, TagExists where another is called that."""
        (new,) = _names([name]).values()
        async with self._db.write() as tx:
            await _own(tx, actor.person, tag)
            other = await tx.scalar(
                select(TAG.c.id).where(TAG.c.user_id == actor.person, TAG.c.name_key == fold(new), TAG.c.id != tag)
            )
            if other is not None:
                raise TagExists(int(other), new)
            await tx.execute(update(TAG).where(TAG.c.id == tag).values(name=new, name_key=fold(new)))
            tx.changed("own_tag", tag, user_id=actor.person)

    async def merge_tags(self, actor: Actor, merged: int, kept: int) -> None:
        """Let everything that bears one tag bear another, and forget the first. Raises ThingNotFound, Invalid."""
        if merged == kept:
            raise Invalid("same_tag", "These are one tag already.")
        async with self._db.write() as tx:
            for tag in (merged, kept):
                await _own(tx, actor.person, tag)
            both = TAGGED.alias()
            there = select(both.c.entity_id).where(both.c.tag_id == kept, both.c.kind == TAGGED.c.kind)
            await tx.execute(delete(TAGGED).where(TAGGED.c.tag_id == merged, TAGGED.c.entity_id.in_(there)))
            await tx.execute(update(TAGGED).where(TAGGED.c.tag_id == merged).values(tag_id=kept))
            await tx.execute(delete(TAG).where(TAG.c.id == merged))
            tx.changed("own_tag", merged, "delete", user_id=actor.person)
            tx.changed("own_tag", kept, user_id=actor.person)

    async def delete_tag(self, actor: Actor, tag: int) -> None:
        """Take a tag off everything, and forget it. Raises ThingNotFound."""
        async with self._db.write() as tx:
            await _own(tx, actor.person, tag)
            await tx.execute(delete(TAGGED).where(TAGGED.c.tag_id == tag))
            await tx.execute(delete(TAG).where(TAG.c.id == tag))
            tx.changed("own_tag", tag, "delete", user_id=actor.person)


def _names(names: Iterable[str]) -> dict[str, str]:
    """Names as they are kept, by what makes them the same. Raises BadTagName."""
    found: dict[str, str] = {}
    for name in names:
        clean = " ".join(clean_text(name).split())
        if not clean or len(clean) > MAX_NAME:
            raise BadTagName(f"A tag has 1 to {MAX_NAME} characters.")
        found.setdefault(fold(clean), clean)
    return found


async def _tags(tx: Transaction, user_id: int, wanted: dict[str, str]) -> dict[str, int]:
    """The numbers of the person's tags by key; new ones are made."""
    mine = select(TAG.c.name_key, TAG.c.id).where(TAG.c.user_id == user_id, TAG.c.name_key.in_(list(wanted)))
    found = {row[0]: int(row[1]) for row in await tx.execute(mine)}
    fresh = [key for key in wanted if key not in found]
    if fresh:
        count = int(await tx.scalar(select(func.count()).select_from(TAG).where(TAG.c.user_id == user_id)) or 0)
        if count + len(fresh) > MOST_TAGS:
            raise BadTagName(f"One person has at most {MOST_TAGS} tags.")
        now = utc_now()
        rows = [{"user_id": user_id, "name": wanted[key], "name_key": key, "created_at": now} for key in fresh]
        # another request may have made one just now
        await tx.execute(upsert_into(tx.dialect, OwnTag).on_conflict_do_nothing(), rows)
        found = {row[0]: int(row[1]) for row in await tx.execute(mine)}
    return found


async def _own(tx: Transaction, user_id: int, tag: int) -> None:
    if await tx.scalar(select(TAG.c.id).where(TAG.c.id == tag, TAG.c.user_id == user_id)) is None:
        raise ThingNotFound(format_id("ot", tag))


async def _with_counts(conn: AsyncConnection, where: Any) -> list[OwnTagView]:
    tags: Sequence[Any] = (await conn.execute(select(TAG).where(where).order_by(TAG.c.name_key))).all()
    counts: dict[int, dict[str, int]] = {}
    count = select(TAGGED.c.tag_id, TAGGED.c.kind, func.count()).join(TAG, TAG.c.id == TAGGED.c.tag_id).where(where)
    for tag, kind, number in await conn.execute(count.group_by(TAGGED.c.tag_id, TAGGED.c.kind)):
        counts.setdefault(tag, {})[kind] = int(number)
    return [OwnTagView(row.id, row.name, counts.get(row.id, {})) for row in tags]
