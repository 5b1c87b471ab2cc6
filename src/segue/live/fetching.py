"""The details of one recording (tracks, files, fingerprints), asked of the archive when somebody needs them, and kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.outside.faults import Fault
from segue.live import repository
from segue.live.archive.items import item_of_metadata
from segue.live.ground import LiveGround
from segue.live.mirror.details import take_in_details
from segue.live.mirror.regrouping import regroup
from segue.live.repository_lists import doubts_of, words_of
from segue.live.repository_writes import mark_gone
from segue.live.views import RecordingDetails, RecordingView

DETAILS_DAYS = 7.0
"""Days after which details are asked for again, where the settings say nothing else."""


class Fetching(LiveGround):
    """The verbs about one recording."""

    details_days: Callable[[], float] = staticmethod(lambda: DETAILS_DAYS)
    """Days after which details are asked for again; app.py has it ask the settings."""

    async def recording(
        self, actor: Actor, number: int, *, fetch: bool = True, fresh: bool = False
    ) -> RecordingDetails:
        """All of one recording. With `fetch` its details are asked of the archive where they are not known or too old;
        `fresh` asks in any case. The archive being away is no error: what is known is answered. Raises NoSuchRecording."""
        fetched, away = await self.details(number, fresh=fresh) if fetch else ("kept", None)
        async with self.db.read() as conn:
            view = await self._recording(conn, number)
            concerts = await repository.concerts_holding(conn, number)
            tracks = await repository.tracks(conn, [number])
            files = await repository.files(conn, number)
            doubts = await doubts_of(conn, [number])
            words = await words_of(conn, "recording", view.identifier)
            kin = await repository.relatives(conn, view)
            relatives = repository.ordered(await repository.recordings(conn, kin), kin)
        if view.details_at is None:
            fetched = "none"
        return RecordingDetails(view, concerts, tracks.get(number, []), files, doubts, words, relatives, fetched, away)

    async def details(self, number: int, *, fresh: bool = False) -> tuple[str, str | None]:
        """See to it that the tracks and files of a recording are known. How: `fresh` (asked just now), `kept`, `stale` (the
        archive cannot be asked, so older than they should be) or `none`; and the code of what kept the archive from answering.

        Its concert is put in order anew where that changed anything. Raises NoSuchRecording.
        """
        async with self.db.read() as conn:
            view = await self._recording(conn, number)
        if view.provider != "archive" or view.status == "gone":
            return ("none" if view.details_at is None else "kept"), None
        young = view.details_at is not None and utc_now() - view.details_at < timedelta(days=self.details_days())
        if young and not fresh:
            return "kept", None
        try:
            document = await self.archive.metadata(view.identifier, fresh=fresh)
        except Fault as fault:
            return ("none" if view.details_at is None else "stale"), fault.code
        if document is None:
            async with self.db.write() as tx:
                await mark_gone(tx, [number])
            return ("none" if view.details_at is None else "stale"), None
        async with self.db.write() as tx:
            number, done = await take_in_details(tx, item_of_metadata(document), document.at)
        if done.new or done.changed:
            await self._group(view, number)
        stale = utc_now() - document.at > timedelta(days=self.details_days())
        return ("stale" if stale else "fresh"), None

    async def known(self, identifier: str) -> int | None:
        """The number of a recording by the archive's name; one that is not mirrored is asked for and taken in. None where
        there is no such item. Raises a Fault where the archive cannot be asked."""
        async with self.db.read() as conn:
            number = await repository.recording_by_name(conn, identifier)
        if number is not None:
            return number
        document = await self.archive.metadata(identifier)
        if document is None:
            return None
        item = item_of_metadata(document)
        async with self.db.write() as tx:
            number, _ = await take_in_details(tx, item, document.at)
        async with self.db.read() as conn:
            view = await self._recording(conn, number)
        await self._group(view, number)
        return number

    async def fetch_concert(self, number: int, most: int = 3) -> None:
        """Ask for the details of the first recordings of a concert that have none yet, so that its songs can be played."""
        async with self.db.read() as conn:
            concert = await self._concert(conn, number)
            held = await repository.held(conn, concert.id, 0)
        for one in held[:most]:
            if one.recording.details_at is None:
                _, away = await self.details(one.recording.id)
                if away is not None:
                    return

    async def _group(self, before: RecordingView, number: int) -> None:
        """Put the dates that a recording had and has into concerts again."""
        async with self.db.read() as conn:
            now = await self._recording(conn, number)
        by_artist: dict[int, set[str]] = {}
        for view in (before, now):
            if view.artist_id is not None:
                by_artist.setdefault(view.artist_id, set()).add(view.date)
        for artist, dates in by_artist.items():
            await regroup(self.db, artist, frozenset(dates), weights=self.weights())
