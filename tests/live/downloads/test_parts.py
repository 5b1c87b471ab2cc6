"""The pure parts of downloads: what is planned, where it goes, what lists say, when it is quiet, and how a part is taken up."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from segue.core.clock import quiet_until
from segue.core.setting_types import clock_hours
from segue.live.downloads import checks, formats, places
from segue.live.downloads.errors import Trouble
from segue.live.downloads.limits import Bandwidth
from segue.live.downloads.part import NOTE, PART, Part
from segue.live.downloads.plan import plan_of
from segue.live.downloads.token import Halted, Token
from segue.live.records import Item, ItemFile, ItemTrack

USUAL = ("Flac", "24bit Flac", "Shorten", "VBR MP3")


def track(number: int, *files: ItemFile) -> ItemTrack:
    return ItemTrack(number, f"Song {number}", files=files)


def file(name: str, format: str = "Flac", source: str = "original", **more: object) -> ItemFile:
    return ItemFile(name, format, source, size=100, md5="a" * 32, **more)  # type: ignore[arg-type]


def both(number: int, **more: object) -> ItemTrack:
    """A piece as FLAC, with the MP3 made from it."""
    return track(number, file(f"t{number}.flac", **more), file(f"t{number}.mp3", "VBR MP3", "derivative"))


def names(item: Item, wanted: tuple[str, ...] = USUAL) -> list[str]:
    return [one.name for one in plan_of(item, wanted).files]


# --- plan


def test_originals_come_with_their_texts_and_these_first() -> None:
    sidecars = (file("a.txt", "Text"), file("a.ffp", "Flac FingerPrint"), file("a.md5", "Checksums"),
                file("a.png", "PNG"), file("a_meta.xml", "Metadata", "metadata"))  # fmt: skip
    item = Item("a", tracks=(both(1), both(2)), sidecars=sidecars)
    assert names(item) == ["a.ffp", "a.md5", "a.txt", "t1.flac", "t2.flac"]
    assert names(item, ("mp3",))[3:] == ["t1.mp3", "t2.mp3"]


def test_a_piece_that_lacks_the_chosen_format_comes_in_the_next_best() -> None:
    item = Item("a", tracks=(*(both(number) for number in range(1, 11)), track(11, file("t11.mp3", "VBR MP3"))))
    plan = plan_of(item, USUAL)
    assert plan.format == "Flac" and [one.name for one in plan.files][-1] == "t11.mp3"


def test_a_preferred_format_that_only_a_few_pieces_have_is_not_chosen() -> None:
    tracks = [both(1), *(track(number, file(f"t{number}.mp3", "VBR MP3")) for number in range(2, 9))]
    assert plan_of(Item("a", tracks=tuple(tracks)), USUAL).format == "VBR MP3"


def test_private_files_are_left_out_and_all_of_them_are_a_refusal() -> None:
    closed = Item("a", tracks=tuple(both(number, private=True) for number in (1, 2)))
    assert names(closed) == ["t1.mp3", "t2.mp3"], "what is given to everybody is taken"
    with pytest.raises(Trouble) as caught:
        plan_of(closed, ("Flac",))
    assert caught.value.code == "private"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (Item("a", tracks=(both(1),), stream_only=True), "stream_only"),
        (Item("a", dark=True), "dark"),
        (Item("a"), "no_audio"),
        (Item("a", tracks=(track(1, file("t.ogg", "Ogg Vorbis")),)), "no_audio"),
    ],
)
def test_what_cannot_be_had_says_why(item: Item, code: str) -> None:
    with pytest.raises(Trouble) as caught:
        plan_of(item, USUAL)
    assert caught.value.code == code and caught.value.lasting


def test_ten_thousand_files_are_planned_and_each_has_its_place() -> None:
    plan = plan_of(Item("a", tracks=tuple(both(number) for number in range(10_000))), USUAL)
    assert len(set(places.file_names([one.name for one in plan.files]).values())) == len(plan.files) == 10_000
    with pytest.raises(Trouble) as caught:
        plan_of(Item("a", tracks=tuple(both(number) for number in range(20_000))), USUAL)
    assert caught.value.code == "too_many_files"


# --- places


def test_no_name_leaves_its_folder_and_none_is_lost() -> None:
    odd = ["../../etc/passwd.flac", "..", "a/../../b.flac", "/root.flac", "C:\\x.flac", "con.flac", "a\0b.flac", "", ".flac",
           "T1.flac", "t1.FLAC", "t1.flac", "x" * 400 + ".flac", "disc1/01.flac", "disc2/01.flac", "🎷#%?.flac"]  # fmt: skip
    made = places.file_names(odd)
    assert len(made) == len(odd) and len({name.casefold() for name in made.values()}) == len(odd)
    for name in made.values():
        assert "/" not in name and "\\" not in name and "\0" not in name and name not in ("", ".", "..")
        assert len(name.encode()) + len(b".part.json") <= 255
    assert made["disc1/01.flac"] == "disc1 - 01.flac"


@pytest.mark.parametrize("artist", ["../..", "/", "AC/DC", "..", "a\0b", "", "CON", "x" * 500])
def test_a_folder_stays_below_its_root_whatever_the_band_is_called(artist: str) -> None:
    template = places.folder_template("{artist}/{date}[ {venue}]/{identifier}/")
    folder = places.folder_of(template, {"artist": artist, "date": "1977-05-08", "venue": "", "identifier": "gd77"})
    parts = folder.split(b"/")
    assert not folder.startswith(b"/") and b".." not in parts and b"" not in parts
    assert parts[-2:] == [b"1977-05-08", b"gd77"]


# --- lists and formats


def test_lists_of_checksums_are_read_in_all_their_forms() -> None:
    one, two = "0123456789abcdef0123456789ABCDEF", "f" * 32
    text = (
        f"; made with shntool\r\n{one} *disc1\\T01.flac\r\n{two}  t02.flac\r\nt03.flac:{one}\n"
        f"t04.flac = {two}\nnothing\n{one} *t05.flac\n{two} *t05.flac\n"
    )
    assert checks.listed_sums(text.encode()) == {
        "t01.flac": one.lower(), "t02.flac": two, "t03.flac": one.lower(), "t04.flac": two,
    }  # fmt: skip
    assert checks.listed_sums(os.urandom(5000)) == {}


@pytest.mark.parametrize(
    ("name", "start", "right"),
    [
        ("a.flac", b"fLaC", True), ("a.flac", b"<html>", False), ("a.flac", b"ID3\4", True),
        ("a.shn", b"ajkg\2", True), ("a.shn", b"fLaC", False), ("a.mp3", b"\xff\xfb\x90", True),
        ("a.mp3", b"ID3\3", True), ("a.mp3", b"<!DOCTYPE html>", False), ("a.ogg", b"OggS", True),
        ("a.txt", b"Grateful Dead", True), ("a.txt", b"\n<HTML><head>", False), ("a.bin", b"\0", True),
    ],
)  # fmt: skip
def test_the_first_bytes_say_what_a_file_is(name: str, start: bytes, right: bool) -> None:
    assert formats.looks_right(name, start) is right


# --- when


@pytest.mark.parametrize(
    ("now", "quiet", "until"),
    [
        ("2024-07-01T20:00Z", "18:00-23:30", "2024-07-01T21:30Z"),
        ("2024-07-01T21:45Z", "18:00-23:30", None),
        ("2024-07-01T03:00Z", "22:00-06:00", "2024-07-01T04:00Z"),
        ("2024-07-01T21:00Z", "22:00-06:00", "2024-07-02T04:00Z"),
        ("2024-07-01T12:00Z", "", None),
        ("2024-07-01T12:00Z", "09:00-09:00", None),
        ("2024-10-27T00:30Z", "01:00-04:00", "2024-10-27T03:00Z"),  # the clocks go back
    ],
)
def test_quiet_hours_are_those_of_the_servers_zone(now: str, quiet: str, until: str | None) -> None:
    found = quiet_until(datetime.fromisoformat(now), ZoneInfo("Europe/Prague"), clock_hours(quiet))
    assert found == (None if until is None else datetime.fromisoformat(until).astimezone(UTC))


@pytest.mark.anyio
async def test_the_bandwidth_is_shared_and_a_cancel_is_seen_meanwhile() -> None:
    now, token = [0.0], Token()

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    line = Bandwidth(lambda: 1000.0, clock=lambda: now[0], sleep=sleep)
    for _ in range(11):
        await line.take(500, token.check)
    assert 4.0 <= now[0] <= 5.5, "5,500 bytes at 1,000 a second, the first second's at once"
    token.stop("cancelled")
    with pytest.raises(Halted):
        await line.take(10**9, token.check)
    assert now[0] < 7.0


# --- parts


def nothing() -> None:
    return None


def a_part(folder: Path, size: int = 100) -> Part:
    return Part(os.fsencode(folder / "t.flac"), size, "a" * 32)


def test_a_part_goes_on_with_all_that_the_system_still_has(tmp_path: Path) -> None:
    part = a_part(tmp_path)
    part.open(nothing)
    part.describe('"e1"', "")
    part.append(b"x" * 40)
    part.close()  # as after a kill: nothing was brought to the disk on purpose
    again = a_part(tmp_path)
    again.open(nothing)
    assert (again.length, again.validator) == (40, '"e1"')
    again.close()


def after_a_loss_of_power(folder: Path) -> None:
    note = Path(os.fsdecode(os.fsencode(folder / "t.flac") + NOTE))
    said = json.loads(note.read_text())
    note.write_text(json.dumps({**said, "boot": "another run"}))


def changed_claims(folder: Path) -> None:
    note = Path(os.fsdecode(os.fsencode(folder / "t.flac") + NOTE))
    said = json.loads(note.read_text())
    note.write_text(json.dumps({**said, "md5": "b" * 32}))


def torn_note(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder / "t.flac") + NOTE)).write_text('{"etag": "')


def too_long(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder / "t.flac") + PART)).write_bytes(b"x" * 200)


@pytest.mark.parametrize(
    ("happened", "left"), [(after_a_loss_of_power, 30), (changed_claims, 0), (torn_note, 0), (too_long, 0)]
)
def test_a_part_goes_on_only_with_what_is_surely_its_own(
    tmp_path: Path, happened: Callable[[Path], None], left: int
) -> None:
    part = a_part(tmp_path)
    part.open(nothing)
    part.append(b"x" * 30)
    part.keep()
    part.append(b"y" * 10)
    part.close()
    happened(tmp_path)
    again = a_part(tmp_path)
    again.open(nothing)
    assert again.length == left
    again.close()


def test_two_cannot_write_one_part_and_none_replaces_a_file(tmp_path: Path) -> None:
    part, other = a_part(tmp_path), a_part(tmp_path)
    part.open(nothing)
    with pytest.raises(Trouble):
        other.open(nothing)
    part.append(b"x" * 100)
    (tmp_path / "t.flac").write_bytes(b"foreign")
    with pytest.raises(FileExistsError):
        part.place()
    assert (tmp_path / "t.flac").read_bytes() == b"foreign"
    part.close()
