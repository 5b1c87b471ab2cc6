"""Whatever tapers put around a song's name, it stays that song; whatever stands in a title, something comes out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from segue.live.titles import setlist_of_text, song_key
from tests.live.titles.band import SONGS, vocabulary

KNOWN = vocabulary()
BEFORE = (
    "",
    "",
    "01. ",
    "07 ",
    "t05 ",
    "d2t03 ",
    "- ",
    "//",
    "...",
    "[4:59] ",
    "pk91-04-01d1t03 ",
    "pk1991-04-01 s2t04 ",
    "Encore: ",
    "Set 2: ",
)
AFTER = (
    "",
    "",
    "*",
    " **",
    " (5:01)",
    " [5:01]",
    "//",
    " [tape flip]",
    " (with Anna)",
    " (1)",
    " #",
    "+",
    " w/ Anna on fiddle",
)
ARROWS = ("", "", ">", " >", "->", " -->", " >>", " →")
CASES = (str, str.upper, str.lower)


@st.composite
def decorated(draw: st.DrawFn) -> tuple[str, str, bool]:
    """A title, the song that it is and whether it runs on."""
    song = draw(st.sampled_from(SONGS))
    name = draw(st.sampled_from(CASES))(song)
    if draw(st.booleans()):
        name = name.replace("&", "and").replace("'", draw(st.sampled_from(("", "\u2019", "`"))))
    arrow = draw(st.sampled_from(ARROWS))
    return draw(st.sampled_from(BEFORE)) + name + draw(st.sampled_from(AFTER)) + arrow, song, bool(arrow)


@settings(max_examples=150, deadline=None)
@given(decorated())
def test_a_song_stays_itself_in_any_decoration(given: tuple[str, str, bool]) -> None:
    title, song, runs_on = given
    assert [(one.song, one.segue) for one in KNOWN.hear(title)] == [(song, runs_on)], title


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SONGS), min_size=2, max_size=5, unique=True), st.sampled_from(ARROWS[2:]))
def test_a_medley_holds_its_songs_in_order(songs: list[str], arrow: str) -> None:
    assert [one.song for one in KNOWN.hear(f"{arrow} ".join(songs))] == songs


odd_letters = st.text(
    st.sampled_from(list("abE:>-/()[]{}*#'\"&;,.~ 0123456789dst<éß\u2019\ufffd\x00愛🎸")), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), odd_letters))
def test_no_title_is_too_odd(title: str) -> None:
    heard = KNOWN.hear(title)
    assert heard
    for one in heard:
        assert one.raw == title
        assert (one.kind == "song") == (one.song is not None)
        assert one.song is None or one.song in KNOWN.songs


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_a_key_is_its_own_key(name: str) -> None:
    assert song_key(song_key(name)) == song_key(name)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=400), st.lists(odd_letters, max_size=8).map("\n".join)))
def test_no_text_is_too_odd(text: str) -> None:
    for one in setlist_of_text(text, KNOWN):
        assert one.songs
