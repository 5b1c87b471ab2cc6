"""What can go wrong with accounts and credentials, each with the sentence a person reads.

The errors of a Subsonic sign-in carry that protocol's code beside our own.
"""

from __future__ import annotations

from segue.core.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, TooMany, Unauthorized

APP_PASSWORD_ADVICE = (
    "Make an app password in Segue under Settings, App passwords, and type it into this app in place of your login "
    "password."
)


class WrongCredentials(Unauthorized):
    """The name, the password or both are wrong; which one is not said."""

    subsonic_code = 40

    def __init__(self) -> None:
        super().__init__("wrong_credentials", "Wrong username or password.")


class MissingCredentials(Unauthorized):
    """A part of the sign-in is not there. `parameter` is the Subsonic parameter that is missing."""

    subsonic_code = 10

    def __init__(self, parameter: str) -> None:
        super().__init__("missing_credentials", f"Required parameter {parameter!r} is missing.", parameter=parameter)
        self.parameter = parameter


class TokenAuthUnsupported(Unauthorized):
    """A token (`t` and `s`) matched no app password. A login password cannot make one that does: only its hash is kept."""

    subsonic_code = 41

    def __init__(self) -> None:
        super().__init__(
            "token_auth_needs_app_password",
            f"This app signs in with a token, which works with app passwords only. {APP_PASSWORD_ADVICE}",
            hint=APP_PASSWORD_ADVICE,
        )


class ConflictingMechanisms(Unauthorized):
    """More than one way to sign in at once."""

    subsonic_code = 43

    def __init__(self) -> None:
        super().__init__(
            "conflicting_mechanisms", "Give either apiKey alone, or u with p, or u with t and s; not several of them."
        )


class InvalidApiKey(Unauthorized):
    """No live app password has these words."""

    subsonic_code = 44

    def __init__(self) -> None:
        super().__init__("invalid_api_key", "This API key is unknown or was revoked.")


class TooManyAttempts(TooMany):
    """Wrong guesses slow further ones down, for this account from this address only."""

    subsonic_code = 0

    def __init__(self, retry_after_s: float) -> None:
        wait = max(1, round(retry_after_s))
        super().__init__(
            "too_many_attempts",
            f"Too many failed attempts. Try again in {wait} second{'s' * (wait > 1)}.",
            retry_after_s=retry_after_s,
        )


class InvalidToken(Unauthorized):
    """The access token is not ours, has expired, or its session has ended."""

    def __init__(self) -> None:
        super().__init__(
            "invalid_token",
            "This access token is not valid any more.",
            hint="Get a new one at /api/v1/auth/refresh, or sign in again.",
        )


class InvalidRefreshToken(Unauthorized):
    """The refresh token is unknown, expired, revoked, or was used before."""

    def __init__(self) -> None:
        super().__init__("invalid_refresh_token", "This refresh token is not valid any more. Sign in again.")


class CrossSiteRequest(Forbidden):
    """A cookie came with a request that another site may have caused."""

    def __init__(self) -> None:
        super().__init__(
            "cross_site_request",
            "This request was not made by Segue's own pages, so the browser's session cannot be used for it.",
            hint="Programs sign in with an access token or an app password in the Authorization header. Behind a proxy, "
            "let it pass the Host header on, or name it as a trusted proxy.",
        )


class SignInAgain(Forbidden):
    """What only a person who signed in may do, tried with an app password."""

    def __init__(self) -> None:
        super().__init__(
            "needs_sign_in", "An app password may not do this.", hint="Sign in with the username and login password."
        )


class AdminOnly(Forbidden):
    def __init__(self) -> None:
        super().__init__("admin_only", "Only an administrator may do this.")


class BadField(Invalid):
    """One member of an account is wrong."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__("invalid_account", message, fields=[FieldProblem(field, code, message)])


class WrongCurrentPassword(BadField):
    """The present password, asked for before a change, is not it. The one who asks stays signed in."""

    def __init__(self) -> None:
        super().__init__("current_password", "wrong_password", "This is not your present password.")


class SetupDone(Conflict):
    """The first account exists already."""

    def __init__(self) -> None:
        super().__init__("setup_done", "Segue is set up already: an account exists. Sign in instead.")


class LastAdmin(Conflict):
    """Without this person nobody could administer Segue."""

    def __init__(self) -> None:
        super().__init__("last_admin", "This is the last administrator. Make someone else one first.")


class NameTaken(Conflict):
    """`field` is what must be unique: username, email, name."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"{field}_taken", f"{value!r} is taken already.", field=field)
        self.field = field


class BuiltinGroup(Conflict):
    def __init__(self) -> None:
        super().__init__("builtin_group", "The group of everyone cannot be renamed, deleted or given members.")


class UserNotFound(NotFound):
    def __init__(self, user: int | str) -> None:
        super().__init__("user_not_found", f"There is no user {user!r}.", user=user)


class GroupNotFound(NotFound):
    def __init__(self, group_id: int) -> None:
        super().__init__("group_not_found", "There is no such group.", group=group_id)


class AppPasswordNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("app_password_not_found", "There is no such app password.")


class SessionNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("session_not_found", "There is no such session.")


SubsonicSignInError = (
    WrongCredentials
    | MissingCredentials
    | TokenAuthUnsupported
    | ConflictingMechanisms
    | InvalidApiKey
    | TooManyAttempts
)
"""What `authenticate_subsonic` raises; each has `subsonic_code`, the protocol's number for it."""
