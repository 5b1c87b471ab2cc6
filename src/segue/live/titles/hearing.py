"""What a recording holds, track by track: the titles that fit best, with the sets and encores that they tell."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from segue.live.records import Heard, Item, ItemTrack, Setlist
from segue.live.titles.texts import setlist_of_text, track_titles
from segue.live.titles.vocabulary import Vocabulary

_SET_OF_FILE = re.compile(r"(?:^|[^a-z])s(?:et)?([1-4])[-_. ]?t(?:rack)?\d", re.IGNORECASE)
_BREAK = re.compile(r"\W*(?:end of (?:the )?(?:1st |first )?set|set ?break|intermission)\b", re.IGNORECASE)
_ENCORE = "Encore"
_LITTLE = 2 / 3
"""Titles tell little that name fewer different songs than this share of the tracks, or of the songs of the night."""


def heard_of(item: Item, vocabulary: Vocabulary, *, setlist: Setlist | None = None) -> list[Heard]:
    """What was played in each track of `item`, in order; a medley gives several for its track.

    Of the titles that original files and derived files give those are taken that fit the setlist best (the vocabulary,
    where no setlist is known), the originals' where none is better; the info file and the description are asked where
    those tell little. Set names hold from where a header, a mark or a file's name tells them until another is told.
    """
    show = vocabulary.songs_of(setlist) if setlist is not None and setlist.sets else None
    tracks = item.tracks
    best = [track.title for track in tracks]
    others = _other_titles(tracks)
    texts = [text for text in (item.info_text, item.description) if text]
    if tracks and (others or texts):
        fit = _fit(best, vocabulary, show)
        for titles in others:
            if (other := _fit(titles, vocabulary, show)) > fit:
                fit, best = other, titles
        if fit[0] < _LITTLE * min(len(tracks), len(show or tracks)):
            for titles in _listed(texts, len(tracks), vocabulary):
                if (other := _fit(titles, vocabulary, show)) > fit:
                    fit, best = other, titles
    return _in_sets(best, tracks, vocabulary, show)


def _other_titles(tracks: Sequence[ItemTrack]) -> list[list[str]]:
    most = max([len(track.other_titles) for track in tracks], default=0)
    return [
        [track.other_titles[place] if place < len(track.other_titles) else track.title for track in tracks]
        for place in range(most)
    ]


def _listed(texts: Sequence[str], count: int, vocabulary: Vocabulary) -> list[list[str]]:
    """Titles from texts that list exactly as many as there are tracks."""
    found: list[list[str]] = []
    for text in texts:
        numbered = track_titles(text)
        if len(numbered) == count:
            found.append(numbered)
            continue
        named = [
            f"{song.name}{' >' if song.segue else ''}"
            for one in setlist_of_text(text, vocabulary)
            for song in one.songs
        ]
        if len(named) == count:
            found.append(named)
    return found


def _fit(titles: Sequence[str], vocabulary: Vocabulary, show: Collection[str] | None) -> tuple[int, int]:
    """How many different songs (of the show, where it is known) are heard, and how many tracks are understood."""
    heard = [one for title in titles for one in vocabulary.hear(title, show=show)]
    songs = {one.song for one in heard if one.song and (show is None or one.song in show)}
    return len(songs), sum([one.kind != "unknown" for one in heard])


def _in_sets(
    titles: Sequence[str], tracks: Sequence[ItemTrack], vocabulary: Vocabulary, show: Collection[str] | None
) -> list[Heard]:
    found: list[Heard] = []
    current = ""
    known = vocabulary.on_tracks.get
    told = bool(tracks and tracks[0].files and _SET_OF_FILE.search(tracks[0].files[0].name))
    for title, track in zip(titles, tracks, strict=True):
        if told and track.files and current != _ENCORE and (of_file := _SET_OF_FILE.search(track.files[0].name)):
            current = f"Set {of_file[1]}"
        pieces, current = known((title, track.number, current)) or _on_track(
            title, track.number, current, vocabulary, show
        )
        found += pieces
    return found


def _on_track(
    title: str, number: int, current: str, vocabulary: Vocabulary, show: Collection[str] | None
) -> tuple[tuple[Heard, ...], str]:
    """The pieces of a track that stands in the set `current`, and the set after it."""
    before, pieces = current, []
    for one in vocabulary.heard(title, show):
        if one.set_name:
            current = one.set_name
        elif one.kind == "nonsong" and _BREAK.match(title):
            current = _next_set(current)
        encore = one.encore or current == _ENCORE
        pieces.append(
            Heard(one.raw, one.song, one.kind, one.segue, encore, one.cut, current, one.note, one.how, number)
        )  # fmt: skip
    found = tuple(pieces), current
    if vocabulary.is_settled(title):
        vocabulary.on_tracks[title, number, before] = found
    return found


def _next_set(current: str) -> str:
    number = current.removeprefix("Set ")
    return f"Set {int(number) + 1}" if number.isdigit() else current or "Set 2"
