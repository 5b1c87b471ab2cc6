"""What tags say, in every system, under one name each."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from mutagen import id3
from mutagen.id3 import ID3

from segue.library.scan.facts import Chapter, Credit, FileFacts, Lyrics, ReplayGain, TrackTags
from segue.library.scan.problems import ProblemCode
from segue.library.scan.read import read_file
from segue.library.scan.tags.rules import shipped
from tests.library.media import FORMATS, bare, png, tagged

ONE = "0b0d0f6e-0000-4000-8000-000000000001"
TWO = "0b0d0f6e-0000-4000-8000-000000000002"
COMMON = {
    "title": "Für Elise",
    "artist": "Ludwig",
    "album": "Bagatellen",
    "albumartist": "Various Artists",
    "genre": ["Classical", "Piano"],
    "date": "1977-05-08",
    "tracknumber": "3",
    "tracktotal": "12",
    "discnumber": "1",
    "disctotal": "2",
    "composer": ["Beethoven"],
    "label": "Label",
    "isrc": "DEA123456789",
    "compilation": "1",
    "comment": "Taped from the radio",
    "bpm": "72",
    "musicbrainz_trackid": ONE,
    "musicbrainz_artistid": TWO,
    "musicbrainz_albumid": ONE,
    "releasetype": ["album", "compilation"],
    "catalognumber": "CAT 1",
    "barcode": "0123456789012",
    "originaldate": "1867",
}


def read(folder: Path, fmt: str, data: bytes) -> FileFacts:
    file = folder / f"x.{FORMATS.get(fmt, fmt)}"
    file.write_bytes(data)
    facts = read_file(bytes(folder), file.name.encode())
    assert facts.problem is None, facts.problem
    return facts


def tags_of(folder: Path, fmt: str, data: bytes) -> TrackTags:
    tags = read(folder, fmt, data).tags
    assert tags is not None
    return tags


def vorbis(folder: Path, **values: str | list[str]) -> FileFacts:
    return read(folder, "flac", tagged("flac", tags=values))


def id3_file(folder: Path, *frames: id3.Frame, version: int = 4) -> FileFacts:
    tag = ID3()
    for frame in frames:
        tag.add(frame)
    if version == 3:
        tag.update_to_v23()
    out = io.BytesIO(bare("mp3"))
    tag.save(out, v2_version=version)
    return read(folder, "mp3", out.getvalue())


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_says_the_same(tmp_path: Path, fmt: str) -> None:
    tags = tags_of(tmp_path, fmt, tagged(fmt, tags=COMMON, cover=png()))
    assert tags.title == "Für Elise"
    assert tags.album == "Bagatellen"
    assert tags.artists == (Credit("Ludwig", mbid=TWO),)
    assert tags.album_artists == (Credit("Various Artists", "album_artist"),)
    assert (tags.artist_display, tags.album_artist_display) == ("Ludwig", "Various Artists")
    assert tags.genres == ("Classical", "Piano")
    assert (tags.date, tags.original_date) == ("1977-05-08", "1867")
    assert (tags.track_number, tags.track_total) == (3, 12)
    assert (tags.disc_number, tags.disc_total) == (1, 2)
    assert tags.credits == (Credit("Beethoven", "composer"),)
    assert tags.labels == ("Label",)
    assert tags.isrcs == ("DEA123456789",)
    assert tags.compilation
    assert tags.comment == "Taped from the radio"
    assert tags.bpm == 72
    assert (tags.recording_mbid, tags.release_mbid) == (ONE, ONE)
    assert tags.release_types == ("album", "compilation")
    assert (tags.catalog_numbers, tags.barcode) == (("CAT 1",), "0123456789012")


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_file_without_tags_is_a_track_without_a_name(tmp_path: Path, fmt: str) -> None:
    facts = read(tmp_path, fmt, bare(fmt))
    assert facts.tags is not None
    assert facts.tags.title is None
    assert facts.tags.artists == ()


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_embedded_cover_is_described_and_hashed(tmp_path: Path, fmt: str) -> None:
    import hashlib

    (picture,) = read(tmp_path, fmt, tagged(fmt, cover=png(40, 30))).pictures
    assert (picture.kind, picture.mime, picture.width, picture.height) == ("front", "image/png", 40, 30)
    assert picture.sha256 == hashlib.sha256(png(40, 30)).hexdigest()
    assert (picture.best, picture.data) == (True, png(40, 30))


def test_every_system_has_names_for_nearly_every_field_and_every_role_has_a_field() -> None:
    rules = shipped()
    assert set(rules.people) <= rules.fields
    for lookup in (rules.vorbis, rules.ape, rules.asf, rules.mp4, rules.id3):
        assert len({field for field, _ in lookup.values()}) >= 75


# --- artists --------------------------------------------------------------------------------------------------------


def test_artists_with_a_display_line_keep_their_join_phrases(tmp_path: Path) -> None:
    facts = vorbis(
        tmp_path, artist="Simon & Garfunkel feat. Björk", artists=["Simon", "Garfunkel", "Björk"],
        artistsort="Simon, P. & Garfunkel, A. feat. Björk",
    )  # fmt: skip
    assert facts.tags is not None
    assert [(c.name, c.sort, c.join_phrase) for c in facts.tags.artists] == [
        ("Simon", "Simon, P.", " & "),
        ("Garfunkel", "Garfunkel, A.", " feat. "),
        ("Björk", "Björk", ""),
    ]
    assert facts.tags.artist_display == "Simon & Garfunkel feat. Björk"


def test_a_name_spelled_otherwise_in_the_display_line_is_credited_as(tmp_path: Path) -> None:
    tags = vorbis(tmp_path, artist="BJÖRK with Tricky", artists=["Björk", "Tricky"]).tags
    assert tags is not None
    assert [(c.name, c.credited_as, c.join_phrase) for c in tags.artists] == [
        ("Björk", "BJÖRK", " with "),
        ("Tricky", None, ""),
    ]


def test_an_artist_that_a_writer_says_twice_is_credited_once(tmp_path: Path) -> None:
    tags = vorbis(tmp_path, artist=["Ada", "Ada"]).tags
    assert tags is not None
    assert (tags.artist_display, [credit.name for credit in tags.artists]) == ("Ada", ["Ada"])


def test_two_people_of_one_name_stay_two_where_each_has_an_id(tmp_path: Path) -> None:
    tags = vorbis(tmp_path, artist=["Ada", "Ada"], musicbrainz_artistid=[ONE, TWO]).tags
    assert tags is not None
    assert [(credit.name, credit.mbid) for credit in tags.artists] == [("Ada", ONE), ("Ada", TWO)]


def test_names_that_ffmpeg_writes_are_understood() -> None:
    assert shipped().asf["date"][0] == "date"
    assert shipped().ape["album_artist"][0] == "albumartist"


def test_repeated_artists_are_several_and_ids_go_with_them(tmp_path: Path) -> None:
    tags = vorbis(tmp_path, artist=["One", "Two"], musicbrainz_artistid=[ONE, TWO]).tags
    assert tags is not None
    assert tags.artists == (Credit("One", mbid=ONE, join_phrase=", "), Credit("Two", mbid=TWO))
    assert tags.artist_display == "One, Two"


@pytest.mark.parametrize("name", ["AC/DC", "Earth, Wind & Fire", "Simon and Garfunkel", "A feat. B", "hey; ho"])
def test_one_name_is_never_taken_apart_without_as_many_ids(tmp_path: Path, name: str) -> None:
    tags = vorbis(tmp_path, artist=name, musicbrainz_artistid=ONE).tags
    assert tags is not None
    assert tags.artists == (Credit(name, mbid=ONE),)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("A/B", ["A", "B"]),
        ("AC/DC feat. Bon", ["AC/DC", "Bon"]),
        ("Earth, Wind & Fire feat. The Emotions", ["Earth, Wind & Fire", "The Emotions"]),
        ("One & Two", ["One", "Two"]),
        ("One, Two", ["One", "Two"]),
    ],
)
def test_one_line_with_as_many_ids_as_parts_is_taken_apart(tmp_path: Path, line: str, names: list[str]) -> None:
    tags = vorbis(tmp_path, artist=line, musicbrainz_artistid=[ONE, TWO]).tags
    assert tags is not None
    assert [(c.name, c.mbid) for c in tags.artists] == [(names[0], ONE), (names[1], TWO)]
    assert "".join((c.credited_as or c.name) + c.join_phrase for c in tags.artists) == line
    assert tags.artist_display == line


def test_ids_that_do_not_fit_the_names_are_left_out_with_a_doubt(tmp_path: Path) -> None:
    facts = vorbis(tmp_path, artist=["One", "Two", "Three"], musicbrainz_artistid=[ONE, TWO])
    assert facts.tags is not None
    assert [c.mbid for c in facts.tags.artists] == [None, None, None]
    assert [doubt.code for doubt in facts.doubts] == [ProblemCode.CREDITS_UNMATCHED]


def test_ids_joined_with_a_slash_by_id3v23_are_two(tmp_path: Path) -> None:
    facts = id3_file(
        tmp_path,
        id3.TPE1(encoding=3, text=["One", "Two"]),
        id3.TXXX(encoding=3, desc="MusicBrainz Artist Id", text=[ONE, TWO]),
        version=3,
    )
    assert facts.raw is not None
    assert facts.raw["TPE1"] == ["One/Two"]
    assert facts.tags is not None
    assert [(c.name, c.mbid) for c in facts.tags.artists] == [("One", ONE), ("Two", TWO)]


# --- roles ----------------------------------------------------------------------------------------------------------


def test_people_are_credited_with_their_roles(tmp_path: Path) -> None:
    tags = vorbis(
        tmp_path, composer=["C1", "C2"], composersort=["C1s", "C2s"], conductor="K", performer=["P (viola da gamba)", "Q"],
        remixer="R", producer="Pr", lyricist="L", arranger="A", engineer="E", djmixer="D", director="Di", mixer="M",
        writer="W",
    ).tags  # fmt: skip
    assert tags is not None
    assert set(tags.credits) == {
        Credit("C1", "composer", "C1s"), Credit("C2", "composer", "C2s"), Credit("K", "conductor"),
        Credit("P", "performer", instrument="viola da gamba"), Credit("Q", "performer"), Credit("R", "remixer"),
        Credit("Pr", "producer"), Credit("L", "lyricist"), Credit("A", "arranger"), Credit("E", "engineer"),
        Credit("D", "dj_mixer"), Credit("Di", "director"), Credit("M", "mixer"), Credit("W", "writer"),
    }  # fmt: skip


@pytest.mark.parametrize("version", [3, 4])
def test_involved_people_of_id3_have_roles_and_instruments(tmp_path: Path, version: int) -> None:
    facts = id3_file(
        tmp_path,
        id3.TIPL(encoding=3, people=[["producer", "P"], ["DJ-mix", "D"], ["mix", "M"]]),
        id3.TMCL(encoding=3, people=[["guitar", "G"]]),
        version=version,
    )
    assert facts.tags is not None
    assert set(facts.tags.credits) == {
        Credit("P", "producer"),
        Credit("D", "dj_mixer"),
        Credit("M", "mixer"),
        Credit("G", "performer", instrument="guitar"),
    }


# --- dates, numbers, ids --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "date", "doubtful"),
    [
        ("1977", "1977", False),
        ("1977-05", "1977-05", False),
        ("1977-05-08", "1977-05-08", False),
        ("1977-5-8", "1977-05-08", False),
        ("1977/05/08", "1977-05-08", False),
        ("19770508", "1977-05-08", False),
        ("08.05.1977", "1977-05-08", False),
        ("1977-05-08T20:00:00", "1977-05-08", False),
        ("1977-00-00", "1977", False),
        ("1977-16", "1977", True),
        ("1977-16-01", "1977", True),
        ("1977-02-31", "1977-02", True),
        ("c. 1977", "1977", True),
        ("0000", None, False),
        ("May", None, True),
        ("1976 or 1977", None, True),
    ],
)
def test_a_date_is_as_precise_as_it_makes_sense(tmp_path: Path, text: str, date: str | None, doubtful: bool) -> None:
    facts = vorbis(tmp_path, date=text)
    assert facts.tags is not None
    assert facts.tags.date == date
    assert [doubt.code for doubt in facts.doubts] == ([ProblemCode.DATE_DOUBTFUL] if doubtful else [])


def test_year_and_day_of_id3v23_make_one_date(tmp_path: Path) -> None:
    tag = b"".join(
        name + struct.pack(">IH", len(text) + 1, 0) + b"\0" + text
        for name, text in ((b"TYER", b"1977"), (b"TDAT", b"0805"))
    )
    header = b"ID3\x03\0\0" + bytes((0, 0, len(tag) >> 7, len(tag) & 0x7F))
    assert tags_of(tmp_path, "mp3", header + tag + bare("mp3")).date == "1977-05-08"


@pytest.mark.parametrize(
    ("text", "number", "total", "position"),
    [
        ("7", 7, None, None),
        ("07", 7, None, None),
        ("01/05", 1, 5, None),
        ("1 of 2", 1, 2, None),
        ("0", None, None, None),
        ("A1", 1, None, "A1"),
        ("b 12", 12, None, "B12"),
    ],
)
def test_track_and_disc_numbers(
    tmp_path: Path, text: str, number: int | None, total: int | None, position: str | None
) -> None:
    tags = vorbis(tmp_path, tracknumber=text, discnumber=text).tags
    assert tags is not None
    assert (tags.track_number, tags.track_total, tags.track_position) == (number, total, position)
    assert (tags.disc_number, tags.disc_total) == (number, total)


def test_a_track_number_that_is_none_is_doubted(tmp_path: Path) -> None:
    facts = vorbis(tmp_path, tracknumber="9" * 30, bpm="fast", musicbrainz_albumid="none", isrc="nope")
    assert facts.tags is not None
    assert (facts.tags.track_number, facts.tags.bpm, facts.tags.release_mbid, facts.tags.isrcs) == (
        None,
        None,
        None,
        (),
    )
    assert sorted(str(doubt.params["field"]) for doubt in facts.doubts) == [
        "bpm", "isrc", "musicbrainz_albumid", "tracknumber",
    ]  # fmt: skip


def test_the_best_name_of_a_field_wins(tmp_path: Path) -> None:
    tags = vorbis(tmp_path, year="1990", date="1977-05-08", track="9", tracknumber="3", totaltracks="12").tags
    assert tags is not None
    assert (tags.date, tags.track_number, tags.track_total) == ("1977-05-08", 3, 12)


# --- loudness, lyrics, chapters, others -----------------------------------------------------------------------------


def test_replay_gain_is_read_from_text(tmp_path: Path) -> None:
    tags = vorbis(
        tmp_path, replaygain_track_gain="-7.89 dB", replaygain_track_peak="0.98", replaygain_album_gain="+1,5 dB",
        replaygain_album_peak="nan",
    ).tags  # fmt: skip
    assert tags is not None
    assert tags.replay_gain == ReplayGain(-7.89, 0.98, 1.5, None)


def test_r128_gain_is_turned_into_replay_gain(tmp_path: Path) -> None:
    data = tagged("opus", tags={"R128_TRACK_GAIN": "-1280", "R128_ALBUM_GAIN": "256"})
    assert tags_of(tmp_path, "opus", data).replay_gain == ReplayGain(0.0, None, 6.0, None, from_r128=True)


def test_lyrics_keep_their_language_and_their_times(tmp_path: Path) -> None:
    facts = id3_file(
        tmp_path,
        id3.USLT(encoding=3, lang="deu", desc="", text="Zeile eins\nZeile zwei"),
        id3.SYLT(encoding=3, lang="eng", format=2, type=1, desc="", text=[("one", 1000), ("two", 62_500)]),
    )
    assert facts.tags is not None
    assert set(facts.tags.lyrics) == {
        Lyrics("Zeile eins\nZeile zwei", "deu"),
        Lyrics("[00:01.00]one\n[01:02.50]two", "eng", synced=True),
    }
    tags = vorbis(tmp_path, lyrics="[00:01.00]La\n[00:02.00]La").tags
    assert tags is not None
    assert tags.lyrics == (Lyrics("[00:01.00]La\n[00:02.00]La", synced=True),)


def test_chapters_are_read_from_id3_and_vorbis(tmp_path: Path) -> None:
    frame = id3.CHAP(
        element_id="1", start_time=0, end_time=5000, start_offset=0xFFFFFFFF, end_offset=0xFFFFFFFF,
        sub_frames=[id3.TIT2(encoding=3, text=["Opening"])],
    )  # fmt: skip
    assert id3_file(tmp_path, frame).chapters == (Chapter(0, 5000, "Opening"),)
    facts = vorbis(tmp_path, CHAPTER001="00:00:00.000", CHAPTER001NAME="Intro", CHAPTER002="00:01:02.500")
    assert {c.start_ms for c in facts.chapters} == {0, 62_500}


def test_a_cue_sheet_in_the_tags_is_handed_over(tmp_path: Path) -> None:
    assert vorbis(tmp_path, cuesheet='FILE "x.flac" WAVE\n  TRACK 01 AUDIO\n').cue_sheet is not None


@pytest.mark.parametrize(("value", "explicit"), [(1, True), (4, True), (2, False), (0, None)])
def test_advisory_of_an_mp4(tmp_path: Path, value: int, explicit: bool | None) -> None:
    from mutagen.mp4 import MP4

    out = io.BytesIO(tagged("aac", tags={"title": "x"}))
    audio = MP4(out)
    audio["rtng"] = [value]
    out.seek(0)
    audio.save(out)
    assert tags_of(tmp_path, "aac", out.getvalue()).explicit is explicit


def test_works_and_movements(tmp_path: Path) -> None:
    tags = vorbis(tmp_path, work="Symphony", movementname="Allegro", movement="1", movementtotal="4").tags
    assert tags is not None
    assert (tags.work, tags.movement, tags.movement_number, tags.movement_total) == ("Symphony", "Allegro", 1, 4)


def test_id3v1_alone_is_read_as_it_stands(tmp_path: Path) -> None:
    block = b"TAG" + b"Caf\xe9".ljust(30, b"\0") + b"Someone".ljust(30) + b"Record".ljust(30, b"\0") + b"1977"
    block += b"hello".ljust(28, b"\0") + b"\0\x07" + b"\x11"
    tags = tags_of(tmp_path, "mp3", bare("mp3") + block)
    assert (tags.title, tags.artist_display, tags.album, tags.date) == ("Café", "Someone", "Record", "1977")
    assert (tags.track_number, tags.genres) == (7, ("Rock",))


def test_id3v22_and_id3v23_frames_mean_the_same(tmp_path: Path) -> None:
    def frame22(name: bytes, text: bytes) -> bytes:
        return name + (len(text) + 1).to_bytes(3, "big") + b"\0" + text

    body = frame22(b"TT2", b"Song") + frame22(b"TP1", b"Band") + frame22(b"TRK", b"3/9") + frame22(b"TYE", b"1977")
    header = b"ID3\x02\0\0" + bytes((0, 0, len(body) >> 7, len(body) & 0x7F))
    tags = tags_of(tmp_path, "mp3", header + body + bare("mp3"))
    assert (tags.title, tags.artist_display, tags.track_number, tags.track_total) == ("Song", "Band", 3, 9)
    assert tags.date == "1977"


def test_mojibake_is_left_as_it_is(tmp_path: Path) -> None:
    facts = id3_file(tmp_path, id3.TIT2(encoding=0, text=["BjÃ¶rk"]))
    assert facts.tags is not None
    assert facts.tags.title == "BjÃ¶rk"


def test_text_is_composed_and_trimmed_and_raw_is_kept(tmp_path: Path) -> None:
    facts = vorbis(tmp_path, title="  Bjo\u0308rk  ")
    assert facts.tags is not None
    assert facts.tags.title == "Björk"
    assert facts.raw is not None
    assert facts.raw["title"] == ["  Bjo\u0308rk  "]


def test_numbered_genres_are_named(tmp_path: Path) -> None:
    facts = id3_file(tmp_path, id3.TCON(encoding=3, text=["(17)", "Krautrock"]))
    assert facts.tags is not None
    assert facts.tags.genres == ("Rock", "Krautrock")


def test_wav_info_is_read_where_there_is_no_id3(tmp_path: Path) -> None:
    body = b"INFO" + b"".join(
        name + struct.pack("<I", len(text)) + text
        for name, text in ((b"INAM", b"Tape\0\0"), (b"IART", "Bjørn\0".encode()))
    )
    data = bare("wav") + b"LIST" + struct.pack("<I", len(body)) + body
    tags = tags_of(tmp_path, "wav", data)
    assert (tags.title, tags.artist_display) == ("Tape", "Bjørn")
