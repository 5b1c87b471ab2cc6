"""What can go wrong with somebody's accounts at services."""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from segue.core.ids import format_id


class AccountNotFound(NotFound):
    def __init__(self, account_id: int) -> None:
        text = format_id("sc", account_id)
        super().__init__("scrobble_account_not_found", f"There is no linked account {text}.", id=text)


class ScrobbleNotFound(NotFound):
    def __init__(self, scrobble_id: int) -> None:
        text = format_id("sb", scrobble_id)
        super().__init__("scrobble_not_found", f"{text} is not waiting to be sent, and was not refused.", id=text)


class TokenRefused(Invalid):
    def __init__(self, where: str) -> None:
        message = f"{where} does not know this token."
        super().__init__("token_refused", message, fields=[FieldProblem("token", "token_refused", message)])


class BadAddress(Invalid):
    def __init__(self, url: str, why: str) -> None:
        message = f"{url!r} is not the address of a service: {why}."
        super().__init__(
            "bad_address",
            message,
            hint="The address without /1/…, such as https://maloja.example/apis/listenbrainz.",
            fields=[FieldProblem("base_url", "bad_address", message)],
        )


class PrivateAddress(Forbidden):
    def __init__(self) -> None:
        super().__init__(
            "private_address",
            "This address is inside the server's own network.",
            hint="An administrator can link it, or allow it for all with scrobbling.private_addresses.",
        )


class LinkExpired(Invalid):
    def __init__(self) -> None:
        super().__init__(
            "link_expired", "This sign-in was begun too long ago, or by somebody else.", hint="Begin again."
        )


class NotApproved(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "not_approved",
            "Last.fm has not been told yet that Segue may scrobble.",
            hint="Say yes on Last.fm's page first, then go on here.",
        )


class NotRefused(Conflict):
    def __init__(self, scrobble_id: int) -> None:
        text = format_id("sb", scrobble_id)
        super().__init__("not_refused", f"{text} was not refused; it is waiting to be sent.", id=text)
