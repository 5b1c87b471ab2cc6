"""What of scrobbling crosses the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Body
from segue.listening.scrobbling.choices import Choices
from segue.listening.scrobbling.linking import AccountView, Login
from segue.listening.scrobbling.queue import Queued
from segue.listening.scrobbling.reasons import refusal, waiting

Kind = Literal["lastfm", "listenbrainz"]


class ScrobbleChoices(BaseModel):
    """What is sent to an account."""

    plays: bool = Field(description="Whether plays are sent.")
    now_playing: bool = Field(description="Whether it is told what plays now.")
    loves: bool = Field(description="Whether stars are sent as loves, and hate where there is such a thing.")
    import_loves: bool = Field(description="Whether loves there become stars here, every night.")
    hated: bool = Field(description="Whether plays of what one hates are sent as well.")
    minimum_s: int = Field(description="Tracks shorter than so many seconds are not sent.")
    without_sources: list[str] = Field(
        description="Ways by which plays come that are not sent on: web, rest, subsonic, listenbrainz, lastfm."
    )
    without_clients: list[str] = Field(description="Programs whose plays are not sent on; case does not matter.")


class ScrobbleChoicesBody(Body):
    """What is left out stays as it is."""

    plays: bool | None = None
    now_playing: bool | None = None
    loves: bool | None = None
    import_loves: bool | None = None
    hated: bool | None = None
    minimum_s: int | None = Field(None, ge=0, le=3600)
    without_sources: list[str] | None = Field(None, max_length=50)
    without_clients: list[str] | None = Field(None, max_length=200)


class ScrobbleError(BaseModel):
    """Why an account waits. `code` and `reason` are for programs; `sentence` is for people, `said` the service's own words."""

    code: str
    reason: str
    sentence: str | None
    said: str
    at: datetime | None


class ScrobbleAccountItem(BaseModel):
    """A linked account. `state` is active, needs_login (the service no longer accepts the sign-in) or paused."""

    id: str
    kind: str
    base_url: str | None = Field(description="Its own address; null where it is the usual one.")
    name: str = Field(description="The user name at the service.")
    label: str
    state: Literal["active", "needs_login", "paused"]
    choices: ScrobbleChoices
    waiting: int = Field(description="Listens and loves that wait to be sent.")
    refused: int = Field(description="Those that the service has refused.")
    sent: int = Field(description="Listens that it has taken.")
    last_sent_at: datetime | None
    attempts: int = Field(description="How often in a row sending did not work.")
    next_try_at: datetime | None
    error: ScrobbleError | None
    loves_imported_at: datetime | None
    loves_result: dict[str, int] | None = Field(
        description="What the last import of loves came to: loved there, found here, new stars."
    )
    linked_at: datetime

    @classmethod
    def of(cls, view: AccountView) -> ScrobbleAccountItem:
        error = view.error
        shown = None
        if error is not None:
            shown = ScrobbleError(
                code=error["code"],
                reason=error.get("reason") or "",
                sentence=waiting(error),
                said=str((error.get("params") or {}).get("said") or ""),
                at=error.get("at"),
            )
        return cls(
            id=format_id("sc", view.id),
            kind=view.kind,
            base_url=view.base_url or None,
            name=view.name,
            label=view.label,
            state=view.state,  # type: ignore[arg-type]
            choices=_choices(view.choices),
            waiting=view.waiting,
            refused=view.refused,
            sent=view.sent,
            last_sent_at=view.last_sent_at,
            attempts=view.attempts,
            next_try_at=view.next_try_at,
            error=shown,
            loves_imported_at=view.loves_imported_at,
            loves_result=view.loves_result,
            linked_at=view.linked_at,
        )


class ScrobbleServiceItem(BaseModel):
    """Something one can link. `set_up` says whether this installation has what it takes (Last.fm needs an API key)."""

    kind: Kind
    title: str
    set_up: bool
    base_url: str | None = Field(description="Where it is, where no other address is given.")
    needs: str | None = Field(description="What an administrator has to do first, where something is missing.")


class IncomingItem(BaseModel):
    """An address that other players can report to."""

    protocol: Kind
    enter_url: str = Field(description="What to enter in the player, as far as Segue knows its own address.")
    sign_in: str = Field(description="What the player signs in with.")


class ScrobblingAnswer(BaseModel):
    """What one can link, and where other players report to."""

    services: list[ScrobbleServiceItem]
    incoming: list[IncomingItem]


def _sendable(token: SecretStr) -> SecretStr:
    """Refuses what no HTTP header can carry."""
    if any(not "!" <= letter <= "~" for letter in token.get_secret_value()):
        raise ValueError("a token is made of letters, digits and signs of ASCII, without blanks")
    return token


class ScrobbleLinkBody(Body):
    """A service that takes a token: ListenBrainz, or what speaks its language at an address of its own."""

    kind: Literal["listenbrainz"] = "listenbrainz"
    token: Annotated[SecretStr, AfterValidator(_sendable)] = Field(
        max_length=500, description="The token from the service's settings page: letters, digits and signs of ASCII."
    )
    base_url: str | None = Field(
        None,
        max_length=500,
        description="Where it is, without /1; null for the usual one.",
        examples=["https://maloja.example/apis/listenbrainz"],
    )
    label: str = Field("", max_length=100)


class LastfmLoginBody(Body):
    """`return_here`: Last.fm sends the browser back to Segue, which then shows the account page. Without it, whoever began
    finishes with /scrobbling/lastfm/session once yes was said."""

    return_here: bool = False


class LastfmLoginAnswer(BaseModel):
    """Open `approval_url` in a browser; finish with `ticket`, within fifteen minutes."""

    approval_url: str
    ticket: str
    expires_at: datetime

    @classmethod
    def of(cls, login: Login) -> LastfmLoginAnswer:
        return cls(approval_url=login.url, ticket=login.state, expires_at=login.expires_at)


class LastfmSessionBody(Body):
    ticket: str = Field(max_length=2000, description="What the login began with.")
    token: str | None = Field(None, max_length=500, description="The token Last.fm sent back; null where none was.")
    label: str = Field("", max_length=100)


class ScrobbleAccountBody(Body):
    """What is left out stays as it is."""

    label: str | None = Field(None, max_length=100)
    paused: bool | None = Field(None, description="Let it rest, or go on; plays are collected meanwhile.")
    choices: ScrobbleChoicesBody | None = None


class ScrobbleTestAnswer(BaseModel):
    """The service accepts the key; `name` is the user name there."""

    ok: bool
    name: str


class ScrobbleCountAnswer(BaseModel):
    count: int


class ScrobbleJobAnswer(BaseModel):
    job: str


class ScrobbleItem(BaseModel):
    """Something that waits to be sent, or was refused; `reason` says why in a sentence, `said` in the service's words."""

    id: str
    account: str
    act: Literal["listen", "love", "unlove", "hate"]
    state: Literal["waiting", "refused"]
    at: datetime = Field(description="When it was listened to, or loved.")
    play: str | None
    title: str
    artist: str
    album: str
    attempts: int
    code: str | None
    reason: str | None
    said: str | None

    @classmethod
    def of(cls, row: Queued) -> ScrobbleItem:
        return cls(
            id=format_id("sb", row.id),
            account=format_id("sc", row.account_id),
            act=row.act,  # type: ignore[arg-type]
            state=row.state,  # type: ignore[arg-type]
            at=row.at,
            play=format_id_or_none("py", row.play_id),
            title=row.listen.title,
            artist=row.listen.artist,
            album=row.listen.album,
            attempts=row.attempts,
            code=row.code,
            reason=refusal(row.code),
            said=row.said,
        )


def _choices(choices: Choices) -> ScrobbleChoices:
    kept: dict[str, Any] = choices.as_json()
    return ScrobbleChoices(**kept)
