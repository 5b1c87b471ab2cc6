"""What is looked for, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segue.match import Reason, RecordingFacts
from segue.match.recordings import isrc

MUSICBRAINZ_RECORDING, MUSICBRAINZ_TRACK = "musicbrainz:recording", "musicbrainz:track"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of the track that is meant. Whatever is not known is empty or None, and speaks against nothing."""

    title: str = ""
    artists: tuple[str, ...] = ()
    """Each by itself, or all in one line as it is shown (`Ann feat. Bo`): both are understood."""
    album: str = ""
    album_artist: str = ""
    duration_ms: int | None = None
    disc: int | None = None
    position: int | None = None
    isrc: str | None = None
    external_ids: Mapping[str, str | tuple[str, ...] | list[str]] = field(default_factory=dict)
    """By namespace (`musicbrainz:recording`, `musicbrainz:track`, `spotify:track` …), one value or several."""
    path: str = ""
    """As it is written somewhere: absolute, relative, of another system. Bytes that are no text as surrogate escapes."""
    track_id: int | None = None
    """Our own id, where the text has one; it counts only where the title does not contradict it."""

    def ids(self) -> list[tuple[str, str]]:
        """The (namespace, value) pairs, ISRCs among them as plain codes."""
        pairs = []
        for namespace, values in self.external_ids.items():
            for value in (values,) if isinstance(values, str) else values:
                pairs.append((namespace, value))
        if self.isrc:
            pairs.append(("isrc", self.isrc))
        return [(name, code) for name, value in pairs if (code := isrc(value) if name == "isrc" else value.strip())]

    def facts(self) -> RecordingFacts:
        """The same for `match`."""
        pairs = self.ids()
        recording = next((value for name, value in pairs if name == MUSICBRAINZ_RECORDING), None)
        return RecordingFacts(
            title=self.title,
            artists=self.artists or ((self.album_artist,) if self.album_artist else ()),
            duration_ms=self.duration_ms or None,
            album=self.album,
            disc=self.disc,
            position=self.position,
            musicbrainz_id=recording.lower() if recording else None,
            isrcs=frozenset(value for name, value in pairs if name == "isrc"),
            acoustids=frozenset(value for name, value in pairs if name == "acoustid"),
            external_ids=frozenset(
                pair for pair in pairs if pair[0] not in ("isrc", "acoustid", MUSICBRAINZ_RECORDING)
            ),
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.title or self.path or self.track_id or self.isrc or self.external_ids)


@dataclass(frozen=True, slots=True)
class Other:
    """A track that may be meant as well."""

    track_id: int
    score: float
    method: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The track that is meant, as far as one can say.

    `score` is 0 to 1, `method` the code of what decided (own_id, musicbrainz_id, external_id, isrc, acoustid, path,
    path_end, text), `sure` whether it may be taken without asking a person; `others` are the next likely, at most four.
    """

    track_id: int
    score: float
    method: str
    reasons: tuple[Reason, ...]
    sure: bool
    others: tuple[Other, ...] = ()

    def reasons_as_json(self) -> list[list[Any]]:
        """[[code, params, weight], …], as reasons are stored."""
        return [[reason.code, reason.params, reason.weight] for reason in self.reasons]


def wanted_of(
    title: str,
    artist: str = "",
    album: str = "",
    duration_ms: int | None = None,
    external_ids: Mapping[str, Any] | None = None,
) -> Wanted:
    """What a row says that kept its words: a row of a playlist or a play."""
    given = {name: value for name, value in (external_ids or {}).items() if isinstance(value, str | list | tuple)}
    artists = (artist,) if artist else ()
    return Wanted(title=title, artists=artists, album=album, duration_ms=duration_ms, external_ids=given)
