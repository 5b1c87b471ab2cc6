"""People and groups: who may be there, who sees what, and how the last administrator cannot leave."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from segue.accounts.errors import (
    AdminOnly,
    BadField,
    BuiltinGroup,
    GroupNotFound,
    LastAdmin,
    NameTaken,
    SetupDone,
    UserNotFound,
    WrongCredentials,
)
from segue.accounts.models import AppPassword, AuditEntry, GroupMember, Session, User
from segue.accounts.service import AccountService
from segue.core.access import SYSTEM, Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database, Transaction
from segue.core.errors import Forbidden
from tests.accounts.conftest import Make

pytestmark = pytest.mark.anyio


async def count(db: Database, table: type[Any], *where: Any) -> int:
    async with db.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(table).where(*where)) or 0)


# the first account


async def test_set_up_makes_an_administrator_once(accounts: AccountService) -> None:
    assert await accounts.setup_needed()
    person = await accounts.set_up("root", "correct horse", app_password="four words for phones")
    assert person.roles == ("admin", "user")
    assert person.libraries is None
    assert not await accounts.setup_needed()
    with pytest.raises(SetupDone):
        await accounts.set_up("second", "correct horse")
    assert (await accounts.authenticate_subsonic("root", "four words for phones")).is_admin


async def test_two_set_ups_at_once_make_one_administrator(make: Make, db: Database) -> None:
    services = [make() for _ in range(6)]
    results = await asyncio.gather(
        *(service.set_up(f"admin{n}", "correct horse") for n, service in enumerate(services)), return_exceptions=True
    )
    assert sum(isinstance(result, SetupDone) for result in results) == 5
    assert await count(db, User) == 1


async def test_the_first_start_makes_a_password_when_none_is_given(accounts: AccountService) -> None:
    made = await accounts.first_admin()
    assert made is not None
    assert made.person.username == "admin"
    assert made.made_password
    assert made.made_password not in repr(made)
    assert made.person.settings == {"welcome": True}
    assert (await accounts.authenticate_password("admin", made.made_password)).is_admin
    assert await accounts.first_admin("other", "password") is None


async def test_the_operators_own_words_are_taken_as_they_are(accounts: AccountService) -> None:
    made = await accounts.first_admin("boss", "pw", "key")
    assert made is not None
    assert made.made_password is None
    assert await accounts.authenticate_password("boss", "pw")
    assert await accounts.authenticate_subsonic("boss", "key")


async def test_the_first_account_is_an_administrators_however_it_is_made(accounts: AccountService) -> None:
    assert (await accounts.create_user(SYSTEM, "ann", "battery staple")).is_admin
    assert not (await accounts.create_user(SYSTEM, "ben", "battery staple")).is_admin


# people


async def test_a_username_is_taken_in_every_spelling(accounts: AccountService, ann: Actor) -> None:
    for name in ("ANN", "ann", "Ann "):
        with pytest.raises(NameTaken) as taken:
            await accounts.create_user(SYSTEM, name, "battery staple")
        assert taken.value.field == "username"


async def test_an_email_is_optional_and_belongs_to_one(accounts: AccountService, ann: Actor) -> None:
    await accounts.create_user(SYSTEM, "ben", "battery staple")
    await accounts.create_user(SYSTEM, "cyd", "battery staple", email="")
    with pytest.raises(NameTaken) as taken:
        await accounts.create_user(SYSTEM, "dan", "battery staple", email="ANN@example.org")
    assert taken.value.field == "email"


async def test_two_who_want_one_name_at_once_get_it_once(make: Make, db: Database) -> None:
    services = [make() for _ in range(5)]
    results = await asyncio.gather(
        *(service.create_user(SYSTEM, "ann", "battery staple") for service in services), return_exceptions=True
    )
    assert sum(isinstance(result, NameTaken) for result in results) == 4
    assert await count(db, User) == 1


async def test_people_are_listed_by_name_in_pages(accounts: AccountService, admin: Actor) -> None:
    for name in ("eve", "Dan", "cyd"):
        await accounts.create_user(SYSTEM, name, "battery staple")
    first = await accounts.users(admin, limit=2)
    rest = await accounts.users(admin, after=first[-1].username)
    assert [person.username for person in first + rest] == ["cyd", "Dan", "eve", "root"]


async def test_a_listener_sees_and_changes_only_themselves(accounts: AccountService, ann: Actor, admin: Actor) -> None:
    with pytest.raises(AdminOnly):
        await accounts.users(ann)
    with pytest.raises(AdminOnly):
        await accounts.create_user(ann, "ben", "battery staple")
    with pytest.raises(UserNotFound):
        await accounts.user(ann, admin.person)
    with pytest.raises(UserNotFound):
        await accounts.find_user(ann, "root")
    with pytest.raises(UserNotFound):
        await accounts.change_user(ann, admin.person, {"display_name": "x"})
    assert (await accounts.change_user(ann, ann.person, {"display_name": "Ann S."})).display_name == "Ann S."


async def test_a_listener_cannot_promote_themselves(accounts: AccountService, ann: Actor) -> None:
    for changes in ({"roles": ["admin"]}, {"disabled": False}, {"groups": []}, {"username": "ann2"}):
        with pytest.raises(Forbidden):
            await accounts.change_user(ann, ann.person, changes)


async def test_unknown_roles_groups_and_members_are_named(accounts: AccountService, ann: Actor, admin: Actor) -> None:
    with pytest.raises(BadField, match="emperor"):
        await accounts.change_user(admin, ann.person, {"roles": ["emperor"]})
    with pytest.raises(GroupNotFound):
        await accounts.change_user(admin, ann.person, {"groups": [99]})
    with pytest.raises(BadField, match="shoe_size"):
        await accounts.change_user(admin, ann.person, {"shoe_size": 38})


async def test_a_changed_name_is_signed_in_with_at_once(accounts: AccountService, ann: Actor, admin: Actor) -> None:
    await accounts.authenticate_password("ann", "battery staple")
    await accounts.change_user(admin, ann.person, {"username": "anna", "time_zone": "Asia/Tokyo"})
    with pytest.raises(WrongCredentials):
        await accounts.authenticate_password("ann", "battery staple")
    actor = await accounts.authenticate_password("anna", "battery staple")
    assert (actor.name, actor.time_zone) == ("anna", "Asia/Tokyo")


async def test_the_last_administrator_stays(accounts: AccountService, admin: Actor, ann: Actor) -> None:
    for attempt in ({"roles": ["user"]}, {"disabled": True}):
        with pytest.raises(LastAdmin):
            await accounts.change_user(admin, admin.person, attempt)
    with pytest.raises(LastAdmin):
        await accounts.erase_user(admin, admin.person)
    await accounts.change_user(admin, ann.person, {"roles": ["admin"]})
    await accounts.erase_user(SYSTEM, admin.person)
    assert (await accounts.actor_for("ann")).is_admin


async def test_two_administrators_who_demote_each_other_leave_one(make: Make) -> None:
    one, other = make(), make()
    first = await one.set_up("one", "correct horse")
    second = await one.create_user(SYSTEM, "two", "correct horse", roles=["admin"])
    results = await asyncio.gather(
        one.change_user(SYSTEM, first.id, {"roles": []}),
        other.change_user(SYSTEM, second.id, {"roles": []}),
        return_exceptions=True,
    )
    assert sum(isinstance(result, LastAdmin) for result in results) == 1


async def test_a_disabled_administrator_does_not_count_as_one(accounts: AccountService, admin: Actor) -> None:
    other = await accounts.create_user(SYSTEM, "two", "correct horse", roles=["admin"])
    await accounts.change_user(admin, other.id, {"disabled": True})
    with pytest.raises(LastAdmin):
        await accounts.erase_user(SYSTEM, admin.person)


# erasure


async def test_erasing_a_person_erases_what_is_theirs_in_one_transaction(
    accounts: AccountService, db: Database, ann: Actor, admin: Actor
) -> None:
    await accounts.create_app_password(ann, "Phone")
    await accounts.sign_in("ann", "battery staple", address="192.0.2.9")
    group = await accounts.create_group(admin, "Friends", members=[ann.person])
    seen: list[int] = []

    async def erase_plays(tx: Transaction, user_id: int) -> None:
        seen.append(user_id)
        assert await tx.scalar(select(User.id).where(User.id == user_id)) == user_id

    accounts.on_user_erased.append(erase_plays)
    await accounts.erase_user(admin, ann.person)
    assert seen == [ann.person]
    for table in (AppPassword, Session, GroupMember):
        assert await count(db, table, table.user_id == ann.person) == 0
    assert await count(db, User, User.id == ann.person) == 0
    assert await count(db, AuditEntry, AuditEntry.actor_name == "ann") == 0
    assert await count(db, AuditEntry, AuditEntry.address == "192.0.2.9") == 0
    assert (await accounts.groups(admin))[1].members == ()
    assert group.members == (ann.person,)
    with pytest.raises(UserNotFound):
        await accounts.actor_for(ann.person)


async def test_an_erasure_that_fails_elsewhere_erases_nothing(
    accounts: AccountService, db: Database, ann: Actor, admin: Actor
) -> None:
    async def fail(_tx: Transaction, _user_id: int) -> None:
        raise RuntimeError("the plays cannot be erased")

    accounts.on_user_erased.append(fail)
    with pytest.raises(RuntimeError):
        await accounts.erase_user(admin, ann.person)
    assert await accounts.authenticate_password("ann", "battery staple")


async def test_a_number_is_never_given_to_another_person(accounts: AccountService, ann: Actor, admin: Actor) -> None:
    await accounts.erase_user(admin, ann.person)
    again = await accounts.create_user(SYSTEM, "ann", "battery staple")
    assert again.id > ann.person


# what they may see


async def test_everybody_sees_every_library_until_someone_says_otherwise(
    accounts: AccountService, ann: Actor, admin: Actor
) -> None:
    assert ann.libraries is None
    everyone = (await accounts.groups(admin))[0]
    assert (everyone.builtin, everyone.all_libraries) == (True, True)
    await accounts.change_group(admin, everyone.id, {"all_libraries": False, "libraries": [1]})
    assert (await accounts.actor_for("ann")).libraries == frozenset({1})
    assert (await accounts.actor_for("root")).libraries is None


async def test_libraries_of_all_ones_groups_add_up(accounts: AccountService, ann: Actor, admin: Actor) -> None:
    everyone = (await accounts.groups(admin))[0]
    await accounts.change_group(admin, everyone.id, {"all_libraries": False})
    assert (await accounts.actor_for("ann")).libraries == frozenset()
    jazz = await accounts.create_group(admin, "Jazz", libraries=[2, 3], members=[ann.person])
    folk = await accounts.create_group(admin, "Folk", libraries=[3, 4])
    assert (await accounts.actor_for("ann")).libraries == frozenset({2, 3})
    await accounts.change_user(admin, ann.person, {"groups": [jazz.id, folk.id]})
    assert (await accounts.actor_for("ann")).libraries == frozenset({2, 3, 4})
    await accounts.delete_group(admin, folk.id)
    assert (await accounts.actor_for("ann")).libraries == frozenset({2, 3})
    await accounts.change_group(admin, jazz.id, {"all_libraries": True})
    assert (await accounts.actor_for("ann")).libraries is None


async def test_a_library_is_opened_to_one_person_alone(
    accounts: AccountService, db: Database, ann: Actor, admin: Actor
) -> None:
    everyone = (await accounts.groups(admin))[0]
    await accounts.change_group(admin, everyone.id, {"all_libraries": False, "libraries": [1]})
    ben = await accounts.create_user(admin, "ben", "battery staple", libraries=[3])
    assert (await accounts.actor_for("ben")).libraries == frozenset({1, 3})
    access = await accounts.open_library(admin, 2, [ann.person])
    assert [person.username for person in access.people] == ["ann"]
    assert [person.username for person in access.seen_by] == ["root", "ann"]
    assert (await accounts.actor_for("ann")).libraries == frozenset({1, 2})
    assert (await accounts.user(admin, ann.person)).own_libraries == (2,)
    assert [name for _, name in (await accounts.library_access(admin, 1)).groups] == ["Everyone"]
    await accounts.open_library(admin, 2, [ben.id])
    assert (await accounts.actor_for("ann")).libraries == frozenset({1})
    assert (await accounts.actor_for("ben")).libraries == frozenset({1, 2, 3})
    await accounts.change_user(admin, ben.id, {"libraries": []})
    assert (await accounts.actor_for("ben")).libraries == frozenset({1})
    assert (await accounts.audit(admin))[1].action == "library.opened"


async def test_opening_a_library_is_for_administrators_and_for_people_there_are(
    accounts: AccountService, ann: Actor, admin: Actor
) -> None:
    for call in (accounts.open_library(ann, 1, [ann.person]), accounts.library_access(ann, 1)):
        with pytest.raises(AdminOnly):
            await call
    with pytest.raises(UserNotFound):
        await accounts.open_library(admin, 1, [999])


async def test_a_person_hears_of_the_libraries_they_gain_and_lose_and_nobody_else_does(
    accounts: AccountService, db: Database, ann: Actor, admin: Actor
) -> None:
    feed = ChangeFeed(db)

    async def all_libraries() -> list[int]:
        return [1, 2, 3]

    async def heard(by: str, since: int) -> set[tuple[str, str]]:
        page = await feed.since(since, await accounts.actor_for(by), kinds=["library"])
        return {(item.id, item.op) for item in page.items}

    accounts.all_libraries = all_libraries
    await accounts.create_user(admin, "ben", "battery staple", roles=["admin"])
    start = (await feed.head(admin)).cursor
    everyone = (await accounts.groups(admin))[0]
    await accounts.change_group(admin, everyone.id, {"all_libraries": False, "libraries": [1]})
    assert await heard("ann", start) == {("li-2", "delete"), ("li-3", "delete")}
    assert await heard("ben", start) == set()
    start = (await feed.head(admin)).cursor
    await accounts.open_library(admin, 2, [ann.person])
    jazz = await accounts.create_group(admin, "Jazz", libraries=[2, 3], members=[ann.person])
    assert await heard("ann", start) == {("li-2", "upsert"), ("li-3", "upsert")}
    start = (await feed.head(admin)).cursor
    await accounts.delete_group(admin, jazz.id)
    assert await heard("ann", start) == {("li-3", "delete")}  # the second library stays open to ann alone
    await accounts.open_library(admin, 2, [])
    assert await heard("ann", start) == {("li-2", "delete"), ("li-3", "delete")}
    await accounts.change_user(admin, ann.person, {"roles": ["admin"]})
    assert await heard("ann", start) == {("li-2", "upsert"), ("li-3", "upsert")}


async def test_access_to_a_deleted_library_is_forgotten(
    accounts: AccountService, db: Database, ann: Actor, admin: Actor
) -> None:
    everyone = (await accounts.groups(admin))[0]
    await accounts.change_group(admin, everyone.id, {"all_libraries": False, "libraries": [2]})
    await accounts.open_library(admin, 1, [ann.person])
    assert (await accounts.actor_for("ann")).libraries == frozenset({1, 2})
    async with db.write() as tx:
        await accounts.library_deleted(tx, 1)
    assert (await accounts.actor_for("ann")).libraries == frozenset({2})


async def test_the_group_of_everyone_can_be_neither_renamed_nor_deleted(accounts: AccountService, admin: Actor) -> None:
    everyone = (await accounts.groups(admin))[0]
    with pytest.raises(BuiltinGroup):
        await accounts.delete_group(admin, everyone.id)
    for changes in ({"name": "Nobody"}, {"members": [admin.person]}):
        with pytest.raises(BuiltinGroup):
            await accounts.change_group(admin, everyone.id, changes)
    with pytest.raises(NameTaken):
        await accounts.create_group(admin, "EVERYONE")
    with pytest.raises(GroupNotFound):
        await accounts.change_user(admin, admin.person, {"groups": [everyone.id]})


async def test_groups_are_for_administrators(accounts: AccountService, ann: Actor, admin: Actor) -> None:
    for call in (accounts.groups(ann), accounts.create_group(ann, "x"), accounts.audit(ann)):
        with pytest.raises(AdminOnly):
            await call
    with pytest.raises(UserNotFound):
        await accounts.create_group(admin, "Ghosts", members=[999])
    with pytest.raises(GroupNotFound):
        await accounts.change_group(admin, 999, {})


# what is written down


async def test_every_write_is_audited_with_who_and_from_where(
    accounts: AccountService, ann: Actor, admin: Actor
) -> None:
    await accounts.change_user(admin, ann.person, {"display_name": "A."}, address="192.0.2.1")
    made = await accounts.create_app_password(ann, "Phone", address="192.0.2.2")
    await accounts.revoke_app_password(ann, made.view.id, address="192.0.2.2")
    await accounts.set_password(admin, ann.person, "new battery staple", address="192.0.2.1")
    await accounts.create_group(admin, "Friends", address="192.0.2.1")
    entries = await accounts.audit(admin, limit=5)
    assert [(entry.action, entry.actor_name, entry.address) for entry in reversed(entries)] == [
        ("user.changed", "root", "192.0.2.1"),
        ("app_password.created", "ann", "192.0.2.2"),
        ("app_password.revoked", "ann", "192.0.2.2"),
        ("user.password_changed", "root", "192.0.2.1"),
        ("group.created", "root", "192.0.2.1"),
    ]
    older = await accounts.audit(admin, before_id=entries[-1].id)
    assert [entry.action for entry in older] == ["user.created", "user.created"]


async def test_a_person_hears_of_their_own_account_and_not_of_anothers(
    accounts: AccountService, db: Database, ann: Actor, admin: Actor
) -> None:
    feed = ChangeFeed(db)
    start = (await feed.head(ann)).cursor
    await accounts.change_user(ann, ann.person, {"display_name": "A."})
    await accounts.create_app_password(ann, "Phone")
    kinds = {item.kind for item in (await feed.since(start, ann)).items}
    assert kinds == {"user", "app_password"}
    assert (await feed.since(start, admin)).items == []
