"""People as the protocol tells them: by username, with a row of roles that Segue's own permissions answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from segue.accounts.errors import UserNotFound
from segue.accounts.known import Person
from segue.accounts.service import AccountService
from segue.subsonic.call import Call


async def names_of(call: Call, user_ids: Iterable[int]) -> dict[int, str]:
    """The usernames of these people; empty for one whose account is closed."""
    accounts = call.service(AccountService)
    names: dict[int, str] = {}
    for user_id in set(user_ids):
        try:
            names[user_id] = (await accounts.actor_for(user_id)).name
        except UserNotFound:
            names[user_id] = ""
    return names


def user(person: Person, folders: Iterable[int]) -> dict[str, Any]:
    """A person in the protocol's terms. `folders` are the libraries that they may see."""
    return {
        "username": person.username,
        "email": person.email,
        "scrobblingEnabled": True,
        "adminRole": person.is_admin,
        "settingsRole": True,
        "downloadRole": True,
        "uploadRole": False,
        "playlistRole": True,
        "coverArtRole": False,
        "commentRole": False,
        "podcastRole": False,
        "streamRole": True,
        "jukeboxRole": False,
        "shareRole": False,
        "videoConversionRole": False,
        "folder": sorted(folders),
    }
