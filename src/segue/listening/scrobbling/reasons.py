"""Why something was refused or did not work, in words; kept as codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REFUSED = {
    "artist_ignored": "The service ignores this artist.",
    "track_ignored": "The service ignores this track.",
    "too_old": "The listen is older than the service takes (two weeks at Last.fm).",
    "in_the_future": "The listen lies in the future; a clock is wrong.",
    "daily_limit": "The service takes no more listens today.",
    "refused": "The service does not accept it.",
    "no_mbid": "ListenBrainz can only love what has a MusicBrainz recording id.",
}
WAITING = {
    "outside_throttled": "The service wants to be asked less often; Segue goes on by itself.",
    "outside_quota": "What the service allows in this time is used up; Segue goes on by itself.",
    "outside_transient": "The service cannot be reached just now; Segue tries again by itself.",
    "outside_nonsense": "The service answers something that cannot be understood; Segue tries again by itself.",
    "outside_auth": "The service does not accept the keys of this installation; an administrator has to look at them.",
    "lastfm_not_set_up": "Last.fm's API key and secret are not set; an administrator has to set them.",
    "daily_limit": "The service takes no more listens today; Segue goes on by itself.",
    "needs_login": "The service no longer accepts the sign-in. Sign in again; nothing is lost meanwhile.",
    "secret_unreadable": "The stored key cannot be read with the present secret key of this server. Sign in again.",
}


def refusal(code: str | None) -> str | None:
    """A sentence for why a row was refused; None where it was not."""
    if code is None:
        return None
    return REFUSED.get(code, f"The service refused it ({code}).")


def waiting(error: Mapping[str, Any] | None) -> str | None:
    """A sentence for why an account waits; None where it does not."""
    if error is None:
        return None
    if error.get("reason") == "private_address":
        return "Its address is inside the server's own network; an administrator has to allow that."
    return WAITING.get(str(error.get("code")), "Sending did not work; Segue tries again by itself.")
