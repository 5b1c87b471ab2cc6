"""Rules for tags: what may be written, what is said of a mistake, and how names are taken apart."""

from __future__ import annotations

import contextlib
import io
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pytest
from mutagen import id3
from mutagen.id3 import ID3

from segue.library.scan.facts import Credit, TrackTags
from segue.library.scan.read import read_file
from segue.library.scan.tags.rules import Rules, shipped
from segue.library.scan.tags.rules_file import RulesRefused, rules_of
from segue.library.scan.tags.split import Splitter, joined
from tests.library.media import FORMATS, bare, tagged

ARTIST = shipped().splitters["artist"]


def tags_of(folder: Path, fmt: str, rules: Rules | None = None, **values: str | list[str]) -> TrackTags:
    file = folder / f"x.{FORMATS[fmt]}"
    file.write_bytes(tagged(fmt, tags=values))
    found = read_file(bytes(folder), file.name.encode(), rules=rules).tags
    assert found is not None
    return found


def names(text: str, splitter: Splitter = ARTIST) -> list[str]:
    return [part.name for part in splitter.parts(text)]


# --- taking apart ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A feat. B", ["A", "B"]),
        ("A ft. B", ["A", "B"]),
        ("A Featuring B", ["A", "B"]),
        ("A (feat. B)", ["A", "B"]),
        ("A [feat. B]", ["A", "B"]),
        ("A  feat.   B", ["A", "B"]),
        ("A; B; C", ["A", "B", "C"]),
        ("A / B", ["A", "B"]),
        ("A // B", ["A", "B"]),
        ("A vs. B", ["A", "B"]),
        ("日本 feat. 東京", ["日本", "東京"]),
    ],
)
def test_safe_separators_take_artists_apart(text: str, parts: list[str]) -> None:
    assert names(text) == parts
    assert joined(ARTIST.parts(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("AC/DC", "ac/dc", "Earth, Wind & Fire", "Simon & Garfunkel", "Tyler, The Creator", "hey; ho"),
        *("Crosby, Stills, Nash & Young", "Yusuf / Cat Stevens", "A & B", "A, B", "A x B", "A with B", "A and B"),
        *("A/B", "A;B", "Defeat. Now", "A (feat. B) live", "feat. B", "A feat. ", "; ", " / "),
    ],
)
def test_what_is_one_name_stays_one(text: str) -> None:
    assert names(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("AC/DC feat. X", ["AC/DC", "X"]),
        ("X feat. Yusuf / Cat Stevens", ["X", "Yusuf / Cat Stevens"]),
        ("Yusuf / Cat Stevens / X", ["Yusuf / Cat Stevens", "X"]),
        ("hey; ho; let's go", ["hey; ho", "let's go"]),
        ("ÄC/DC ft. Ω", ["ÄC/DC", "Ω"]),
        ("Tyler, The Creator; Earth, Wind & Fire", ["Tyler, The Creator", "Earth, Wind & Fire"]),
    ],
)
def test_a_name_that_stays_whole_does_so_inside_a_longer_text(text: str, parts: list[str]) -> None:
    assert names(text) == parts


def test_the_longest_name_wins() -> None:
    splitter = Splitter((", ", " & "), ("Crosby, Stills & Nash", "Crosby, Stills", "Nash & Young"))
    assert names("Crosby, Stills & Nash & Young", splitter) == ["Crosby, Stills & Nash", "Young"]
    assert names("Crosby, Stills, Nash & Young", splitter) == ["Crosby, Stills", "Nash & Young"]


def test_a_name_stays_whole_only_as_a_whole_word() -> None:
    splitter = Splitter(("/",), ("I/O",))
    assert names("I/O", splitter) == ["I/O"]
    assert names("Hi/Oh", splitter) == ["Hi", "Oh"]


def test_joining_the_parts_with_their_phrases_gives_the_text() -> None:
    chance = random.Random(1)
    pieces = (
        "A", "Björk", "AC/DC", "Earth, Wind & Fire", " feat. ", " FT. ", " (feat. ", ")", " [feat. ", "]", "; ", " / ", "/",
        " & ", ", ", " vs. ", "  ", "hey; ho", "İ", "ß", "愛", "e\u0301", "(", " x ",
    )  # fmt: skip
    splitters = [ARTIST, shipped().splitters["genre"], rules_of(BOLD).splitters["artist"]]
    for _ in range(3000):
        text = "".join(chance.choice(pieces) for _ in range(chance.randint(1, 9))).strip()
        for splitter in splitters if text else ():
            parts = splitter.parts(text)
            assert joined(parts) == text
            assert all(part.name.strip() for part in parts)


BOLD = """
split:
  artist:
    add: [" & ", ", ", " and ", " with ", " x "]
"""


def test_bolder_separators_can_be_switched_on_and_known_names_still_stay_whole(tmp_path: Path) -> None:
    rules = rules_of(BOLD)
    found = tags_of(tmp_path, "flac", rules, artist="Simon & Garfunkel & Björk, Tyler, The Creator")
    assert [credit.name for credit in found.artists] == ["Simon & Garfunkel", "Björk", "Tyler, The Creator"]
    assert "".join((c.credited_as or c.name) + c.join_phrase for c in found.artists) == found.artist_display
    assert found.artist_display == "Simon & Garfunkel & Björk, Tyler, The Creator"


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_takes_one_text_apart_alike(tmp_path: Path, fmt: str) -> None:
    found = tags_of(
        tmp_path, fmt, artist="AC/DC feat. X", albumartist="AC/DC", genre="Rock; Hard Rock/Metal", composer="Young/Young; Scott",
        label="One; Two",
    )  # fmt: skip
    assert [(c.name, c.join_phrase) for c in found.artists] == [("AC/DC", " feat. "), ("X", "")]
    assert (found.artist_display, found.album_artist_display) == ("AC/DC feat. X", "AC/DC")
    assert found.genres == ("Rock", "Hard Rock", "Metal")
    assert [c.name for c in found.credits if c.role == "composer"] == ["Young", "Young", "Scott"]
    assert found.labels == ("One", "Two")


def test_several_values_may_each_be_several_names(tmp_path: Path) -> None:
    found = tags_of(tmp_path, "flac", artist=["A feat. B", "C"])
    assert [(c.name, c.join_phrase) for c in found.artists] == [("A", " feat. "), ("B", ", "), ("C", "")]
    assert found.artist_display == "A feat. B, C"


def test_what_the_file_says_of_its_artists_counts_more_than_separators(tmp_path: Path) -> None:
    one = "0b0d0f6e-0000-4000-8000-000000000001"
    found = tags_of(tmp_path, "flac", artist="A feat. B", musicbrainz_artistid=one)
    assert found.artists == (Credit("A feat. B", mbid=one),)
    found = tags_of(tmp_path, "flac", artist="A feat. B & C", artists=["A", "B & C"])
    assert [c.name for c in found.artists] == ["A", "B & C"]


def test_sort_names_are_taken_apart_with_their_names(tmp_path: Path) -> None:
    found = tags_of(
        tmp_path, "flac", artist="Ann Lee feat. Bo Diddley", artistsort="Lee, Ann feat. Diddley, Bo", composer="C D; E F",
        composersort="D, C; F, E",
    )  # fmt: skip
    assert [(c.name, c.sort) for c in (*found.artists, *found.credits)] == [
        ("Ann Lee", "Lee, Ann"), ("Bo Diddley", "Diddley, Bo"), ("C D", "D, C"), ("E F", "F, E"),
    ]  # fmt: skip


def test_genre_lists_of_itunes_and_discogs_are_genres(tmp_path: Path) -> None:
    assert tags_of(tmp_path, "aac", genre="Rock, Pop").genres == ("Rock", "Pop")
    assert tags_of(tmp_path, "aac", genre="Singer/Songwriter").genres == ("Singer/Songwriter",)
    assert tags_of(tmp_path, "flac", genre="Folk, World, & Country|Jazz").genres == ("Folk, World, & Country", "Jazz")
    assert tags_of(tmp_path, "mp3", genre="R&B/Soul").genres == ("R&B", "Soul")


def test_values_that_id3v23_joined_are_taken_apart(tmp_path: Path) -> None:
    tag = ID3()
    tag.add(id3.TCOM(encoding=3, text=["One", "Two"]))
    tag.add(id3.TCON(encoding=3, text=["Rock", "Pop"]))
    tag.update_to_v23()
    out = io.BytesIO(bare("mp3"))
    tag.save(out, v2_version=3)
    (tmp_path / "x.mp3").write_bytes(out.getvalue())
    facts = read_file(bytes(tmp_path), b"x.mp3")
    assert facts.raw is not None
    assert facts.raw["TCOM"] == ["One/Two"]
    assert facts.tags is not None
    assert [c.name for c in facts.tags.credits] == ["One", "Two"]
    assert facts.tags.genres == ("Rock", "Pop")


def test_performers_keep_their_instruments_whatever_stands_in_the_brackets(tmp_path: Path) -> None:
    found = tags_of(tmp_path, "flac", performer=["Jo (guitar; vocals / tambourine)", "Al; Bo"])
    assert [(c.name, c.instrument) for c in found.credits] == [
        ("Jo", "guitar; vocals / tambourine"), ("Al", None), ("Bo", None),
    ]  # fmt: skip


# --- rules of one's own ---------------------------------------------------------------------------------------------


def test_a_field_of_ones_own_is_read_in_every_system(tmp_path: Path) -> None:
    rules = rules_of("own: {taper: TAPER}\nsplit: {taper: [';']}\n")
    for fmt in FORMATS:
        found = tags_of(tmp_path, fmt, rules, title="x", taper=["Tom; Tim"])
        assert found.own == (("taper", "Tom"), ("taper", "Tim")), fmt


def test_names_can_be_added_replaced_and_dropped(tmp_path: Path) -> None:
    values = {"title": "x", "band": "The Band", "comment": "Said", "notes": "Noted", "mood": "calm"}
    assert tags_of(tmp_path, "flac", None, **values).album_artists == ()
    rules = rules_of(
        "add: {albumartist: {vorbis: BAND}}\nreplace: {comment: {vorbis: NOTES}}\ndrop: [mood]\nown: {of: {vorbis: TITLE}}\n"
    )
    found = tags_of(tmp_path, "flac", rules, **values)
    assert [credit.name for credit in found.album_artists] == ["The Band"]
    assert (found.comment, found.moods) == ("Noted", ())
    assert (found.title, found.own) == (None, (("of", "x"),))


def test_more_names_stay_whole_and_known_ones_may_be_given_up(tmp_path: Path) -> None:
    rules = rules_of(
        "never_split: [Love / Peace]\nmay_split: {people: [Yusuf / Cat Stevens], genre: [Singer/Songwriter]}\n"
    )
    assert names("Love / Peace", rules.splitters["artist"]) == ["Love / Peace"]
    assert names("Yusuf / Cat Stevens", rules.splitters["artist"]) == ["Yusuf", "Cat Stevens"]
    assert names("Singer/Songwriter", rules.splitters["genre"]) == ["Singer", "Songwriter"]


def test_separators_can_be_taken_away_or_named_anew() -> None:
    rules = rules_of('split:\n  artist: {remove: [" / "]}\n  genre: [";"]\n  label: []\n')
    assert names("A / B; C", rules.splitters["artist"]) == ["A / B", "C"]
    assert names("A/B; C", rules.splitters["genre"]) == ["A/B", "C"]
    assert "label" not in rules.splitters


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("split: [", "Line 2: This is not YAML: "),
        ("add:\n  albumartst: {vorbis: X}", "Line 2: There is no field albumartst. Did you mean albumartist?"),
        ("ad: {}", "Line 1: There is no section ad. Did you mean add?"),
        ("add:\n  title:\n    vorbs: X", "Line 3: There is no kind of tags vorbs. Did you mean vorbis?"),
        ("add:\n  title: {id3: title}", "Line 2: “title” is no ID3 name"),
        ("add:\n  title: {mp4: title}", "Line 2: “title” is no MP4 name"),
        ("split:\n  title: ['/']", "Line 2: There is no field that is taken apart title."),
        ("split:\n  artist: {remove: [' & ']}", "Line 2: “ & ” is no separator of artist"),
        ("split:\n  artist: ['']", "Line 2: An empty text in artist."),
        ("own:\n  Taper Name: X", "Line 2: A field of your own is called by small letters"),
        ("own:\n  title: X", "Line 2: There is a field title already"),
        ("own:\n  taper: {}", "Line 2: A field needs a name"),
        ("drop: {mood: yes}", "Line 1: A list is expected for drop"),
        ("never_split:\n  bands: [X]", "Line 2: There is no list of names bands."),
        ("add: 7", "Line 1: add must hold names with values"),
        ("add: {}\nadd: {}", "Line 2: add stands here a second time."),
        ("- a\n- b", "Line 1: The file must hold names with values"),
        ("x" * 300_000, "The rules are longer than 256 KiB."),
    ],
)
def test_a_mistake_is_said_in_one_sentence_with_its_line(text: str, message: str) -> None:
    with pytest.raises(RulesRefused) as refused:
        rules_of(text)
    assert refused.value.message.startswith(message)
    assert refused.value.message.endswith(".") or "?" in refused.value.message


def test_rules_that_say_nothing_are_the_shipped_ones() -> None:
    for text in (None, "", "  \n", "# nothing\n", "add:\n", "{}"):
        assert rules_of(text).hash == shipped().hash


def test_anything_may_be_given_as_rules_and_is_taken_or_refused() -> None:
    chance = random.Random(2)
    words = (
        "add",
        "own",
        "split",
        ":",
        "\n",
        " ",
        "{",
        "}",
        "[",
        "]",
        "-",
        "artist",
        "vorbis",
        "&a",
        "*a",
        "!!x",
        "'",
        "\t",
    )
    for _ in range(600):
        text = "".join(chance.choice(words) for _ in range(chance.randint(1, 25)))
        with contextlib.suppress(RulesRefused):
            rules_of(text)


def test_a_child_process_that_reads_files_never_parses_yaml(tmp_path: Path) -> None:
    (tmp_path / "x.flac").write_bytes(tagged("flac", tags={"title": "One", "artist": "A & B"}))
    (tmp_path / "rules").write_bytes(pickle.dumps(rules_of(BOLD)))
    code = (
        "import pickle, sys, pathlib\n"
        "from segue.library.scan import child\n"
        "from segue.library.scan.read import read_file\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "rules = pickle.loads((folder / 'rules').read_bytes())\n"
        "tags = read_file(bytes(folder), b'x.flac', rules=rules).tags\n"
        "print([credit.name for credit in tags.artists], 'yaml' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['A', 'B'] False"
