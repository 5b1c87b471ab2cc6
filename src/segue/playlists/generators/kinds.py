"""Which mixes there are, what they are called and how their reasons read. Reasons are kept as codes with parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DAILY = tuple(f"daily-{number}" for number in range(1, 7))
KINDS = (
    *DAILY,
    "on-this-day",
    "forgotten-favourites",
    "most-played-lately",
    "new-unheard",
    "rediscover-album",
    "similar",
    "sonic-path",
)
"""Every kind of mix, in the order they are shown."""

TITLES = {
    "daily": "{names}",
    "on-this-day": "On this day",
    "forgotten-favourites": "Forgotten favourites",
    "most-played-lately": "Most played lately",
    "new-unheard": "New and unheard",
    "rediscover-album": "An album again: {album}",
    "similar": "Sounds like {title}",
    "sonic-path": "From {first} to {last}",
}
SENTENCES = {
    "daily": "Artists you play and others of {genre}.",
    "daily_artists": "Artists you play.",
    "on_this_day": "What you played on this day in earlier years, and albums that came out on it.",
    "forgotten_favourites": "Tracks you starred or rated highly and have not played for half a year.",
    "most_played_lately": "What you played most in the last 30 days.",
    "new_unheard": "What came into the library in the last 60 days and you have not played.",
    "rediscover_album": "{album} by {artist}: played {count} times, last on {date}.",
    "nothing_played_yet": "There are no plays yet to make it from.",
    "nothing_found": "Nothing fits today.",
    "analysis_missing": "The sound of your music has not been analysed yet, so nothing can be told to be similar.",
    "similar": "What sounds most like {title} by {artist}, which you played lately.",
    "sonic_path": "A way from {first} to {last}: each track sounds a little less like the one and more like the other.",
    "sounds_like": "Sounds like {title} by {artist}.",
    "on_the_way": "On the way from {first} to {last}.",
    "often_played_artist": "You played {artist} {count} times lately.",
    "same_genre": "{genre}, like {artist}.",
    "played_on_day": "You played it on this day in {years}.",
    "released_on_day": "{album} came out on this day in {year}.",
    "favourite_last_played": "A favourite you last played on {date}.",
    "favourite_never_played": "A favourite you have not played yet.",
    "played_lately": "Played {count} times in the last 30 days.",
    "added_unheard": "Here since {date}, not played yet.",
    "on_album_again": "{album}, played {count} times, last on {date}.",
}
"""What each reason says, of a mix and of a track in it."""
UNTITLED = {"similar": "Sounds alike", "sonic-path": "A way through your music"}
"""What mixes are called that begin at a track, where there is none."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A track in a mix, and why."""

    track_id: int
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A mix as it was made for a day: `params` fill its title and reason. Without tracks, `code` says why."""

    kind: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)
    tracks: tuple[Picked, ...] = ()

    def content(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "code": self.code,
            "params": self.params,
            "tracks": [[one.track_id, one.code, one.params] for one in self.tracks],
        }

    @classmethod
    def of(cls, kind: str, content: Mapping[str, Any]) -> Made:
        """What `content` was made of."""
        tracks = tuple(Picked(number, code, params) for number, code, params in content["tracks"])
        return cls(kind, content["code"], content["params"], tracks)


def title_of(made: Made) -> str:
    """What a mix is called, in English."""
    text = TITLES["daily" if made.kind in DAILY else made.kind]
    if made.kind in DAILY and not made.params.get("names"):
        return f"Mix {made.kind.rpartition('-')[2]}"
    if made.kind == "rediscover-album" and not made.params.get("album"):
        return "An album again"
    if made.kind in UNTITLED and not made.tracks:
        return UNTITLED[made.kind]
    return _filled(text, made.params)


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """A reason in English."""
    return _filled(SENTENCES[code], params)


def _filled(text: str, params: Mapping[str, Any]) -> str:
    return text.format_map({name: _plain(value) for name, value in params.items()})


def _plain(value: Any) -> Any:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else value
