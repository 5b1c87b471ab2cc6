"""What a scan knows of a piece of the library before it writes: folders as they are, files as they were and are now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from segue.core.clock import utc_now
from segue.core.text import sort_key
from segue.library.lyrics.words_plan import WordsPlan
from segue.library.overrides.grouping import Grouping
from segue.library.pictures.plan import FolderPictures
from segue.library.scan.cue.sheet import SheetText
from segue.library.scan.cue.slices import Slice
from segue.library.scan.facts import FileFacts, TrackTags
from segue.library.scan.grouping import AlbumKey, GroupedFile
from segue.library.scan.packing import PackedAlbum, PackedFile
from segue.library.scan.problems import Problem, ProblemCode
from segue.library.scan.rules import ORDER
from segue.library.scan.walk import Entry, Listing
from segue.library.scan.write.rows import track_title

LARGE_FOLDER = 60_000
"""Files of an album folder beyond which they are grouped in parts, each file speaking for itself. Up to here all of them are
looked at together, however many there are: what one file says may decide for the last. A file waiting to be written takes
about three kilobytes."""

TRY_AGAIN = frozenset(
    [ProblemCode.GONE, ProblemCode.NOT_PERMITTED, ProblemCode.READ_FAILED, ProblemCode.CHANGED_WHILE_READ]
)
"""Problems that may pass by themselves: such a file is read at every scan."""


class StoredFile(NamedTuple):
    """A file as the tables have it, with its track where it has one."""

    id: int
    library_id: int
    folder_id: int
    path: bytes
    size: int
    mtime_ns: int
    audio_key: bytes | None
    tag_hash: bytes | None
    problem_code: str | None
    missing_since: datetime | None
    read_at: datetime | None
    track_id: int | None
    album_id: int | None
    track_missing_since: datetime | None
    artwork_id: int | None
    duration_ms: int | None
    disc: int | None
    position: int | None
    title_key: str | None
    recording: str | None
    start_ms: int | None = None
    """Where its track begins in the file, None for a track that is the whole file."""
    end_ms: int | None = None
    has_lyrics: bool | None = None
    merged_into: int | None = None
    """The track that a person made its track part of; it stays hidden."""
    device: int | None = None
    ctime_ns: int | None = None

    @property
    def is_present(self) -> bool:
        """Whether it has a track that can be played."""
        return self.track_id is not None and self.track_missing_since is None

    def is_other_music(self, file: FilePlan) -> bool:
        """Whether `file`, which was read at this row's path, is plainly not what the row was about."""
        facts, tags = file.facts, file.tags
        if facts is None or self.audio_key is None or facts.audio_key in (None, self.audio_key) or tags is None:
            return False
        if self.recording is not None and self.recording == tags.recording_mbid:
            return False
        title = tags.title_sort or track_title(tags, file.path)
        return self.title_key != sort_key(title, language=tags.language)

    def must_be_read(self, entry: Entry, unless_read_since: datetime | None) -> bool:
        """Whether the file on disk may say something else than what is stored. `unless_read_since` is the beginning of a
        full scan, which reads everything once."""
        if (self.size, self.mtime_ns) != (entry.size, entry.mtime_ns) or self.tag_hash is None:
            return True
        if self.ctime_ns and entry.ctime_ns and self.ctime_ns != entry.ctime_ns:
            return True
        if self.problem_code in TRY_AGAIN or (self.problem_code == ProblemCode.TIMED_OUT and self.is_present):
            return True
        return unless_read_since is not None and not is_done_since(unless_read_since, self.read_at)


def is_done_since(since: datetime, done_at: datetime | None) -> bool:
    """Whether something was done between `since` and now; a moment in the future is of a clock that was wrong."""
    return done_at is not None and since <= done_at <= utc_now()


@dataclass(slots=True, eq=False)
class FolderPlan:
    """One folder as it is now. `id` is None until it has a row."""

    path: bytes
    listing: Listing
    id: int | None = None
    settled: bool = True
    """False where something in it must be looked at again at the next scan: its fingerprint is not kept then."""
    pictures: FolderPictures | None = None
    """Its pictures, where it has or had any."""
    looked_at: bool = False
    """Somebody looks at its pictures, or has."""
    sheets: list[SheetText] = field(default_factory=list)
    """The CUE sheets in it."""

    @property
    def has_another_cover(self) -> bool:
        """Whether this scan gave it another cover: said with every part of a large folder."""
        return self.pictures is not None and self.pictures.cover_changed


@dataclass(slots=True, eq=False)
class FilePlan:
    """One file as it is now, and the row it will be."""

    folder: FolderPlan
    path: bytes
    entry: Entry
    stored: StoredFile | None
    packed: PackedFile | None = None
    """What reading gave, as far as it needs no closer look; `packing.unpack` makes the facts and tags of it."""
    facts: FileFacts | None = None
    """None where there was nothing to read."""
    document: bytes | None = None
    tag_hash: bytes | None = None
    tags: TrackTags | None = None
    key: AlbumKey | None = None
    wanted: bool = False
    """It must be read."""
    replaces: int | None = None
    """The row of a missing file whose path this one has now, though it is other music."""
    trouble: Problem | None = None
    """Why it could not be read this time, though it is there: what was known of it holds."""
    recognised: tuple[str, dict[str, Any]] | None = None
    """Why its row, which was elsewhere, is taken for it: a reason of `identity` and its facts (`was`, or `library`)."""
    rewrite: bool = False
    """Its track is written again though the file says nothing new: edits, rules or its album have changed."""
    missing: bool = False
    """It is not there, and what is written again keeps that mark."""
    edited: frozenset[str] = frozenset()
    """The fields of its track that a person edited."""

    piece: Slice | None = None
    """The part of the file that this track is, where a CUE sheet divides it."""
    carrier: FilePlan | None = None
    """The first slice of the same file, which stands for the file's row; None for itself and for a whole file."""
    former: list[StoredFile] = field(default_factory=list)
    """Tracks that the file had and has no longer, since its sheet is another one."""
    words: WordsPlan | None = None
    """What becomes of the words beside it, where there are or were any."""

    @property
    def is_hidden(self) -> bool:
        """Whether its track stays unseen: its file is not there, or a person made it part of another track."""
        return self.missing or (self.stored is not None and self.stored.merged_into is not None)

    @property
    def is_track(self) -> bool:
        return self.tags is not None

    @property
    def best_picture(self) -> str | None:
        """sha256 of the picture in the file that stands for it, where it was read and kept."""
        if self.packed is not None:
            return self.packed.picture
        if self.facts is None:
            return None
        return next((p.sha256 for p in self.facts.pictures if p.best and (p.spooled or p.data is not None)), None)

    def take(self, packed: PackedFile) -> None:
        """What reading gave."""
        self.packed = packed
        read_as = (packed.size, packed.mtime_ns)
        if packed.tag_hash is None or packed.problem in TRY_AGAIN or read_as != (self.entry.size, self.entry.mtime_ns):
            self.folder.settled = False


@dataclass(slots=True, eq=False)
class Unit:
    """Files that are grouped together: an album folder with its discs' folders, or a part of a very large one."""

    base: bytes
    folders: list[FolderPlan]
    files: list[FilePlan]
    last: bool = True
    """The last part of its folders: with it, their fingerprints are kept."""
    whole: bool = True
    unread: int = 0
    prior_albums: dict[str, int] = field(default_factory=dict)
    """The album each group had, or has been given."""
    parked: list[int] = field(default_factory=list)
    """Files whose path something else takes: they move, or they are gone and other music lies there now."""
    pictures: asyncio.Task[None] | None = None
    """Finds the pictures of its folders meanwhile."""
    begun: bool = False
    """Some part of it has been written."""
    divided: bool = False
    """It is written in several parts: large albums in it are put together with the last of them."""
    recognised: bool = False
    """Its files have been given the rows they had, where they had any."""
    albums: list[PackedAlbum] | None = None
    """The albums it makes, where everything in it is new and the readers could tell."""

    @property
    def ready(self) -> bool:
        return self.unread == 0

    def group(self, grouping: Grouping | None = None) -> None:
        """Give every track its album key by these rules and decisions; by the usual rules without."""
        tracks = [file for file in self.files if file.tags is not None]
        grouped = [GroupedFile(self.base, file.tags, file.folder.path) for file in tracks if file.tags is not None]
        keys = (grouping or Grouping()).keys(tracks, grouped, self.whole)
        for file, key in zip(tracks, keys, strict=True):
            file.key = key

    def groups(self) -> dict[str, list[FilePlan]]:
        """Tracks by the album they belong to."""
        found: dict[str, list[FilePlan]] = {}
        for file in self.files:
            if file.key is not None:
                found.setdefault(file.key.group, []).append(file)
        return found

    def replace_album(self, old: int, new: int) -> None:
        """Groups that were to be the album `old` are `new`: its row has been given up."""
        for group, album in self.prior_albums.items():
            if album == old:
                self.prior_albums[group] = new

    def parts(self, size: int) -> Iterator[list[FilePlan]]:
        """The files in parts of about `size`, slices of one file together; at least one part, even if empty."""
        part: list[FilePlan] = []
        for file in self.files:
            if len(part) >= size and file.carrier is None:
                yield part
                part = []
            part.append(file)
        yield part


def primary_key(files: list[FilePlan]) -> AlbumKey:
    """The key that says best why `files` are one album: a person's word, else the earliest rule that brought one in."""
    keys = [file.key for file in files if file.key is not None]
    return min(keys, key=lambda key: ORDER.get(key.rule, -1))
