"""REST of accounts: signing in and out, the first account, one's own account, app passwords, sessions, people, groups."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request, Response

from segue.accounts.errors import CrossSiteRequest, SignInAgain
from segue.accounts.origin import is_foreign
from segue.accounts.schemas import (
    AppPasswordAnswer,
    AuditAnswer,
    GroupAnswer,
    GroupBody,
    LibraryAccessAnswer,
    LibraryPeopleBody,
    LoginAnswer,
    LoginBody,
    LogoutBody,
    MadeAppPasswordAnswer,
    MeAnswer,
    MeBody,
    NewAppPasswordBody,
    NewGroupBody,
    NewUserBody,
    RefreshBody,
    SessionAnswer,
    SetupAnswer,
    SetupBody,
    UserAnswer,
    UserBody,
)
from segue.accounts.service import COOKIE, AccountService, Identity, SignedIn, session_cookie
from segue.core.errors import Unauthorized
from segue.core.ids import parse_id
from segue.core.rest import (
    SECRET,
    Access,
    BadCursor,
    CurrentActor,
    Cursor,
    Limit,
    NotSignedIn,
    Page,
    Router,
    problems,
    service,
)

router = Router(tags=["accounts"])
Accounts = Annotated[AccountService, service(AccountService)]
SECRETS = {SECRET: True}


# signing in


@router.post(
    "/auth/login",
    access=Access.public,
    openapi_extra=SECRETS,
    responses=problems(401, 429),
    summary="Sign in with the login password",
)
async def login(body: LoginBody, request: Request, response: Response, accounts: Accounts) -> LoginAnswer:
    if body.cookie and is_foreign(request.headers):
        raise CrossSiteRequest
    signed_in = await accounts.sign_in(
        body.username,
        body.password.get_secret_value(),
        browser=body.cookie,
        remember=body.remember,
        address=_address(request),
        user_agent=request.headers.get("user-agent", ""),
    )
    return _signed_in(signed_in, request, response, accounts)


@router.post(
    "/auth/refresh",
    access=Access.public,
    openapi_extra=SECRETS,
    responses=problems(401, 429),
    summary="Trade a refresh token for the next one",
)
async def refresh(body: RefreshBody, request: Request, response: Response, accounts: Accounts) -> LoginAnswer:
    signed_in = await accounts.refresh(
        body.refresh_token.get_secret_value(),
        address=_address(request),
        user_agent=request.headers.get("user-agent", ""),
    )
    return _signed_in(signed_in, request, response, accounts)


@router.post("/auth/logout", access=Access.public, status_code=204, openapi_extra=SECRETS, summary="Sign out")
async def logout(request: Request, accounts: Accounts, body: LogoutBody | None = None) -> Response:
    if body and body.refresh_token:
        await accounts.sign_out_refresh_token(body.refresh_token.get_secret_value(), address=_address(request))
    try:
        identity = await accounts.identify(request)
    except Unauthorized:
        identity = None  # an access token that has run out is signed out already
    if identity and identity.session_key:
        await accounts.sign_out(identity.session_key, address=_address(request))
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path=_cookie_path(request, accounts))
    return response


@router.get("/setup", access=Access.public, summary="Whether the first account is still to be made")
async def is_setup_needed(accounts: Accounts, response: Response) -> SetupAnswer:
    needed = await accounts.setup_needed()
    response.headers["Cache-Control"] = "no-store"
    return SetupAnswer(needed=needed, suggested_app_password=accounts.suggest_app_password() if needed else None)


@router.post(
    "/setup",
    access=Access.public,
    status_code=201,
    openapi_extra=SECRETS,
    responses=problems(409, 429),
    summary="Make the first account and sign in",
)
async def set_up(body: SetupBody, request: Request, response: Response, accounts: Accounts) -> LoginAnswer:
    if is_foreign(request.headers):
        raise CrossSiteRequest
    address = _address(request)
    await accounts.set_up(
        body.username,
        body.password.get_secret_value(),
        app_password=body.app_password.get_secret_value() if body.app_password else None,
        display_name=body.display_name,
        email=body.email,
        address=address,
    )
    signed_in = await accounts.sign_in(
        body.username,
        body.password.get_secret_value(),
        browser=body.cookie,
        remember=body.remember,
        address=address,
        user_agent=request.headers.get("user-agent", ""),
    )
    return _signed_in(signed_in, request, response, accounts)


# one's own account


@router.get("/auth/me", access=Access.signed_in, summary="Who is signed in")
async def me(actor: CurrentActor, request: Request, response: Response, accounts: Accounts) -> MeAnswer:
    identity = await _identity(request, accounts)
    cookie = session_cookie(request)
    if identity.kind == "cookie" and identity.cookie_max_age_s and cookie:
        # the browser's copy of a remembered session lives on with the server's
        _set_cookie(response, request, accounts, cookie, identity.cookie_max_age_s)
    return _me(await accounts.user(actor, actor.person), identity)


@router.patch(
    "/auth/me",
    access=Access.signed_in,
    openapi_extra=SECRETS,
    responses=problems(409),
    summary="Change one's own account",
)
async def change_me(body: MeBody, actor: CurrentActor, request: Request, accounts: Accounts) -> MeAnswer:
    identity = await _identity(request, accounts)
    changes = body.model_dump(exclude_unset=True, exclude={"password", "current_password"})
    if body.password or "email" in changes:
        identity = await _signed_in_person(request, accounts)
    person = await accounts.change_own(
        actor,
        changes,
        password=body.password.get_secret_value() if body.password else None,
        current_password=body.current_password.get_secret_value() if body.current_password else None,
        keep_session=identity.session_key,
        address=_address(request),
    )
    return _me(person, identity)


@router.get("/app-passwords", access=Access.signed_in, summary="One's own app passwords")
async def app_passwords(actor: CurrentActor, accounts: Accounts) -> Page[AppPasswordAnswer]:
    views = await accounts.app_passwords(actor)
    return Page(items=[AppPasswordAnswer.of(view) for view in views], total=len(views))


@router.post(
    "/app-passwords",
    access=Access.signed_in,
    status_code=201,
    openapi_extra=SECRETS,
    responses=problems(409),
    summary="Make an app password; the secret is shown this once",
)
async def create_app_password(
    body: NewAppPasswordBody, actor: CurrentActor, request: Request, response: Response, accounts: Accounts
) -> MadeAppPasswordAnswer:
    await _signed_in_person(request, accounts)
    made = await accounts.create_app_password(
        actor,
        body.name,
        secret=body.secret.get_secret_value() if body.secret else None,
        kind=body.kind,
        scopes=body.scopes,
        address=_address(request),
    )
    response.headers["Cache-Control"] = "no-store"
    return MadeAppPasswordAnswer.with_secret(made.view, made.secret)


@router.delete("/app-passwords/{id}", access=Access.signed_in, status_code=204, summary="Take an app password back")
async def revoke_app_password(id: str, actor: CurrentActor, request: Request, accounts: Accounts) -> Response:
    await _signed_in_person(request, accounts)
    await accounts.revoke_app_password(actor, parse_id(id, "ap"), address=_address(request))
    return Response(status_code=204)


@router.get("/sessions", access=Access.signed_in, summary="Where one is signed in")
async def sessions(actor: CurrentActor, request: Request, accounts: Accounts) -> Page[SessionAnswer]:
    identity = await _identity(request, accounts)
    views = await accounts.sessions(actor, current=identity.session_key)
    return Page(items=[SessionAnswer.of(view) for view in views], total=len(views))


@router.delete("/sessions/{id}", access=Access.signed_in, status_code=204, summary="Sign out somewhere else")
async def revoke_session(id: str, actor: CurrentActor, request: Request, accounts: Accounts) -> Response:
    await _signed_in_person(request, accounts)
    await accounts.revoke_session(actor, id, address=_address(request))
    return Response(status_code=204)


# people and groups


@router.get("/users", access=Access.admin, summary="Everybody, by username")
async def users(actor: CurrentActor, accounts: Accounts, limit: Limit = 50, cursor: Cursor = None) -> Page[UserAnswer]:
    people = await accounts.users(actor, after=cursor, limit=limit + 1)
    shown = people[:limit]
    return Page(
        items=[UserAnswer.of(person) for person in shown],
        next=shown[-1].username if len(people) > limit else None,
        total=await accounts.count_users(),
    )


@router.post(
    "/users",
    access=Access.admin,
    status_code=201,
    openapi_extra=SECRETS,
    responses=problems(404, 409),
    summary="Make an account",
)
async def create_user(body: NewUserBody, actor: CurrentActor, request: Request, accounts: Accounts) -> UserAnswer:
    await _signed_in_person(request, accounts)
    person = await accounts.create_user(
        actor,
        body.username,
        body.password.get_secret_value(),
        email=body.email,
        display_name=body.display_name,
        roles=body.roles,
        groups=_numbers(body.groups, "gr"),
        libraries=_numbers(body.own_libraries, "li"),
        time_zone=body.time_zone,
        address=_address(request),
    )
    return UserAnswer.of(person)


@router.get("/users/{id}", access=Access.admin, summary="One person")
async def user(id: str, actor: CurrentActor, accounts: Accounts) -> UserAnswer:
    return UserAnswer.of(await accounts.user(actor, parse_id(id, "us")))


@router.patch(
    "/users/{id}",
    access=Access.admin,
    openapi_extra=SECRETS,
    responses=problems(409),
    summary="Change an account, or its password",
)
async def change_user(id: str, body: UserBody, actor: CurrentActor, request: Request, accounts: Accounts) -> UserAnswer:
    await _signed_in_person(request, accounts)
    changes = _changes(body, nullable={"email", "time_zone"})
    password = body.password.get_secret_value() if body.password else None
    changes.pop("password", None)
    if "groups" in changes:
        changes["groups"] = _numbers(changes["groups"], "gr")
    if "own_libraries" in changes:
        changes["libraries"] = _numbers(changes.pop("own_libraries"), "li")
    person = await accounts.change_account(
        actor, parse_id(id, "us"), changes, password=password, address=_address(request)
    )
    return UserAnswer.of(person)


@router.delete("/users/{id}", access=Access.admin, status_code=204, summary="Delete an account and all that is theirs")
async def erase_user(id: str, actor: CurrentActor, request: Request, accounts: Accounts) -> Response:
    await _signed_in_person(request, accounts)
    await accounts.erase_user(actor, parse_id(id, "us"), address=_address(request))
    return Response(status_code=204)


@router.get("/groups", access=Access.admin, summary="Groups, and which libraries they see")
async def groups(actor: CurrentActor, accounts: Accounts) -> Page[GroupAnswer]:
    views = await accounts.groups(actor)
    return Page(items=[GroupAnswer.of(view) for view in views], total=len(views))


@router.post("/groups", access=Access.admin, status_code=201, responses=problems(404), summary="Make a group")
async def create_group(body: NewGroupBody, actor: CurrentActor, request: Request, accounts: Accounts) -> GroupAnswer:
    await _signed_in_person(request, accounts)
    group = await accounts.create_group(
        actor,
        body.name,
        all_libraries=body.all_libraries,
        libraries=_numbers(body.libraries, "li"),
        members=_numbers(body.members, "us"),
        address=_address(request),
    )
    return GroupAnswer.of(group)


@router.patch("/groups/{id}", access=Access.admin, summary="Change a group, its members or its libraries")
async def change_group(
    id: str, body: GroupBody, actor: CurrentActor, request: Request, accounts: Accounts
) -> GroupAnswer:
    await _signed_in_person(request, accounts)
    changes = _changes(body, nullable=set())
    for field, prefix in (("libraries", "li"), ("members", "us")):
        if field in changes:
            changes[field] = _numbers(changes[field], prefix)
    return GroupAnswer.of(await accounts.change_group(actor, parse_id(id, "gr"), changes, address=_address(request)))


@router.delete("/groups/{id}", access=Access.admin, status_code=204, summary="Delete a group")
async def delete_group(id: str, actor: CurrentActor, request: Request, accounts: Accounts) -> Response:
    await _signed_in_person(request, accounts)
    await accounts.delete_group(actor, parse_id(id, "gr"), address=_address(request))
    return Response(status_code=204)


@router.get("/libraries/{id}/access", access=Access.admin, summary="Who sees a library")
async def library_access(id: str, actor: CurrentActor, accounts: Accounts) -> LibraryAccessAnswer:
    return LibraryAccessAnswer.of(await accounts.library_access(actor, parse_id(id, "li")))


@router.put("/libraries/{id}/access", access=Access.admin, summary="Open a library to single people")
async def open_library(
    id: str, body: LibraryPeopleBody, actor: CurrentActor, request: Request, accounts: Accounts
) -> LibraryAccessAnswer:
    """Besides the groups that see it: exactly these people see it too."""
    await _signed_in_person(request, accounts)
    people = _numbers(body.people, "us")
    return LibraryAccessAnswer.of(
        await accounts.open_library(actor, parse_id(id, "li"), people, address=_address(request))
    )


@router.get("/audit", access=Access.admin, summary="What was changed, by whom, from where; newest first")
async def audit(actor: CurrentActor, accounts: Accounts, limit: Limit = 50, cursor: Cursor = None) -> Page[AuditAnswer]:
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadCursor
    entries = await accounts.audit(actor, before_id=int(cursor) if cursor else None, limit=limit + 1)
    shown = entries[:limit]
    more = len(entries) > limit
    return Page(items=[AuditAnswer.of(entry) for entry in shown], next=str(shown[-1].id) if more else None)


# inside


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _identity(request: Request, accounts: AccountService) -> Identity:
    identity = await accounts.identify(request)
    if identity is None:
        raise NotSignedIn
    return identity


async def _signed_in_person(request: Request, accounts: AccountService) -> Identity:
    """A person who signed in, not an app with its password: an app must not make itself further ways in."""
    identity = await _identity(request, accounts)
    if identity.kind == "app_password":
        raise SignInAgain
    return identity


def _signed_in(signed_in: SignedIn, request: Request, response: Response, accounts: AccountService) -> LoginAnswer:
    response.headers["Cache-Control"] = "no-store"
    if signed_in.cookie:
        _set_cookie(response, request, accounts, signed_in.cookie, signed_in.cookie_max_age_s)
    return LoginAnswer.of(signed_in)


def _set_cookie(
    response: Response, request: Request, accounts: AccountService, value: str, max_age_s: int | None
) -> None:
    response.set_cookie(
        COOKIE,
        value,
        max_age=max_age_s,
        path=_cookie_path(request, accounts),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def _cookie_path(request: Request, accounts: AccountService) -> str:
    """Where this browser finds Segue: the prefix that a trusted proxy names, or the configured base path."""
    return getattr(request.state, "base_path", None) or accounts.policy.base_path


def _me(person: Any, identity: Identity) -> MeAnswer:
    return MeAnswer(**UserAnswer.of(person).model_dump(), settings=person.settings, signed_in_by=identity.kind)


def _numbers(ids: list[str], prefix: str) -> list[int]:
    return [parse_id(text, prefix) for text in ids]


def _changes(body: UserBody | GroupBody, nullable: set[str]) -> dict[str, Any]:
    """The members that were sent; null says "none" where there can be none, and nothing elsewhere."""
    sent = body.model_dump(exclude_unset=True)
    return {name: value for name, value in sent.items() if value is not None or name in nullable}
