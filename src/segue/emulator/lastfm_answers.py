"""How Last.fm spells: JSON that was XML once, so that one thing is an object and two are an array, and numbers are text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus
from xml.sax.saxutils import escape, quoteattr

from segue.emulator.people import Heard

STATUS_OF_ERROR = {
    4: 403,
    6: 400,
    8: 500,
    9: 403,
    10: 403,
    11: 503,
    13: 403,
    14: 403,
    16: 503,
    17: 403,
    26: 403,
    29: 429,
}
MESSAGES = {
    2: "Invalid service - This service does not exist",
    3: "Invalid Method - No method with that name in this package",
    4: "Unauthorized Token - This token has not been issued",
    6: "Invalid parameters - Your request is missing a required parameter",
    8: "Operation failed - Most likely the backend service failed. Please try again.",
    9: "Invalid session key - Please re-authenticate",
    10: "Invalid API key - You must be granted a valid key by last.fm",
    11: "Service Offline - This service is temporarily offline. Try again later.",
    13: "Invalid method signature supplied",
    14: "Unauthorized Token - This token has not been authorized",
    16: "The service is temporarily unavailable, please try again.",
    17: "Login: User required to be logged in",
    26: "API Key Suspended - This application is not allowed to make requests to the web services",
    29: "Rate Limit Exceeded - Too many scrobbles in a short period. Please try again later.",
}
IGNORED = {
    0: "",
    1: "Artist was ignored",
    2: "Track was ignored",
    3: "Timestamp was too far in the past",
    4: "Timestamp was too far in the future",
    5: "Daily scrobble limit exceeded",
}
STAR = "https://lastfm.freetls.fastly.net/i/u/{}/2a96cbd8b46e442fc41c2b86b821562f.png"
SIZES = {"small": "34s", "medium": "64s", "large": "174s", "extralarge": "300x300"}


def error_body(code: int) -> dict[str, Any]:
    return {"error": code, "message": MESSAGES.get(code, "Something went wrong")}


def one_or_many(things: list[Any]) -> Any:
    return things[0] if len(things) == 1 else things


def _corrected(text: str) -> dict[str, str]:
    return {"#text": text, "corrected": "0"}


def _ignored(code: int) -> dict[str, str]:
    return {"#text": IGNORED[code], "code": str(code)}


def scrobble_body(rows: Iterable[tuple[Heard, int]], *, as_text: bool) -> dict[str, Any]:
    """What `track.scrobble` says to `rows` with their ignored codes. Counts come as text or as numbers."""
    told: list[dict[str, Any]] = [
        {
            "artist": _corrected(one.artist),
            "album": _corrected(one.album),
            "track": _corrected(one.track),
            "albumArtist": _corrected(str(one.more.get("albumArtist", ""))),
            "ignoredMessage": _ignored(code),
            "timestamp": str(one.at),
        }
        for one, code in rows
    ]
    ignored = sum(1 for one in told if one["ignoredMessage"]["code"] != "0")
    counts = {"ignored": ignored, "accepted": len(told) - ignored}
    shown: dict[str, Any] = {name: str(number) for name, number in counts.items()} if as_text else dict(counts)
    return {"scrobbles": {"scrobble": one_or_many(told), "@attr": shown}}


def now_playing_body(one: Heard, code: int) -> dict[str, Any]:
    return {
        "nowplaying": {
            "artist": _corrected(one.artist),
            "track": _corrected(one.track),
            "ignoredMessage": _ignored(code),
            "albumArtist": _corrected(str(one.more.get("albumArtist", ""))),
            "album": _corrected(one.album),
        }
    }


def _image() -> list[dict[str, str]]:
    return [{"size": size, "#text": STAR.format(folder)} for size, folder in SIZES.items()]


def _date(at: float) -> dict[str, str]:
    return {"uts": str(int(at)), "#text": datetime.fromtimestamp(at, UTC).strftime("%d %b %Y, %H:%M")}


def _url(artist: str, track: str) -> str:
    return f"https://www.last.fm/music/{quote_plus(artist)}/_/{quote_plus(track)}"


def recent_body(
    user: str, heard: list[Heard], playing: Heard | None, *, page: int, per_page: int, total: int
) -> dict[str, Any]:
    def shown(one: Heard, now: bool) -> dict[str, Any]:
        row: dict[str, Any] = {
            "artist": {"mbid": str(one.more.get("artist_mbid", "")), "#text": one.artist},
            "streamable": "0",
            "image": _image(),
            "mbid": str(one.more.get("mbid", "")),
            "album": {"mbid": "", "#text": one.album},
            "name": one.track,
            "url": _url(one.artist, one.track),
        }
        return {**row, "@attr": {"nowplaying": "true"}} if now else {**row, "date": _date(one.at)}

    rows = [shown(playing, True)] if playing is not None else []
    rows += [shown(one, False) for one in heard]
    return {"recenttracks": {"track": rows, "@attr": _paging(user, page, per_page, total)}}


def loved_body(
    user: str, loved: list[tuple[tuple[str, str], float]], *, page: int, per_page: int, total: int
) -> dict[str, Any]:
    rows = [
        {
            "artist": {
                "url": f"https://www.last.fm/music/{quote_plus(artist)}", "name": artist, "mbid": "",
            },
            "date": _date(at),
            "mbid": "",
            "url": _url(artist, track),
            "name": track,
            "image": _image(),
            "streamable": {"fulltrack": "0", "#text": "0"},
        }
        for (artist, track), at in loved
    ]  # fmt: skip
    return {"lovedtracks": {"track": one_or_many(rows) if rows else [], "@attr": _paging(user, page, per_page, total)}}


def _paging(user: str, page: int, per_page: int, total: int) -> dict[str, str]:
    pages = -(-total // per_page)
    return {
        "user": user, "totalPages": str(pages), "page": str(page), "perPage": str(per_page), "total": str(total),
    }  # fmt: skip


def user_body(name: str, plays: int) -> dict[str, Any]:
    return {
        "user": {
            "playlists": "0",
            "playcount": str(plays),
            "gender": "n",
            "name": name,
            "subscriber": "0",
            "url": f"https://www.last.fm/user/{name}",
            "country": "None",
            "image": [{"size": size, "#text": ""} for size in SIZES],
            "registered": {"unixtime": "1513921363", "#text": 1513921363},
            "type": "user",
            "age": "0",
            "bootstrap": "0",
            "realname": "",
        }
    }


def as_xml(body: Mapping[str, Any]) -> str:
    """The same as XML, which is what comes where JSON was not asked for."""
    if "error" in body:
        inner = f'<error code="{body["error"]}">{escape(str(body["message"]))}</error>'
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<lfm status="failed">\n{inner}</lfm>\n'
    inner = "".join(_element(name, value) for name, value in body.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<lfm status="ok">\n{inner}</lfm>\n'


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if not isinstance(value, Mapping):
        return f"<{name}>{escape(str(value))}</{name}>"
    attributes = {**value.get("@attr", {})}
    children = {key: inner for key, inner in value.items() if key not in ("@attr", "#text")}
    if "#text" in value:
        attributes, children = {**attributes, **children}, {}
    spelled = "".join(f" {key}={quoteattr(str(inner))}" for key, inner in attributes.items())
    inside = escape(str(value.get("#text", ""))) + "".join(_element(key, inner) for key, inner in children.items())
    return f"<{name}{spelled}>{inside}</{name}>"
