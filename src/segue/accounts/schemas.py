"""What crosses the REST API of accounts. A secret is in an answer once, when it is made, and in no other."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, Field, SecretStr

from segue.accounts.access import LibraryAccessView
from segue.accounts.app_passwords import AppPasswordView
from segue.accounts.groups import AuditView, GroupView
from segue.accounts.known import Person
from segue.accounts.sessions import SessionView, SignedIn
from segue.core.clock import rfc3339
from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Body

OWN_LIBRARIES = "The libraries opened to this person alone, whatever their groups see."


class LoginBody(Body):
    username: str = Field(max_length=320, description="The username or the e-mail address.", examples=["admin"])
    password: SecretStr = Field(max_length=2048, examples=["tomarek-bivusan-0273"])
    cookie: bool = Field(False, description="Sign a browser in: an httpOnly cookie, and no refresh token.")
    remember: bool = Field(True, description="With `cookie`: stay signed in when the browser is closed.")


class RefreshBody(Body):
    refresh_token: SecretStr = Field(max_length=400)


class LogoutBody(Body):
    refresh_token: SecretStr | None = Field(None, max_length=400)


class SetupBody(Body):
    username: str = Field(max_length=320, examples=["admin"])
    password: SecretStr = Field(max_length=2048)
    app_password: SecretStr | None = Field(None, max_length=2048, description="Words for the first Subsonic app.")
    display_name: str | None = Field(None, max_length=400)
    email: str | None = Field(None, max_length=400)
    cookie: bool = False
    remember: bool = True


class MeBody(Body):
    display_name: str | None = Field(None, max_length=400)
    email: str | None = Field(None, max_length=400)
    time_zone: str | None = Field(None, max_length=100, examples=["Europe/Berlin"])
    settings: dict[str, Any] | None = None
    password: SecretStr | None = Field(None, max_length=2048, description="A new login password.")
    current_password: SecretStr | None = Field(
        None, max_length=2048, description="Needed for a new password or e-mail."
    )


class NewUserBody(Body):
    username: str = Field(max_length=320)
    password: SecretStr = Field(max_length=2048)
    email: str | None = Field(None, max_length=400)
    display_name: str | None = Field(None, max_length=400)
    roles: list[str] = Field(["user"], max_length=20)
    groups: list[str] = Field([], max_length=1000, examples=[["gr-2"]])
    own_libraries: list[str] = Field([], max_length=10_000, description=OWN_LIBRARIES, examples=[["li-2"]])
    time_zone: str | None = Field(None, max_length=100)


class UserBody(Body):
    username: str | None = Field(None, max_length=320)
    password: SecretStr | None = Field(None, max_length=2048)
    email: str | None = Field(None, max_length=400)
    display_name: str | None = Field(None, max_length=400)
    roles: list[str] | None = Field(None, max_length=20)
    groups: list[str] | None = Field(None, max_length=1000)
    own_libraries: list[str] | None = Field(None, max_length=10_000, description=OWN_LIBRARIES)
    time_zone: str | None = Field(None, max_length=100)
    disabled: bool | None = None


class NewGroupBody(Body):
    name: str = Field(max_length=400)
    all_libraries: bool = Field(False, description="See every library, those to come as well.")
    libraries: list[str] = Field([], max_length=10_000, examples=[["li-1"]])
    members: list[str] = Field([], max_length=10_000, examples=[["us-2"]])


class GroupBody(Body):
    name: str | None = Field(None, max_length=400)
    all_libraries: bool | None = None
    libraries: list[str] | None = Field(None, max_length=10_000)
    members: list[str] | None = Field(None, max_length=10_000)


class NewAppPasswordBody(Body):
    name: str = Field(max_length=400, description="For which app or device.", examples=["Phone"])
    secret: SecretStr | None = Field(None, max_length=2048, description="Words of your own; made when left out.")
    kind: Literal["words", "key"] = Field("words", description="What to make: words to type, or a key to paste.")
    scopes: list[str] = Field(
        [],
        max_length=50,
        description="What it is good for; empty: for all that you may. `scrobble`: for players that report listens, and "
        "nothing else.",
        examples=[["scrobble"]],
    )


class UserAnswer(BaseModel):
    id: str = Field(examples=["us-1"])
    username: str
    display_name: str
    email: str | None
    roles: list[str] = Field(examples=[["admin", "user"]])
    time_zone: str | None = Field(description="Null for the server's.")
    groups: list[str]
    own_libraries: list[str] = Field(description=OWN_LIBRARIES)
    libraries: list[str] | None = Field(description="The libraries this person may see, in all; null for every one.")
    disabled: bool
    created_at: str

    @classmethod
    def of(cls, person: Person) -> Self:
        return cls(**_user(person))


class MeAnswer(UserAnswer):
    settings: dict[str, Any]
    signed_in_by: Literal["access_token", "cookie", "app_password"] | None = None


class LoginAnswer(BaseModel):
    access_token: str
    refresh_token: str | None = Field(description="Null for a browser, which has its cookie instead.")
    expires_in: int = Field(description="Seconds the access token lives.", examples=[900])
    token_type: Literal["Bearer"] = "Bearer"
    user: MeAnswer

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        return cls(
            access_token=signed_in.access_token,
            refresh_token=signed_in.refresh_token,
            expires_in=signed_in.expires_in_s,
            user=MeAnswer(**_user(signed_in.person), settings=signed_in.person.settings),
        )


class SetupAnswer(BaseModel):
    needed: bool = Field(description="Whether nobody has an account yet.")
    suggested_app_password: str | None = Field(None, description="Words to offer, new each time; kept nowhere.")


class GroupAnswer(BaseModel):
    id: str
    name: str
    builtin: bool = Field(description="The group that everybody is in.")
    all_libraries: bool
    libraries: list[str]
    members: list[str]

    @classmethod
    def of(cls, group: GroupView) -> Self:
        return cls(
            id=format_id("gr", group.id),
            name=group.name,
            builtin=group.builtin,
            all_libraries=group.all_libraries,
            libraries=[format_id("li", library) for library in group.libraries],
            members=[format_id("us", member) for member in group.members],
        )


class LibraryPeopleBody(Body):
    people: list[str] = Field(max_length=10_000, description="All whom the library is opened to.", examples=[["us-2"]])


class AccessPerson(BaseModel):
    id: str = Field(examples=["us-2"])
    username: str
    display_name: str


class AccessGroup(BaseModel):
    id: str = Field(examples=["gr-1"])
    name: str


class LibraryAccessAnswer(BaseModel):
    library: str = Field(examples=["li-1"])
    groups: list[AccessGroup] = Field(description="The groups that see it, with those that see every library.")
    people: list[AccessPerson] = Field(description="The people it is opened to themselves, whatever their groups see.")
    seen_by: list[AccessPerson] = Field(description="Everybody who sees it in the end, administrators too.")

    @classmethod
    def of(cls, view: LibraryAccessView) -> Self:
        return cls(
            library=format_id("li", view.library),
            groups=[AccessGroup(id=format_id("gr", number), name=name) for number, name in view.groups],
            people=[_access_person(person) for person in view.people],
            seen_by=[_access_person(person) for person in view.seen_by],
        )


class AppPasswordAnswer(BaseModel):
    id: str = Field(examples=["ap-1"])
    name: str
    scopes: list[str]
    created_at: str
    last_used_at: str | None
    last_used_from: str | None
    readable: bool = Field(description="False when it was made under a secret key that is gone; make a new one.")

    @classmethod
    def of(cls, view: AppPasswordView) -> Self:
        return cls(**_app_password(view))


class MadeAppPasswordAnswer(AppPasswordAnswer):
    secret: str = Field(description="Shown this once.", examples=["tomarek-bivusan-kodifep-lurapos"])

    @classmethod
    def with_secret(cls, view: AppPasswordView, secret: str) -> Self:
        return cls(**_app_password(view), secret=secret)


class SessionAnswer(BaseModel):
    id: str
    kind: Literal["browser", "client"]
    user_agent: str
    address: str
    created_at: str
    last_used_at: str
    expires_at: str
    current: bool = Field(description="Whether it is the one that asks.")

    @classmethod
    def of(cls, session: SessionView) -> Self:
        return cls(
            id=session.key,
            kind=session.kind,
            user_agent=session.user_agent,
            address=session.address,
            created_at=rfc3339(session.created_at) or "",
            last_used_at=rfc3339(session.last_used_at) or "",
            expires_at=rfc3339(session.expires_at) or "",
            current=session.current,
        )


class AuditAnswer(BaseModel):
    at: str
    actor: str | None
    actor_name: str
    action: str = Field(examples=["user.created"])
    target: str | None
    address: str
    detail: dict[str, Any]

    @classmethod
    def of(cls, entry: AuditView) -> Self:
        return cls(
            at=rfc3339(entry.at) or "",
            actor=format_id_or_none("us", entry.actor_id),
            actor_name=entry.actor_name,
            action=entry.action,
            target=entry.target,
            address=entry.address,
            detail=entry.detail,
        )


def _access_person(person: Person) -> AccessPerson:
    return AccessPerson(id=format_id("us", person.id), username=person.username, display_name=person.display_name)


def _user(person: Person) -> dict[str, Any]:
    return {
        "id": format_id("us", person.id),
        "username": person.username,
        "display_name": person.display_name,
        "email": person.email,
        "roles": list(person.roles),
        "time_zone": person.time_zone,
        "groups": [format_id("gr", group) for group in person.groups],
        "own_libraries": [format_id("li", library) for library in person.own_libraries],
        "libraries": None if person.libraries is None else [format_id("li", i) for i in sorted(person.libraries)],
        "disabled": person.disabled_at is not None,
        "created_at": rfc3339(person.created_at),
    }


def _app_password(view: AppPasswordView) -> dict[str, Any]:
    return {
        "id": format_id("ap", view.id),
        "name": view.name,
        "scopes": list(view.scopes),
        "created_at": rfc3339(view.created_at),
        "last_used_at": rfc3339(view.last_used_at),
        "last_used_from": view.last_used_from,
        "readable": view.readable,
    }
