"""What reading one file tells: its audio, its tags, its pictures, and what is wrong with it.

These are plain values without a database: made by `read.read_file` in a worker process, pickled, and turned into rows
by the writer. Everything a tag may say has its place here once, whatever the format called it.

Conventions: text is NFC without NUL and never empty (`None` or an empty tuple says "not there"); dates are partial text
(`1977`, `1977-05`, `1977-05-08`); ids of MusicBrainz are lower-case UUIDs; durations are integer milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from segue.library.scan.problems import Problem

__all__ = [
    "OF_EACH", "Chapter", "Credit", "FileFacts", "Lyrics", "PictureFacts", "Problem", "ReplayGain", "TrackTags", "alike",
]  # fmt: skip


class Credit(NamedTuple):
    """One person or group taking part, as the file credits them; the order in the tuple is the order of credit.

    `role` is one of `artist`, `album_artist`, `composer`, `conductor`, `performer`, `remixer`, `producer`, `lyricist`,
    `writer`, `arranger`, `engineer`, `mixer`, `dj_mixer`, `director`. `instrument` goes with `performer` (free text:
    `guitar`, `soprano vocals`). `join_phrase` is the text between this name and the next (` feat. `, ` & `); joining
    `credited_as or name` with the phrases gives back the display text. `name` is the artist's name; `credited_as` is
    set only where the display text spells it differently.
    """

    name: str
    role: str = "artist"
    sort: str | None = None
    mbid: str | None = None
    instrument: str | None = None
    credited_as: str | None = None
    join_phrase: str = ""


class Lyrics(NamedTuple):
    """One embedded text: plain, or LRC/other timed text where `synced` (ID3's SYLT is turned into LRC)."""

    text: str
    language: str | None = None
    description: str | None = None
    synced: bool = False


class Chapter(NamedTuple):
    """A named stretch of one file; `end_ms` is None where the format only says where it begins."""

    start_ms: int
    end_ms: int | None
    title: str | None


class ReplayGain(NamedTuple):
    """Loudness from tags, all in the ReplayGain 2 scale (reference -18 LUFS): gains in dB, peaks as linear amplitude.

    R128 gains of Opus (Q7.8 relative to -23 LUFS, RFC 7845 section 5.2.1) are converted by adding 5 dB; `from_r128`
    says so. Opus' own output gain in its header is applied by every decoder and is not counted in.
    """

    track_gain: float | None = None
    track_peak: float | None = None
    album_gain: float | None = None
    album_peak: float | None = None
    from_r128: bool = False


class PictureFacts(NamedTuple):
    """One embedded picture.

    `kind` is `front`, `back`, `artist`, `media`, `leaflet`, `other` …(ID3's picture types, by name). Width and height
    are 0 where the image's header could not be read. `sha256` is the lower-case hex of its bytes, its identity for
    artwork. The bytes are in `data`, or, where the reader was given a spool folder, in the file `<spool>/<sha256>`
    (`spooled`); only the one picture that stands for the track (`best`) is kept; a picture refused for its size has
    neither.
    """

    kind: str
    mime: str
    width: int
    height: int
    sha256: str
    size: int
    best: bool = False
    spooled: bool = False
    data: bytes | None = None
    description: str | None = None


class TrackTags(NamedTuple):
    """Everything the tags of one file say, under one name each (Picard's meaning, our spelling)."""

    title: str | None = None
    title_sort: str | None = None
    subtitle: str | None = None
    album: str | None = None
    album_sort: str | None = None
    artist_display: str | None = None
    """The track artist as one line, as the file shows it; equal to the joined `artists` wherever that was possible."""
    album_artist_display: str | None = None
    artists: tuple[Credit, ...] = ()
    album_artists: tuple[Credit, ...] = ()
    credits: tuple[Credit, ...] = ()
    """Everybody else, by role: composers, conductor, performers with instrument, remixer …"""

    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    grouping: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    catalog_numbers: tuple[str, ...] = ()
    barcode: str | None = None
    isrcs: tuple[str, ...] = ()

    date: str | None = None
    original_date: str | None = None
    release_date: str | None = None
    """When this very edition came out, where the file says so beside the date."""
    recording_date: str | None = None
    disc_number: int | None = None
    disc_total: int | None = None
    disc_subtitle: str | None = None
    track_number: int | None = None
    track_total: int | None = None
    track_position: str | None = None
    """The track number as written where it is not a plain number (a vinyl side: `A1`)."""
    compilation: bool = False
    release_types: tuple[str, ...] = ()
    """Lower case, primary first: `album`, `single`, `ep`, `live`, `compilation` …"""
    release_status: str | None = None
    release_country: str | None = None
    media: str | None = None
    language: str | None = None
    script: str | None = None

    recording_mbid: str | None = None
    track_mbid: str | None = None
    release_mbid: str | None = None
    release_group_mbid: str | None = None
    work_mbids: tuple[str, ...] = ()
    disc_id: str | None = None
    """MusicBrainz disc id (28 characters, not a UUID)."""
    external_ids: tuple[tuple[str, str], ...] = ()
    """(namespace, value), e.g. (`acoustid`, …), (`discogs:release`, …), (`asin`, …)."""

    bpm: float | None = None
    key: str | None = None
    comment: str | None = None
    copyright: str | None = None
    work: str | None = None
    movement: str | None = None
    movement_number: int | None = None
    movement_total: int | None = None
    explicit: bool | None = None
    replay_gain: ReplayGain | None = None
    lyrics: tuple[Lyrics, ...] = ()
    own: tuple[tuple[str, str], ...] = ()
    """(name, value) of the fields that a person added in the rules for tags."""


OF_EACH = (
    "title", "title_sort", "subtitle", "isrcs", "track_number", "track_total", "track_position", "recording_mbid",
    "track_mbid", "work_mbids", "external_ids", "bpm", "key", "comment", "work", "movement", "movement_number",
    "movement_total", "replay_gain", "lyrics",
)  # fmt: skip
"""The members in which the tracks of an album differ. In all others they mostly say the same, so that what follows from
those need not be worked out for each."""

alike: Callable[[TrackTags], tuple[Any, ...]] = itemgetter(
    *(place for place, name in enumerate(TrackTags._fields) if name not in OF_EACH)
)
"""The members of tags that are not OF_EACH."""


class FileFacts(NamedTuple):
    """What one read of one file found.

    `path` is relative to the library's root, as the operating system spells it; `size` and `mtime_ns` are those of the
    opened file, so they belong to what was read. `tags is None` exactly where the file is no track (`problem` says why,
    and `plays(problem)` is false). A file with tags may still have a problem: it is a marked track. Files without any
    tags have an empty `TrackTags()`.
    """

    path: bytes
    size: int
    mtime_ns: int
    format: str | None = None
    """Container: `mp3 flac ogg mp4 wav aiff asf ape wavpack musepack dsf dff tta aac`."""
    codec: str | None = None
    """`mp3 mp2 mp1 flac vorbis opus speex aac alac pcm wma wmalossless ape wavpack musepack dsd tta`."""
    lossless: bool = False
    content_type: str | None = None
    duration_ms: int = 0
    bitrate_kbps: int = 0
    """Average over the audio, rounded; 0 where unknown."""
    sample_rate_hz: int = 0
    bit_depth: int = 0
    """Bits per sample of a lossless codec; 0 for lossy ones."""
    channels: int = 0
    audio_key: bytes | None = None
    """16 bytes that stay equal when only tags, pictures or padding change."""
    audio_key_kind: str | None = None
    """`flac_md5` (of the decoded audio, from STREAMINFO) or `packets_1` (see `audio_key`)."""
    problem: Problem | None = None
    doubts: tuple[Problem, ...] = ()
    """Lesser things: values dropped or shortened, a lying extension beside a graver problem."""
    tags: TrackTags | None = None
    raw: dict[str, list[str]] | None = None
    """The tags as the format spells them, bounded to 64 KiB of text; binary values as `<size bytes, sha256 …>`."""
    raw_truncated: bool = False
    pictures: tuple[PictureFacts, ...] = ()
    cue_sheet: str | None = None
    chapters: tuple[Chapter, ...] = ()
    bytes_read: int = 0
    rules_hash: bytes | None = None
    """Of the rules that made the tags, see `tags.rules`."""
