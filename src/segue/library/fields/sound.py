"""What can be asked of how a track sounds and of the file it is in: tempo, key, gains, coding, sizes, dates of files."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, exists, func, literal, select

from segue.library.fields.through import files_value, files_word, of_file
from segue.library.musical_keys import CAMELOT
from segue.library.tables import EDITS, FILES, TRACKS
from segue.query import Field, Type, sorted_by
from segue.query.expressions import ascii_lower, moment_of, plain

_t = TRACKS.c
_f = FILES.c


_wheel = case((func.length(_t.camelot) == 2, literal("0") + _t.camelot), else_=_t.camelot)
"""The place on the Camelot wheel as it is sorted: 01A, 01B, 02A … 12B."""


def _edited(field: str) -> ColumnElement[bool]:
    return exists(
        select(EDITS.c.entity_id).where(
            EDITS.c.kind == "track", EDITS.c.entity_id == _t.id, EDITS.c.field == field
        )
    )  # fmt: skip


def tempo_fields() -> list[Field]:
    """Tempo, and who says so: a person's edit stands before what the file says, and that before what was heard."""
    return [
        Field(
            "bpm",
            Type.NUMBER,
            "Its tempo in beats a minute: as edited, else as tagged, else as heard.",
            _t.bpm,
            indexed=True,
            beside=("camelot", "energy"),
            sort=sorted_by(_t.bpm, index="ix_tracks_bpm", nulls="last"),
        ),
        Field(
            "bpm.source",
            Type.ENUM,
            "Who says its tempo: edit (a person), analysis or tag.",
            case((_t.bpm.is_(None), None), (_t.bpm_measured, "analysis"), (_edited("bpm"), "edit"), else_="tag"),
            choices=("edit", "analysis", "tag"),
        ),
    ]


def key_fields() -> list[Field]:
    """Key, its place on the Camelot wheel, and who says so."""
    around = sorted_by(_wheel, nulls="last")
    return [
        Field(
            "key",
            Type.TEXT,
            "Its musical key: as edited, else as tagged, else as heard; sorted around the Camelot wheel.",
            ascii_lower(_t.musical_key),
            fold=plain,
            sort=around,
            aliases=("initialkey",),
        ),
        Field(
            "key.source",
            Type.ENUM,
            "Who says its key: edit (a person), analysis or tag.",
            case(
                (_t.musical_key.is_(None), None), (_t.key_measured, "analysis"), (_edited("key"), "edit"), else_="tag"
            ),
            choices=("edit", "analysis", "tag"),
        ),
        Field(
            "camelot",
            Type.ENUM,
            "Its key on the Camelot wheel, 1A to 12B; ~8A takes in what mixes well with it.",
            _t.camelot,
            indexed=True,
            choices=CAMELOT,
            sort=around,
        ),
    ]


def measured_fields() -> list[Field]:
    """What is only ever heard: energy, danceability, loudness."""
    return [
        Field(
            "energy",
            Type.NUMBER,
            "How energetic it is, 0 to 1, as heard.",
            _t.energy,
            indexed=True,
            sort=sorted_by(_t.energy, index="ix_tracks_energy", nulls="last"),
        ),
        Field(
            "danceability",
            Type.NUMBER,
            "How steady its beat and how regular its low end are, 0 to 1, as heard.",
            _t.danceability,
            sort=sorted_by(_t.danceability, nulls="last"),
        ),
        Field(
            "loudness",
            Type.NUMBER,
            "How loud it is in LUFS (EBU R 128), as heard.",
            _t.loudness_lufs,
            sort=sorted_by(_t.loudness_lufs, nulls="last"),
        ),
        Field(
            "replaygain.source",
            Type.ENUM,
            "Where its gain comes from: analysis or tag.",
            case((_t.replaygain_track_gain_db.is_(None), None), (_t.gain_measured, "analysis"), else_="tag"),
            choices=("analysis", "tag"),
        ),
    ]


def sound_fields() -> list[Field]:
    """Gains as tagged or measured, and the file: its path, its coding, its size and its dates."""
    gains = (
        ("replaygain_track_gain", "Its gain in dB, on ReplayGain's scale (-18 LUFS).", "replaygain_track_gain_db"),
        ("replaygain_track_peak", "Its peak; 1 is full scale.", "replaygain_track_peak"),
        ("replaygain_album_gain", "The gain of its album in dB, on ReplayGain's scale.", "replaygain_album_gain_db"),
        ("replaygain_album_peak", "The peak of its album; 1 is full scale.", "replaygain_album_peak"),
    )
    by_r128 = (("r128_track_gain", "replaygain_track_gain_db"), ("r128_album_gain", "replaygain_album_gain_db"))
    return [
        *(
            Field(name, Type.NUMBER, meaning, _t[column], aliases=(name.replace("replaygain_", "rg").replace("_", ""),))
            for name, meaning, column in gains
        ),
        *(
            Field(
                name,
                Type.NUMBER,
                f"The {name.split('_')[1]}'s gain in dB on the scale of EBU R 128 (-23 LUFS), where an Opus file says it.",
                case((_t.gain_from_r128, _t[column] - 5.0)),
            )
            for name, column in by_r128
        ),
        Field(
            "path",
            Type.TEXT,
            "The path of its file inside the library; A to Z and a to z are the same.",
            many=files_value(ascii_lower(_f.display_path)),
            fold=plain,
            aliases=("filepath", "file"),
        ),
        Field(
            "format",
            Type.TEXT,
            "The container of its file: flac, mp3, ogg …",
            many=files_value(_f.format),
            fold=str.lower,
            aliases=("filetype",),
        ),
        Field(
            "codec", Type.TEXT, "How its sound is coded: flac, opus, aac …", many=files_word(_f.codec), fold=str.lower
        ),
        Field("lossless", Type.BOOLEAN, "Nothing of the sound was left out.", of_file("lossless")),
        Field("bitrate", Type.INTEGER, "Kilobits a second.", many=files_value(_f.bitrate_kbps)),
        Field(
            "sample_rate",
            Type.INTEGER,
            "Samples a second.",
            many=files_value(_f.sample_rate_hz),
            aliases=("samplerate",),
        ),
        Field(
            "bit_depth",
            Type.INTEGER,
            "Bits a sample, of lossless codecs.",
            many=files_value(_f.bit_depth),
            aliases=("bitdepth",),
        ),
        Field("channels", Type.INTEGER, "Channels of sound.", many=files_value(_f.channels)),
        Field("size", Type.INTEGER, "Bytes of its file.", of_file("size_bytes")),
        Field(
            "modified",
            Type.DATE,
            "When its file was last changed.",
            lambda scope: moment_of(of_file("mtime_ns")(scope)),
            aliases=("datemodified",),
        ),
        Field("problem", Type.TEXT, "What is wrong with its file, as a code.", many=files_value(_f.problem_code)),
    ]
