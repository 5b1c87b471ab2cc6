"""What a person does with an album of an inbox: see it, complete it, let it in, leave it, put it back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.path_templates import PathTemplate
from segue.library.edits.fields import checked as checked_edits
from segue.library.inbox import repository
from segue.library.inbox.checks import sentence
from segue.library.inbox.errors import NoSuchFile, NotReady, WrongState
from segue.library.inbox.ground import DECIDABLE, ItemPage
from segue.library.inbox.rounds import Rounds


class Decisions(Rounds):
    """The verbs of deciding."""

    async def page(
        self,
        actor: Actor,
        *,
        library_id: int | None = None,
        states: Collection[str] | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[list[Any], dict[str, int]]:
        """Items, the newest first, and how many there are in each state."""
        async with self._db.read() as conn:
            rows = await repository.items(
                conn, library_id=library_id, states=states, libraries=actor.libraries, before=before, limit=limit
            )
            return list(rows), await repository.counts(conn, actor.libraries)

    async def change(
        self,
        actor: Actor,
        number: int,
        *,
        album: Mapping[str, Any] | None = None,
        tracks: Mapping[str, Mapping[str, Any]] | None = None,
        template: str | None = None,
        usual_template: bool = False,
    ) -> ItemPage:
        """Complete an item: `album` and the `tracks` given are what is edited of them from now on, {} takes all back;
        `template` is for this album alone. Raises ItemNotFound, WrongState, BadEdit, BadTemplate, NoSuchFile."""
        if template is not None:
            PathTemplate(template)
        async with self._db.write() as tx:
            item = await self._find(tx.conn, actor, number)
            if item.state not in DECIDABLE:
                raise WrongState(item.state, "changed")
            known = {str(row.id) for row in await repository.files(tx.conn, number) if row.kind == "audio"}
            edits = {"album": dict(item.edits.get("album", {})), "tracks": dict(item.edits.get("tracks", {}))}
            if album is not None:
                edits["album"] = checked_edits("album", album)
            for name, values in (tracks or {}).items():
                if name not in known:
                    raise NoSuchFile(name)
                edits["tracks"][name] = checked_edits("track", values)
            edits["tracks"] = {name: values for name, values in edits["tracks"].items() if values}
            values = {"edits": edits, "changed_at": utc_now()}
            if template is not None or usual_template:
                values["template"] = template
            await repository.set_item(tx, number, item.library_id, **values)
        await self._check_again(number)
        return await self.item(actor, number)

    async def approve(self, actor: Actor, number: int) -> int:
        """Let an album into the library; returns the job that moves it. Raises ItemNotFound, WrongState, NotReady."""
        page = await self.item(actor, number)
        if page.item.state not in DECIDABLE:
            raise WrongState(page.item.state, "approved")
        for check in page.checks:
            if check.severity == "stop":
                raise NotReady(check.code, sentence(check.code, check.params) or check.code, **check.params)
        return await self._start(number, page.item.library_id, "approved", actor.user_id)

    async def reject(self, actor: Actor, number: int) -> None:
        """Leave an album where it is, and do not ask again until it changes. Raises ItemNotFound, WrongState."""
        async with self._db.write() as tx:
            item = await self._find(tx.conn, actor, number)
            if item.state not in (*DECIDABLE, "new"):
                raise WrongState(item.state, "rejected")
            await repository.set_item(
                tx, number, item.library_id, state="rejected", decided_by=actor.user_id, changed_at=utc_now()
            )

    async def undo(self, actor: Actor, number: int) -> int:
        """Put an album's files back where they were; returns the job. Raises ItemNotFound, WrongState."""
        async with self._db.read() as conn:
            item = await self._find(conn, actor, number)
        if item.state != "moved":
            raise WrongState(item.state, "undone")
        return await self._start(number, item.library_id, "returning", actor.user_id, after="undone")

    async def recheck(self, actor: Actor, number: int) -> int:
        """Read an album again; returns the job. Raises ItemNotFound, WrongState, NoInbox."""
        async with self._db.write() as tx:
            item = await self._find(tx.conn, actor, number)
            if item.state not in (*DECIDABLE, "new"):
                raise WrongState(item.state, "looked at")
            await repository.set_item(tx, number, item.library_id, state="new", fingerprint=b"")
        return (await self.request_look(item.library_id, actor.user_id))[0]
