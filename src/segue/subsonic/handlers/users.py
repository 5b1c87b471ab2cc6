"""User management, as far as it is reading: getUser, getUsers."""

from __future__ import annotations

from segue.accounts.known import Person
from segue.accounts.service import AccountService
from segue.core.errors import Forbidden
from segue.library.service import LibraryService
from segue.subsonic.call import Call, Method
from segue.subsonic.envelope import Reply
from segue.subsonic.people import user


class OthersAreNotShown(Forbidden):
    """Only an administrator sees other people."""

    def __init__(self) -> None:
        super().__init__("not_allowed", "Only an administrator may see other people's accounts.")


async def get_user(call: Call) -> Reply:
    """What a person may do; administrators may ask about anybody."""
    username = call.parameters.required("username")
    if username.casefold() != call.actor.name.casefold() and not call.actor.is_admin:
        raise OthersAreNotShown
    person = await call.service(AccountService).find_user(call.actor, username)
    return Reply("user", user(person, await _folders(call, person)))


async def get_users(call: Call) -> Reply:
    """Everybody, for administrators."""
    people = await call.service(AccountService).users(call.actor)
    return Reply("users", {"user": [user(person, await _folders(call, person)) for person in people]})


async def _folders(call: Call, person: Person) -> list[int]:
    there = [library.id for library in await call.service(LibraryService).libraries(call.actor)]
    return there if person.libraries is None else [number for number in there if number in person.libraries]


METHODS = {
    "getUser": Method(get_user),
    "getUsers": Method(get_users),
}
