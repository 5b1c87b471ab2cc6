"""The verbs of pictures: what there is to choose from and why one won, choose, upload, give back to the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import PREFIX_OF_KIND, format_id
from segue.core.pool import PoolError, ProcessPool
from segue.core.storage import Storage
from segue.library.artwork import BadImage, Format, thumbnail
from segue.library.edits.errors import MayNotEdit
from segue.library.pictures import artists, candidates, child, choices
from segue.library.pictures.views import (
    Candidate,
    CandidateNotFound,
    NoSuchDisc,
    NothingChosen,
    Pictured,
    PictureRefused,
)
from segue.library.scan.again import refresh_albums
from segue.library.scan.problems import Problem, sentence
from segue.library.scan.write.covers import refusal, storage_key
from segue.library.service import LibraryService

EDITOR = "editor"
LOOK_DEADLINE_S = 30.0


class PictureService:
    """Pictures of albums, discs, artists and tracks. What a person chose is above every rule, and outlives every scan."""

    def __init__(
        self, db: Database, library: LibraryService, storage: Storage, pool: Callable[[], ProcessPool]
    ) -> None:
        self._db = db
        self._library = library
        self._storage = storage
        self._pool = pool

    async def pictures(self, actor: Actor, kind: str, number: int, disc: int = 0) -> Pictured:
        """What there is to choose from for an album (or one of its discs), an artist or a track, which one won, and why.

        Raises NotInLibrary, NoSuchDisc.
        """
        number = await self._known(actor, kind, number)
        async with self._db.read() as conn:
            match kind:
                case "album":
                    found = await candidates.of_album(conn, number, disc)
                case "track":
                    found = await candidates.of_track(conn, number)
                case _:
                    found = await candidates.of_artist(conn, number, actor)
        if found is None:
            raise NoSuchDisc(format_id(PREFIX_OF_KIND[kind], number), disc)
        return found

    async def preview(self, actor: Actor, kind: str, number: int, key: str, side: int, format: Format) -> bytes:
        """A candidate made small, also one that was never looked at. Raises as `pictures`, CandidateNotFound, PictureRefused."""
        candidate = self._candidate(await self.pictures(actor, kind, number), key)
        try:
            if candidate.place is None and candidate.sha256 is not None:
                data = await self._storage.get(storage_key(candidate.sha256))
                return await self._pool().run(thumbnail, data, side, format, deadline_s=LOOK_DEADLINE_S)
            place = self._place(candidate)
            return await self._pool().run(child.preview, place, side, format, deadline_s=LOOK_DEADLINE_S)
        except (BadImage, PoolError) as error:
            raise refused(error) from None

    async def choose(self, actor: Actor, kind: str, number: int, key: str, disc: int = 0) -> Pictured:
        """Let one of the candidates stand for it from now on.

        Raises MayNotEdit, NotInLibrary, NoSuchDisc, CandidateNotFound, PictureRefused.
        """
        found = await self.pictures(actor, kind, number, disc)
        _may_edit(actor)
        candidate = self._candidate(found, key)
        taken = None if candidate.artwork_id is not None else await self._take(candidate)
        await self._keep(actor, found, taken, candidate.artwork_id, candidate.source)
        return await self.pictures(actor, kind, found.entity_id, disc)

    async def upload(self, actor: Actor, kind: str, number: int, data: bytes, disc: int = 0) -> Pictured:
        """Let a picture that somebody sends stand for it from now on. Raises as `choose`."""
        found = await self.pictures(actor, kind, number, disc)
        _may_edit(actor)
        try:
            taken = await self._pool().run(child.take, data, deadline_s=LOOK_DEADLINE_S)
        except (BadImage, PoolError) as error:
            raise refused(error) from None
        await self._keep(actor, found, taken, None, "upload")
        return await self.pictures(actor, kind, found.entity_id, disc)

    async def give_back(self, actor: Actor, kind: str, number: int, disc: int = 0) -> Pictured:
        """Let the rules decide again. Raises MayNotEdit, NotInLibrary, NoSuchDisc, NothingChosen."""
        found = await self.pictures(actor, kind, number, disc)
        _may_edit(actor)
        async with self._db.write() as tx:
            if not await choices.drop(tx, kind, found.entity_id, disc):
                raise NothingChosen(format_id(PREFIX_OF_KIND[kind], found.entity_id))
            await self._ruled(tx, found)
        return await self.pictures(actor, kind, found.entity_id, disc)

    # --- inside ------------------------------------------------------------------------------------------------------

    async def _known(self, actor: Actor, kind: str, number: int) -> int:
        """The number of the thing, or of what it was merged into. Raises NotInLibrary."""
        match kind:
            case "album":
                return (await self._library.album(number, actor)).album.id
            case "track":
                return (await self._library.track(number, actor)).id
        return (await self._library.artist(number, actor)).artist.id

    @staticmethod
    def _candidate(found: Pictured, key: str) -> Candidate:
        candidate = next((one for one in found.candidates if one.key == key), None)
        if candidate is None:
            raise CandidateNotFound(key)
        return candidate

    @staticmethod
    def _place(candidate: Candidate) -> child.From:
        if candidate.place is None:
            raise CandidateNotFound(candidate.key)
        return child.From(*candidate.place, candidate.sha256 if candidate.source == "embedded" else None)

    async def _take(self, candidate: Candidate) -> child.Taken:
        place = self._place(candidate)
        try:
            return await self._pool().run(child.take_from, place, deadline_s=LOOK_DEADLINE_S)
        except (BadImage, PoolError) as error:
            raise refused(error) from None

    async def _keep(
        self, actor: Actor, found: Pictured, taken: child.Taken | None, artwork_id: int | None, source: str
    ) -> None:
        """Store a picture that is new, then say in one transaction that it was chosen: no row without its bytes."""
        now = utc_now()
        if taken is not None:
            await self._storage.put(storage_key(taken.sha256), taken.data)
        async with self._db.write() as tx:
            if taken is not None:
                artwork_id = await kept_row(tx, taken, source, now)
            assert artwork_id is not None
            await choices.put(tx, found.kind, found.entity_id, found.disc, artwork_id, source, actor.user_id, now)
            await self._shown(tx, found, artwork_id)

    async def _shown(self, tx: Transaction, found: Pictured, artwork_id: int) -> None:
        if found.kind == "artist":
            await artists.show(tx, [found.entity_id])
            return
        if not found.disc:
            await choices.show(tx, found.kind, found.entity_id, artwork_id, utc_now())
        tx.changed(found.kind, found.entity_id, library_id=found.library_id)

    async def _ruled(self, tx: Transaction, found: Pictured) -> None:
        match found.kind:
            case "album":
                if found.disc:
                    tx.changed("album", found.entity_id, library_id=found.library_id)
                else:
                    await refresh_albums(tx, [found.entity_id])
            case "track":
                own = await candidates.own_picture(tx.conn, found.entity_id)
                await choices.show(tx, "track", found.entity_id, own, utc_now())
                tx.changed("track", found.entity_id, library_id=found.library_id)
            case _:
                await artists.show(tx, [found.entity_id])


async def kept_row(tx: Transaction, taken: child.Taken, source: str, now: datetime) -> int:
    """The row of a picture, made where it has none."""
    look = taken.look
    row: dict[str, Any] = {
        "sha256": taken.sha256, "mime": look.mime, "width": look.width, "height": look.height,
        "size_bytes": len(taken.data), "color": look.color, "hue": None if look.hue is None else round(look.hue) % 360,
        "blurhash": look.blurhash, "storage_key": storage_key(taken.sha256), "source": source, "created_at": now,
    }  # fmt: skip
    return await choices.artwork_row(tx, row)


def refused(error: Exception) -> PictureRefused:
    """Why a picture cannot be taken."""
    why = refusal(error)
    return PictureRefused(why.code, sentence(Problem(why.code, why.params)), dict(why.params))


def _may_edit(actor: Actor) -> None:
    if not actor.is_admin and EDITOR not in actor.roles:
        raise MayNotEdit
