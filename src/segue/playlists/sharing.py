"""Who may see a list and who may change it: visibility, collaborators with their roles, handing it over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from segue.core.access import Actor
from segue.playlists import repository
from segue.playlists.errors import BadPlaylist, NotYourPlaylist, PersonNotFound
from segue.playlists.ground import Ground
from segue.playlists.history import Steps
from segue.playlists.views import Collaborator, Nobody

MOST_COLLABORATORS = 200


class Sharing(Ground):
    """The verbs for sharing."""

    async def shares(self, actor: Actor, playlist_id: int) -> dict[int, bool]:
        """With whom it is shared, and whether they may edit its rows. Owners only."""
        async with self._db.read() as conn:
            row = await self.visible(conn, actor, playlist_id)
            if row.owner_id != actor.person:
                raise NotYourPlaylist(row.name)
            return {share.user_id: share.may_edit for share in await repository.shares_of(conn, playlist_id)}

    async def collaborators(self, actor: Actor, playlist_id: int) -> list[Collaborator]:
        """The owner and everybody it is shared with, for whoever is one of them. Raises NotYourPlaylist."""
        async with self._db.read() as conn:
            row = await self.visible(conn, actor, playlist_id)
            if await self._role(conn, actor, row) is None:
                raise NotYourPlaylist(row.name)
            shares = {share.user_id: share.may_edit for share in await repository.shares_of(conn, playlist_id)}
        names = await self.names({row.owner_id, *shares})
        others = [
            Collaborator(number, names.get(number, ""), "editor" if may_edit else "viewer")
            for number, may_edit in shares.items()
        ]
        return [
            Collaborator(row.owner_id, names.get(row.owner_id, ""), "owner"),
            *sorted(others, key=lambda one: (one.name.casefold(), one.user_id)),
        ]

    async def share(
        self, actor: Actor, playlist_id: int, people: Mapping[int | str, Literal["viewer", "editor"]]
    ) -> list[Collaborator]:
        """Share a list with these people, by number or name, and nobody else. Owners only.

        A private list becomes `shared` when somebody is named, and a shared one private when nobody is.
        Raises PersonNotFound, BadPlaylist.
        """
        roles = {number: role == "editor" for number, role in (await self._known(people)).items()}
        async with self._db.write() as tx:
            row = await self.visible(tx.conn, actor, playlist_id, lock=True)
            if row.owner_id != actor.person:
                raise NotYourPlaylist(row.name)
            roles.pop(row.owner_id, None)
            before = await self._readers(tx.conn, row)
            await repository.replace_shares(tx, playlist_id, roles)
            visibility = row.visibility
            if visibility != "public":
                visibility = "shared" if roles else "private"
            columns = {"visibility": visibility}
            await self._change(tx, actor, row, Steps(), "sharing", {}, can_undo=False, columns=columns, lost=before)
        return await self.collaborators(actor, playlist_id)

    async def hand_over(self, actor: Actor, playlist_id: int, person: int | str, *, keep_editing: bool = True) -> None:
        """Give a list to somebody else. Who had it may still edit it, or (`keep_editing` False) has no more part in it.

        Raises PersonNotFound, NotYourPlaylist.
        """
        (heir,) = await self._known({person: "editor"})
        async with self._db.write() as tx:
            row = await self.visible(tx.conn, actor, playlist_id, lock=True)
            if row.owner_id != actor.person:
                raise NotYourPlaylist(row.name)
            if heir == row.owner_id:
                return
            before = await self._readers(tx.conn, row)
            roles = {share.user_id: share.may_edit for share in await repository.shares_of(tx.conn, playlist_id)}
            roles.pop(heir, None)
            if keep_editing:
                roles[row.owner_id] = True
            await repository.replace_shares(tx, playlist_id, roles)
            visibility = row.visibility
            if visibility == "private" and roles:
                visibility = "shared"
            columns = {"owner_id": heir, "visibility": visibility}
            await self._change(tx, actor, row, Steps(), "handed_over", {}, can_undo=False, columns=columns, lost=before)

    async def _known(self, people: Mapping[int | str, str]) -> dict[int, str]:
        """The numbers of these people. Raises PersonNotFound."""
        if len(people) > MOST_COLLABORATORS:
            raise BadPlaylist("too_many_people", f"A playlist is shared with at most {MOST_COLLABORATORS} people.")
        by_number = await self.people.actors([said for said in people if isinstance(said, int)])
        known: dict[int, str] = {}
        for said, role in people.items():
            if isinstance(said, int):
                if said not in by_number and not isinstance(self.people, Nobody):
                    raise PersonNotFound(f"us-{said}")
                known[said] = role
                continue
            found = await self.people.actor_called(said)
            if found is None:
                raise PersonNotFound(said)
            known[found.person] = role
        return known
