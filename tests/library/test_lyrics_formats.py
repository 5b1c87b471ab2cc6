"""Words in the formats people keep beside their music, and texts in the encodings they were written in."""

from __future__ import annotations

from random import Random

import pytest

from segue.core.plain_text import decode_text
from segue.library.lyrics.lrc import MOST_LINES
from segue.library.lyrics.reading import FORMATS, NoWords, read_text
from segue.library.lyrics.song_words import Agent, Line, SongWords, Word, pack, rank, unpack
from segue.library.scan.cue.sheet import read_sheet
from segue.subsonic.words import structured

APPLE = """<?xml version="1.0"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata"
    xmlns:itunes="http://music.apple.com/lyric-ttml-internal" itunes:timing="Word" xml:lang="en">
 <head><metadata>
  <ttm:agent type="person" xml:id="v1"><ttm:name type="full">Ann</ttm:name></ttm:agent>
  <ttm:agent type="person" xml:id="v2"/>
  <iTunesMetadata><translations><translation type="subtitle" xml:lang="de">
    <text for="L1">Hallo du</text></translation></translations>
   <transliterations><transliteration xml:lang="en-Latn"><text for="L2">bai bai</text></transliteration></transliterations>
  </iTunesMetadata>
 </metadata></head>
 <body><div>
  <p begin="1.000" end="3.5" itunes:key="L1" ttm:agent="v1"><span begin="1.0" end="1.4">Hel</span><span
     begin="1.4" end="2.0">lo</span> <span
     begin="2.0" end="3.0">you</span>
   <span ttm:role="x-bg"><span begin="3.0" end="3.4">(ooh)</span></span></p>
  <p begin="0:04.250" end="00:00:06" itunes:key="L2" ttm:agent="v2">Bye <span
     ttm:role="x-translation" xml:lang="fr">Adieu</span></p>
 </div></body></tt>"""


def test_times_of_words_in_lrc_are_read_with_the_end_of_the_last() -> None:
    (words,) = read_text("[00:12.00]<00:12.00>Some <00:12.50>words<00:13.00>\n[00:14.00]plain", "lrc")
    first, second = words.lines
    assert first.words == (Word("Some", 0, 12000, 12500), Word("words", 5, 12500, 13000))
    assert (second.text, second.words, words.format) == ("plain", (), "elrc")


def test_a_line_with_several_times_comes_several_times_with_its_words() -> None:
    (words,) = read_text("[00:01.00][00:11.00]<00:01.00>La <00:01.50>la", "lrc")
    assert [line.start_ms for line in words.lines] == [1000, 11000]
    assert [word.start_ms for word in words.lines[1].words] == [11000, 11500]


def test_voices_and_background_in_lrc_are_agents() -> None:
    (words,) = read_text("[00:01.00]v1: <00:01.00>One\n[bg: <00:01.20>ooh]\n[00:02.00]v2: <00:02.00>Two", "lrc")
    assert words.agents == (Agent("v1", "main"), Agent("v2", "voice"), Agent("bg", "bg"))
    assert [(line.agent, line.text) for line in words.lines] == [("v1", "One"), ("bg", "ooh"), ("v2", "Two")]


def test_headers_state_the_language_and_the_offset() -> None:
    (words,) = read_text("[la:de]\n[offset:-500]\n[00:01.00]Ja", "lrc", "en")
    assert (words.language, words.offset_ms) == ("de", -500)


def test_a_negative_time_is_the_beginning_and_one_past_a_day_is_none() -> None:
    (words,) = read_text("[-00:03.00]early\n[00:01.00]now\n[999:59.00]<999:59.00>ok", "lrc")
    assert [(line.text, line.start_ms) for line in words.lines] == [("early", 0), ("now", 1000), ("ok", 59999000)]


def test_apples_ttml_gives_words_voices_translations_and_romanisations() -> None:
    main, *others = read_text(APPLE, "ttml")
    assert (main.language, main.synced, main.word_timed, main.format) == ("en", True, True, "ttml")
    hello, ooh, bye = main.lines
    assert (hello.text, hello.start_ms, hello.end_ms, hello.agent) == ("Hello you", 1000, 3500, "v1")
    assert hello.words == (Word("Hel", 0, 1000, 1400), Word("lo", 3, 1400, 2000), Word("you", 6, 2000, 3000))
    assert (ooh.text, ooh.agent, ooh.start_ms) == ("(ooh)", "bg", 3000)
    assert (bye.text, bye.start_ms, bye.end_ms, bye.agent) == ("Bye", 4250, 6000, "v2")
    assert main.agents == (Agent("v1", "main", "Ann"), Agent("v2", "voice"), Agent("bg", "bg"))
    assert {(one.kind, one.language, one.lines[0].text) for one in others} == {
        ("translation", "de", "Hallo du"), ("translation", "fr", "Adieu"), ("pronunciation", "en-latn", "bai bai"),
    }  # fmt: skip


def test_subtitles_are_lines_with_an_end() -> None:
    (srt,) = read_text(
        "1\n00:00:01,000 --> 00:00:02,500\n<i>One</i>\ntwo\n\n2\n00:00:03,000 --> 00:00:04,000\nThree", "srt"
    )
    assert srt.lines == (Line("One two", 1000, 2500), Line("Three", 3000, 4000))
    (vtt,) = read_text("WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:02.000 align:start\n<v Ann>Hi", "vtt")
    assert vtt.lines == (Line("Hi", 1000, 2000),)


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("", "lrc"), ("\n\n", "text"), ("[ar:x]\n[ti:y]", "lrc"), ("<tt>", "ttml"), ("<html/>", "ttml"), ("x", "srt"),
        ('<!DOCTYPE tt [<!ENTITY a "b">]><tt>&a;</tt>', "ttml"), ("\ufffd" * 100, "text"),
        ("<tt>" + "<p>" * 5000 + "</p>" * 5000 + "</tt>", "ttml"),
    ],
)  # fmt: skip
def test_what_holds_no_words_is_refused_with_a_reason(text: str, format: str) -> None:
    with pytest.raises(NoWords) as refused:
        read_text(text, format)
    assert str(refused.value)


def test_a_text_of_endless_lines_is_bounded() -> None:
    (words,) = read_text("[00:01.00]x\n" * (MOST_LINES + 500), "lrc")
    assert len(words.lines) <= MOST_LINES


def test_a_set_of_words_is_kept_as_it_is() -> None:
    for words in (*read_text(APPLE, "ttml"), *read_text("[00:01]a\n[00:02]<00:02>b", "lrc")):
        about = SongWords(words.language, words.synced, (), kind=words.kind)
        assert unpack(pack(words), about) == words


def test_a_persons_words_come_first_then_the_more_exact() -> None:
    def one(source: str, *lines: Line, synced: bool = False) -> SongWords:
        return SongWords("en", synced, lines, source=source)

    plain, timed = one("embedded", Line("a")), one("sidecar", Line("a", 1), synced=True)
    exact, own = one("sidecar", Line("a", 1, None, (Word("a", 0, 1),)), synced=True), one("person", Line("mine"))
    assert sorted([plain, timed, exact, own], key=rank) == [own, exact, timed, plain]


def test_subsonic_tells_bytes_of_words_with_both_ends() -> None:
    (words,) = read_text("[00:01.00]<00:01.00>Zwölf <00:02.00>für<00:03.00>", "lrc")
    spelled = structured(words, enhanced=True)
    (cue_line,) = spelled["cueLine"]
    value = cue_line["value"].encode()
    assert [value[cue["byteStart"] : cue["byteEnd"] + 1].decode() for cue in cue_line["cue"]] == ["Zwölf", "für"]
    assert [cue["end"] for cue in cue_line["cue"]] == [2000, 3000]
    assert "agents" not in spelled
    assert "cueLine" not in structured(words, enhanced=False)


@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [
        ("Grüße", "utf-8-sig", False), ("Grüße", "utf-16", False), ("Grüße", "cp1252", True), ("Grüße", "utf-8", False),
        ("さくらのうた 君", "cp932", True), ("Песня о любви", "cp1251", True), ("plain words", "utf-16-le", True),
        ("plain words", "utf-16-be", True),
    ],
)  # fmt: skip
def test_the_encoding_of_a_text_is_found_or_guessed_and_the_guess_is_said(
    text: str, encoding: str, guessed: bool
) -> None:
    read = decode_text(text.encode(encoding))
    assert (read.text, read.guessed) == (text, guessed)


def test_any_bytes_are_some_text() -> None:
    for data in (b"", b"\xff", b"\xff\xfe\x00", bytes(range(256)), b"\x81" * 50, b"a\r\nb\rc\0d"):
        assert isinstance(decode_text(data).text, str)
    assert decode_text(b"a\r\nb\rc\0d").text == "a\nb\ncd"


def test_no_text_whatever_breaks_the_readers() -> None:
    random = Random(11)
    scraps = [
        "[00:01.00]", "[offset:", "<00:0", "]", "[", "\n", "v1:", "[bg:", "-->", "00:00:01,000", "<tt>", "<p begin=", '"1s"',
        "</p>", "</tt>", "WEBVTT", "FILE ", '"', "TRACK 01 AUDIO", "INDEX 01 ", "99:99:99", "REM", "é", "\u2028", "9" * 30, " ",
    ]  # fmt: skip
    for _ in range(400):
        text = "".join(random.choice(scraps) for _ in range(random.randrange(1, 40)))
        read_sheet(text)
        for format in FORMATS:
            try:
                for words in read_text(text, format):
                    unpack(pack(words), words)
                    structured(words, enhanced=True)
            except NoWords:
                continue
        decode_text(random.randbytes(random.randrange(200)))
