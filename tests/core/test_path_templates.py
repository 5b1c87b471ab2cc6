"""Path templates: what they say, where they are wrong, and that what comes out is always a safe path."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.path_templates import EXAMPLE, FIELDS, BadTemplate, PathTemplate, PathTooLong
from segue.core.safe_names import LONGEST_COMPONENT_BYTES, NameRules, comparable, free_name, safe_component

USUAL = "{album_artist}/{year} - {album}[ {disc_subtitle}]/{disc:02}-{track:02} {title}"


def made(template: str, extension: str = "flac", rules: NameRules | None = None, **values: Any) -> str:
    return PathTemplate(template).render(values, extension, rules)


def test_a_template_says_where_a_file_belongs() -> None:
    assert PathTemplate(USUAL).render(EXAMPLE, "flac") == (
        "Pink Floyd/1973 - The Dark Side of the Moon/01-04 Time.flac"
    )


def test_an_optional_part_is_left_out_where_it_would_have_a_gap() -> None:
    assert made("[{year} - ]{album}/{title}", album="A", title="T") == "A/T.flac"
    assert made("[{year} - ]{album}/{title}", album="A", title="T", year=1977) == "1977 - A/T.flac"
    assert made("{album}[ [({year})] {label}]/{title}", album="A", title="T", label="L") == "A L/T.flac"


def test_the_first_alternative_that_has_a_value_is_taken() -> None:
    assert made('{album_artist or artist or "Nobody"}/{title}', title="T") == "Nobody/T.flac"
    assert made('{album_artist or artist or "Nobody"}/{title}', title="T", artist="B") == "B/T.flac"


def test_a_part_may_depend_on_a_field() -> None:
    template = '{if compilation}Compilations{else}{album_artist}{end}/{if release_type = "EP"}EP {end}{title}'
    assert made(template, compilation=True, title="T", release_type="album") == "Compilations/T.flac"
    assert made(template, album_artist="X", title="T", release_type="ep") == "X/EP T.flac"
    assert made("{if not lossless}lossy/{end}{title}", title="T") == "lossy/T.flac"
    assert made('{if media != "CD"}{media}/{end}{title}', title="T", media="cd") == "T.flac"


def test_numbers_are_padded_and_text_is_filtered() -> None:
    assert made("{track:03} {title|upper}", track=7, title="Time") == "007 TIME.flac"
    assert made("{album_artist|article|first}/{title}", album_artist="The Beatles", title="T") == "B/T.flac"
    assert made("{title|ascii|truncate:6}", title="Motörhead – Straße") == "Motorh.flac"
    assert made("{album_artist|first}/{title}", album_artist="10cc", title="T") == "#/T.flac"


def test_signs_of_the_language_are_written_with_a_backslash() -> None:
    assert made(r"\[{year}\] \{{title}\}", year=1977, title="T") == "[1977] {T}.flac"
    assert made("[{year}[ {disc}]] {title}", year=1977, title="T") == "1977 T.flac"


@pytest.mark.parametrize(
    ("template", "position", "word"),
    [
        ("{titel}", 1, "titel"),
        ("{album}/{title", 14, "}"),
        ("{album}/[{title}", 8, "]"),
        ("{album}]/{title}", 7, "]"),
        ("{if year}{title}", 8, "{end}"),
        ("{title}{end}", 7, "{if"),
        ("{title|shout}", 7, "shout"),
        ("{title|truncate}", 7, "number"),
        ("{title|lower:3}", 13, "number"),
        ("/{title}", 0, "relative"),
        ("{album}/", 7, "file"),
        ("music", 0, "field"),
        ("{}", 1, "field"),
        ("{album or }", 9, "field"),
        ("[" * 30 + "{title}" + "]" * 30, 20, "nested"),
        (r"\x{title}", 0, "before"),
        ("{title}" + "x" * 2000, 2000, "longer"),
    ],
)
def test_a_mistake_is_shown_with_its_place(template: str, position: int, word: str) -> None:
    with pytest.raises(BadTemplate) as caught:
        PathTemplate(template)
    assert caught.value.params["position"] == position
    assert word in caught.value.message


def test_a_misspelt_field_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadTemplate) as caught:
        PathTemplate("{albumartist}/{title}")
    assert caught.value.hint == "Did you mean album_artist?"


def test_names_are_safe_on_every_system() -> None:
    assert made("{album}/{title}", album="AC/DC: Live?", title='a"b') == "AC_DC_ Live_/a_b.flac"
    assert made("{album}/{title}", album="Wait...", title="end. ") == "Wait/end..flac"
    assert made("{album}/{title}", album="nul", title="COM1") == "nul_/COM1_.flac"
    assert made("{album}/{title}", album="aux.de", title="x") == "aux_.de/x.flac"
    assert made("{album}/{title}", album="..", title=".") == "_.flac"
    assert (
        made("{album}/{title}", album=".hidden", title="...Baby One More Time") == "_hidden/...Baby One More Time.flac"
    )
    assert made("{album}/{title}", album="a\0b\nc", title="x") == "ab c/x.flac"


def test_a_posix_name_keeps_what_linux_can_hold() -> None:
    posix = NameRules("posix")
    assert made("{album}/{title}", rules=posix, album="AC/DC: Live? ", title="nul") == "AC_DC: Live?/nul.flac"
    assert made("{album}/{title}", rules=NameRules(device_names=False), album="con", title="x") == "con/x.flac"


def test_a_name_is_cut_to_255_bytes_with_its_extension_and_never_within_a_letter() -> None:
    path = made("{album}/{title}", album="ä" * 300, title="音" * 300)
    album, title = path.split("/")
    assert len(album.encode()) == 254
    assert len(title.encode()) <= 255
    assert title.endswith("音.flac")
    with_marks = safe_component("e" * 253 + "x̣̂" * 4)
    assert not unicodedata.combining(with_marks[-1]) or len(with_marks.encode()) <= 255


def test_a_path_that_is_too_long_is_refused() -> None:
    with pytest.raises(PathTooLong):
        made("/".join(["{album}"] * 20) + "/{title}", album="x" * 250, title="t")


def test_taken_names_get_numbers_before_the_extension() -> None:
    taken = {"A/x.flac", "A/x (2).flac"}
    assert free_name("A/x.flac", taken.__contains__) == "A/x (3).flac"
    assert free_name("A/y.flac", taken.__contains__) == "A/y.flac"
    longest = "x" * 250 + ".flac"
    assert len(free_name(longest, {longest}.__contains__).encode()) == 255


VALUE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=300)
    | st.sampled_from(
        [
            "..",
            ".",
            "/",
            "../../etc/passwd",
            "\0",
            "con",
            " . ",
            "a/../b",
            "C:\\x",
            "\udcff",
            "a" * 600,
            "…",
            "-",
            "\u202e",
        ]
    )
)
TEMPLATES = [PathTemplate(text) for text in (
    USUAL,
    "{title}",
    "[{genre}/]{artist}/{album}/{track:02} {title|truncate:40}",
    "{album_artist|first}/{album_artist|article}/[{year} ]{album}/[{disc}-]{track:02}. {title}",
    "{if multidisc}{album}/Disc {disc}{else}{album|ascii|lower}{end}/{name or title}",
    "../{album}/./{title}",
)]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(TEMPLATES),
    st.dictionaries(st.sampled_from(sorted(FIELDS)), VALUE),
    st.text(max_size=20),
    st.sampled_from(["any", "posix"]),
)
def test_no_value_whatever_leaves_the_root_or_makes_an_empty_name(
    template: PathTemplate, values: dict[str, Any], extension: str, system: Any
) -> None:
    path = template.render(values, extension, NameRules(system))
    components = path.split("/")
    assert all(components)
    for component in components:
        assert component not in (".", "..")
        assert len(component.encode()) <= LONGEST_COMPONENT_BYTES
        assert "\0" not in component and "\n" not in component
        assert not (component.startswith(".") and not component.startswith(".."))
        if system == "any":
            assert not set('<>:"\\|?*') & set(component)
            assert component[-1] not in ". "


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["title", "album", "track"]), VALUE), max_size=12))
def test_with_suffixes_every_file_has_a_name_of_its_own(files: list[dict[str, Any]]) -> None:
    template = PathTemplate("{album}/{track:02} {title}")
    taken: set[str] = set()
    for values in files:
        path = free_name(template.render(values, "flac"), lambda path: comparable(path) in taken)
        assert comparable(path) not in taken
        assert all(len(part.encode()) <= LONGEST_COMPONENT_BYTES for part in path.split("/"))
        taken.add(comparable(path))
    assert len(taken) == len(files)
