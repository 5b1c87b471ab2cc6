"""What can be wrong with a file, as a code with parameters; the sentence is made where a person reads it.

A *problem* marks the file: it is shown on the page of files with problems. Where `plays` is false the container could
not be parsed, so there is a file row with this reason and no track; a folder that cannot be looked into is a folder
row. A *doubt* is about one value of the tags (a date in month 16, a number that is not one): the value was dropped or
shortened, the file is fine.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing wrong with a file: a `ProblemCode` and the values its sentence needs."""

    code: str
    params: dict[str, str | int] = {}  # noqa: RUF012 - never changed, and a NamedTuple has no factory


class ProblemCode(StrEnum):
    """Every reason for which a file, or one value in its tags, is marked."""

    GONE = "gone"
    NOT_PERMITTED = "not_permitted"
    NOT_A_FILE = "not_a_file"
    READ_FAILED = "read_failed"
    EMPTY = "empty"
    NOT_AUDIO = "not_audio"
    UNREADABLE = "unreadable"
    NO_AUDIO = "no_audio"
    TIMED_OUT = "timed_out"
    WORKER_DIED = "worker_died"
    CHANGED_WHILE_READ = "changed_while_read"
    TRUNCATED = "truncated"
    CUT_AT_END = "cut_at_end"
    GARBAGE_BEFORE_AUDIO = "garbage_before_audio"
    TAGS_UNREADABLE = "tags_unreadable"
    TAGS_TOO_LARGE = "tags_too_large"
    WRONG_EXTENSION = "wrong_extension"
    FOLDER_UNREADABLE = "folder_unreadable"

    DATE_DOUBTFUL = "date_doubtful"
    NUMBER_DOUBTFUL = "number_doubtful"
    ID_DOUBTFUL = "id_doubtful"
    VALUE_CUT = "value_cut"
    VALUES_CUT = "values_cut"
    NUL_REMOVED = "nul_removed"
    CREDITS_UNMATCHED = "credits_unmatched"
    PICTURE_UNREADABLE = "picture_unreadable"
    PICTURE_TOO_LARGE = "picture_too_large"
    PICTURE_NOT_KEPT = "picture_not_kept"
    ENCODING_GUESSED = "encoding_guessed"
    CUE_UNREADABLE = "cue_unreadable"
    CUE_NOT_USED = "cue_not_used"
    CUE_OTHER_NAME = "cue_other_name"
    CUE_DOES_NOT_FIT = "cue_does_not_fit"
    CUE_HIDDEN = "cue_hidden"
    LYRICS_UNREADABLE = "lyrics_unreadable"
    LYRICS_TOO_LARGE = "lyrics_too_large"
    IMAGE_UNREADABLE = "image_unreadable"
    IMAGE_DAMAGED = "image_damaged"
    IMAGE_TOO_LARGE = "image_too_large"
    IMAGE_TOO_MUCH = "image_too_much"
    IMAGE_GONE = "image_gone"


class Meaning(NamedTuple):
    """What a code says: an English sentence with `{parameters}`, and whether the file still plays."""

    sentence: str
    plays: bool = True


MEANINGS: dict[ProblemCode, Meaning] = {
    ProblemCode.GONE: Meaning("The file was gone when Segue came to read it.", plays=False),
    ProblemCode.NOT_PERMITTED: Meaning("Segue is not allowed to read this file.", plays=False),
    ProblemCode.NOT_A_FILE: Meaning("This is not a regular file but a {what}.", plays=False),
    ProblemCode.READ_FAILED: Meaning("The disk or network reported an error while reading: {error}.", plays=False),
    ProblemCode.EMPTY: Meaning("The file is empty.", plays=False),
    ProblemCode.NOT_AUDIO: Meaning("The content is not audio in any format Segue reads.", plays=False),
    ProblemCode.UNREADABLE: Meaning("The {format} file is damaged and could not be read ({error}).", plays=False),
    ProblemCode.NO_AUDIO: Meaning("The {format} file holds no audio.", plays=False),
    ProblemCode.TIMED_OUT: Meaning(
        "Reading the file took longer than {seconds} seconds and was given up.", plays=False
    ),
    ProblemCode.WORKER_DIED: Meaning("The process reading this file died; the file is probably damaged.", plays=False),
    ProblemCode.CHANGED_WHILE_READ: Meaning("The file changed while it was read; the next scan reads it again."),
    ProblemCode.TRUNCATED: Meaning("The file is cut short: about {percent} % of the music is there."),
    ProblemCode.CUT_AT_END: Meaning("The file breaks off in the middle; its end is missing."),
    ProblemCode.GARBAGE_BEFORE_AUDIO: Meaning("{bytes} bytes that are not audio stand before the music."),
    ProblemCode.TAGS_UNREADABLE: Meaning("The tags are damaged and could not be read ({error})."),
    ProblemCode.TAGS_TOO_LARGE: Meaning("The tags claim {bytes} bytes, more than Segue reads."),
    ProblemCode.WRONG_EXTENSION: Meaning("The name ends in .{extension}, but the content is {format}."),
    ProblemCode.FOLDER_UNREADABLE: Meaning("Segue cannot look into this folder: {error}.", plays=False),
    ProblemCode.DATE_DOUBTFUL: Meaning("The date “{value}” in {field} was read as {read_as}."),
    ProblemCode.NUMBER_DOUBTFUL: Meaning("“{value}” in {field} is not a number that makes sense."),
    ProblemCode.ID_DOUBTFUL: Meaning("“{value}” in {field} is not a valid identifier."),
    ProblemCode.VALUE_CUT: Meaning("The value of {field} was {length} characters long and was cut."),
    ProblemCode.VALUES_CUT: Meaning("{field} has {count} values; only the first {kept} are used."),
    ProblemCode.NUL_REMOVED: Meaning("A NUL character in {field} was removed."),
    ProblemCode.CREDITS_UNMATCHED: Meaning("{field} has {ids} ids for {names} names, so the ids were not used."),
    ProblemCode.PICTURE_UNREADABLE: Meaning("An embedded picture could not be recognised."),
    ProblemCode.PICTURE_TOO_LARGE: Meaning(
        "An embedded picture is too large ({width} × {height} pixels, {bytes} bytes)."
    ),
    ProblemCode.PICTURE_NOT_KEPT: Meaning("An embedded picture could not be kept: {error}."),
    ProblemCode.ENCODING_GUESSED: Meaning("{name} does not say how it is encoded; it was read as {encoding}."),
    ProblemCode.CUE_UNREADABLE: Meaning("The CUE sheet {sheet} could not be read, or is too large to be one."),
    ProblemCode.CUE_NOT_USED: Meaning("The CUE sheet {sheet} was not used, since {other} speaks of the same file."),
    ProblemCode.CUE_OTHER_NAME: Meaning("The CUE sheet {sheet} calls this file “{file}”."),
    ProblemCode.CUE_DOES_NOT_FIT: Meaning(
        "The CUE sheet {sheet} does not fit the music, so the file was not divided into tracks."
    ),
    ProblemCode.CUE_HIDDEN: Meaning("{seconds} seconds of music stand before the first track of the CUE sheet."),
    ProblemCode.LYRICS_UNREADABLE: Meaning("The lyrics in {name} could not be read ({error})."),
    ProblemCode.LYRICS_TOO_LARGE: Meaning("{name} is too large for lyrics ({bytes} bytes), and was not read."),
    ProblemCode.IMAGE_UNREADABLE: Meaning("This is not a picture in any format Segue shows."),
    ProblemCode.IMAGE_DAMAGED: Meaning("The picture is damaged."),
    ProblemCode.IMAGE_TOO_LARGE: Meaning(
        "The picture is too large to be decoded safely ({width} × {height} pixels, {bytes} bytes)."
    ),
    ProblemCode.IMAGE_GONE: Meaning("The file that held this picture is gone, or holds another one now."),
    ProblemCode.IMAGE_TOO_MUCH: Meaning("The picture took more time or memory than a picture may ({error})."),
}


def sentence(problem: Problem) -> str:
    """Return the English sentence for a problem or doubt; an unknown code is answered by itself."""
    try:
        meaning = MEANINGS[ProblemCode(problem.code)]
        return meaning.sentence.format_map(problem.params)
    except (ValueError, KeyError, IndexError):
        return problem.code.replace("_", " ")


def plays(problem: Problem | None) -> bool:
    """Say whether a file with this problem still is a track (a marked one), or only a file row with a reason."""
    if problem is None:
        return True
    try:
        return MEANINGS[ProblemCode(problem.code)].plays
    except ValueError:
        return False
