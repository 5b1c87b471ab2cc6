"""Writing tags into one file: what is asked for is in it, everything else is as it was, and it can be put back."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen import id3
from mutagen.flac import FLAC
from mutagen.id3 import ID3

from segue.library.scan.formats.audio_bytes import exact_audio_hash
from segue.library.scan.read import read_file
from segue.library.writing import durable, rewriting
from segue.library.writing.formats.tagged import Picture
from segue.library.writing.reasons import REASONS, Refused, sentence
from segue.library.writing.rewriting import Place, Prepared, prepare, prepare_undo, put_in_place
from tests.library.media import FORMATS, jpeg, make_audio, png

TAGS: dict[str, Any] = {
    "title": "Old title", "artist": "Old artist", "album": "Old album", "genre": ["Rock", "Jazz"], "date": "1977-05-08",
    "tracknumber": "3", "tracktotal": "12", "comment": "left alone",
    "musicbrainz_albumid": "11111111-1111-1111-1111-111111111111",
}  # fmt: skip
CHANGES = {
    "title": ["Neuer Titel – Ω"],
    "artist": ["A feat. B"],
    "artists": ["A", "B"],
    "genre": ["Krautrock"],
    "date": ["1978"],
    "composer": ["C. Omposer"],
    "tracknumber": ["4"],
    "tracktotal": ["12"],
    "musicbrainz_albumid": [],
}


def place(path: Path, **options: Any) -> Place:
    found = path.stat()
    new = path.parent / f".segue-1{path.suffix}"
    return Place(bytes(path.parent), bytes(path), bytes(new), (found.st_size, found.st_mtime_ns), **options)


def written(path: Path, changes: Any = None, cover: Picture | None = None, **options: Any) -> Prepared:
    made = prepare(place(path, **options), CHANGES if changes is None else changes, cover)
    assert isinstance(made, Prepared), sentence(*made)
    assert put_in_place(made) is None
    assert not list(path.parent.glob(".segue-*"))
    return made


def undone(path: Path, made: Prepared) -> Prepared:
    back = prepare_undo(place(path), made.block, made.digest_after, made.digest_before)
    assert isinstance(back, Prepared), sentence(*back)
    assert put_in_place(back) is None
    return back


def refused(path: Path, changes: Any = None, **options: Any) -> Refused:
    before = path.read_bytes() if path.is_file() else b""
    made = prepare(
        place(path, **options) if path.exists() else Place(b"/", bytes(path), bytes(path) + b".new", (0, 0)),
        changes or CHANGES,
    )
    assert isinstance(made, Refused)
    assert made.code in REASONS
    assert not list(path.parent.glob(".segue-*"))
    assert (path.read_bytes() if path.is_file() else b"") == before
    return made


def tags(path: Path) -> Any:
    return read_file(bytes(path.parent), bytes(path.name, "utf-8")).tags


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_takes_what_is_written_and_keeps_the_rest(fmt: str, tmp_path: Path) -> None:
    path = tmp_path / f"song.{FORMATS[fmt]}"
    make_audio(path, fmt, tags=TAGS, cover=jpeg())
    before, original = tags(path), path.read_bytes()
    music = exact_audio_hash(bytes(path))
    made = written(path)
    after = tags(path)
    assert after.title == "Neuer Titel – Ω"
    assert [(credit.name, credit.join_phrase) for credit in after.artists] == [("A", " feat. "), ("B", "")]
    assert (after.genres, after.date, after.release_mbid) == (("Krautrock",), "1978", None)
    assert [credit.name for credit in after.credits] == ["C. Omposer"]
    assert (after.track_number, after.track_total) == (4, before.track_total)
    assert (after.album, after.comment) == (before.album, before.comment)
    assert made.said == ()
    assert exact_audio_hash(bytes(path)) == music == made.audio_hash
    undone(path, made)
    assert path.read_bytes() == original


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_file_without_tags_gets_them_and_loses_them_again(fmt: str, tmp_path: Path) -> None:
    path = tmp_path / f"bare.{FORMATS[fmt]}"
    make_audio(path, fmt)
    original = path.read_bytes()
    made = written(path, {"title": ["T"], "album": ["A"], "discnumber": ["2"], "disctotal": ["3"]})
    assert (tags(path).title, tags(path).album, tags(path).disc_number, tags(path).disc_total) == ("T", "A", 2, 3)
    undone(path, made)
    assert path.read_bytes() == original


@pytest.mark.parametrize("fmt", ["flac", "mp3", "opus", "aac", "wav", "ape", "wma"])
def test_a_chosen_cover_takes_the_place_of_the_old_one_and_goes_again(fmt: str, tmp_path: Path) -> None:
    path = tmp_path / f"song.{FORMATS[fmt]}"
    make_audio(path, fmt, tags=TAGS, cover=jpeg(400, 400))
    original = path.read_bytes()
    made = written(path, {}, Picture("image/png", png(64, 64), 64, 64))
    facts = read_file(bytes(tmp_path), path.name.encode())
    assert [(p.width, p.mime) for p in facts.pictures] == [(64, "image/png")]
    assert facts.tags is not None and facts.tags.title == "Old title"
    undone(path, made)
    assert path.read_bytes() == original


def test_a_large_cover_costs_the_journal_nothing(tmp_path: Path) -> None:
    from tests.library.media import noise

    cover = jpeg(50, 50) + noise(3_000_000)
    for fmt in ("flac", "mp3", "opus", "aac"):
        path = tmp_path / f"song.{FORMATS[fmt]}"
        make_audio(path, fmt, tags=TAGS, cover=cover)
        original = path.read_bytes()
        made = written(path)
        assert len(made.block) < 200_000
        undone(path, made)
        assert path.read_bytes() == original


def test_tags_that_nobody_knows_stay(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    make_audio(path, tags=TAGS)
    frames = ID3(path)
    frames.add(id3.PRIV(owner="somebody", data=b"\0\1\2"))
    frames.add(id3.RVA2(desc="track", channel=1, gain=-3.5, peak=0.9))
    frames.add(id3.POPM(email="me", rating=196, count=3))
    frames.add(id3.COMM(encoding=3, lang="deu", desc="Notiz", text=["bleibt"]))
    frames.add(id3.TXXX(encoding=1, desc="MyTag", text=["x", "y"]))
    frames.save(path)
    written(path, {"title": ["New"], "comment": ["changed"]})
    after = ID3(path)
    assert after["PRIV:somebody:\0\1\2"].data == b"\0\1\2" if "PRIV:somebody:\0\1\2" in after else after.getall("PRIV")
    assert after["RVA2:track"].gain == -3.5
    assert after["POPM:me"].count == 3
    assert after["COMM:Notiz:deu"].text == ["bleibt"]
    assert after["TXXX:MyTag"].text == ["x", "y"]
    assert tags(path).comment == "changed"


def test_id3v2_3_stays_and_says_what_it_cannot_hold(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    make_audio(path)
    frames = ID3()
    frames.add(id3.TIT2(encoding=1, text=["Old"]))
    frames.add(id3.TYER(encoding=0, text=["1977"]))
    frames.add(id3.TSOP(encoding=1, text=["Sort, Kept"]))
    frames.add(id3.IPLS(encoding=1, people=[["producer", "P. Old"], ["guitar", "G. Kept"]]))
    frames.save(path, v2_version=3)
    original = path.read_bytes()
    made = written(path, {"title": ["Ω"], "date": ["1980-02"], "producer": ["P. New"], "genre": ["A", "B"]})
    assert path.read_bytes()[3] == 3
    after = tags(path)
    assert (after.title, after.date, after.genres) == ("Ω", "1980", ("A", "B"))
    assert {(c.name, c.role) for c in after.credits} == {("P. New", "producer"), ("G. Kept", "performer")}
    assert ID3(path).getall("TSOP")[0].text == ["Sort, Kept"]
    assert ("year_only", "date") in made.said
    written(path, {"date": ["1980-02-09"]})
    assert tags(path).date == "1980-02-09"
    undone_twice = prepare_undo(place(path), made.block, made.digest_after, made.digest_before)
    assert isinstance(undone_twice, Refused) and undone_twice.code == "changed_since"
    assert path.read_bytes() != original


def test_people_are_written_where_picard_looks_for_them(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    make_audio(path, tags={"title": "T"})
    written(path, {"producer": ["P"], "performer": ["G (guitar)", "D (drums)"], "mixer": ["M"], "djmixer": ["J"]})
    frames = ID3(path)
    assert frames["TIPL"].people == [["producer", "P"], ["mix", "M"], ["DJ-mix", "J"]]
    assert frames["TMCL"].people == [["guitar", "G"], ["drums", "D"]]
    written(path, {"performer": []})
    assert "TMCL" not in ID3(path) and "TIPL" in ID3(path)


def test_an_ape_tag_beside_id3_says_the_same(tmp_path: Path) -> None:
    from mutagen.apev2 import APEv2

    path = tmp_path / "song.mp3"
    make_audio(path, tags={"title": "Old"})
    ape = APEv2()
    ape["Title"], ape["Album"] = "Old", "Kept"
    ape.save(path)
    original = path.read_bytes()
    made = written(path, {"title": ["New"], "genre": ["G"]})
    assert str(APEv2(path)["Title"]) == "New" and str(APEv2(path)["Album"]) == "Kept" and "Genre" not in APEv2(path)
    written_again = written(path, {"title": []})
    assert tags(path).title is None
    undone(path, written_again)
    undone(path, made)
    assert path.read_bytes() == original


def test_mode_owner_attributes_and_where_wished_the_time_stay(tmp_path: Path) -> None:
    path = tmp_path / "song.flac"
    make_audio(path, tags=TAGS)
    path.chmod(0o640)
    os.utime(path, ns=(1_000_000_000, 1_234_567_890_123_456_789))
    attributes = True
    try:
        os.setxattr(path, "user.note", b"mine")
    except OSError:
        attributes = False
    made = written(path, keep_time=True)
    found = path.stat()
    assert found.st_mode & 0o777 == 0o640
    assert found.st_mtime_ns == 1_234_567_890_123_456_789 == made.after.mtime_ns
    assert not attributes or os.getxattr(path, "user.note") == b"mine"
    assert (made.after.size, made.after.inode) == (found.st_size, found.st_ino)
    written(path, {"title": ["x"]})
    assert path.stat().st_mtime_ns != 1_234_567_890_123_456_789


def test_whoever_plays_the_file_hears_the_old_one_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "song.flac"
    make_audio(path, tags=TAGS)
    original = path.read_bytes()
    with path.open("rb") as playing:
        playing.read(100)
        written(path)
        assert playing.read() == original[100:]


def test_a_file_that_changed_since_it_was_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "song.flac"
    make_audio(path, tags=TAGS)
    where = place(path)
    os.utime(path, ns=(1, 1))
    made = prepare(where, CHANGES)
    assert isinstance(made, Refused) and made.code == "changed"
    fine = prepare(place(path), CHANGES)
    assert isinstance(fine, Prepared)
    make_audio(path, tags={"title": "somebody else's"})
    late = put_in_place(fine)
    assert late is not None and late.code == "changed"
    assert tags(path).title == "somebody else's"
    assert not list(tmp_path.glob(".segue-*"))


def test_hard_links_are_refused_unless_they_are_to_be_parted(tmp_path: Path) -> None:
    path, other = tmp_path / "song.flac", tmp_path / "other.flac"
    make_audio(path, tags=TAGS)
    os.link(path, other)
    reason = refused(path)
    assert reason.code == "hard_linked" and "2 names" in (sentence(*reason) or "")
    written(path, break_links=True)
    assert tags(other).title == "Old title" and tags(path).title == "Neuer Titel – Ω"


def test_what_may_not_be_written_is_left_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "song.flac"
    make_audio(path, tags=TAGS)
    path.chmod(0o444)
    assert refused(path).code == "read_only"
    path.chmod(0o644)
    if os.geteuid() != 0:
        tmp_path.chmod(0o555)
        assert refused(path).code == "not_permitted"
        tmp_path.chmod(0o755)
    assert refused(tmp_path / "nothing.flac").code == "gone"
    text = tmp_path / "text.flac"
    text.write_text("no music")
    assert refused(text).code == "not_readable"
    cut = tmp_path / "cut.wav"
    make_audio(cut, seconds=1)
    cut.write_bytes(cut.read_bytes()[:5000])
    assert refused(cut).code == "not_readable"


def test_links_are_followed_inside_the_library_and_refused_beyond(tmp_path: Path) -> None:
    root, away = tmp_path / "music", tmp_path / "away"
    make_audio(root / "a" / "song.flac", tags=TAGS)
    make_audio(away / "song.flac", tags=TAGS)
    (root / "inside.flac").symlink_to("a/song.flac")
    (root / "outside.flac").symlink_to(away / "song.flac")
    (root / "nowhere.flac").symlink_to("nothing")
    assert rewriting.real_place(bytes(root), b"inside.flac") == bytes(root / "a" / "song.flac")
    assert rewriting.real_place(bytes(root), b"outside.flac") == Refused("outside")
    assert rewriting.real_place(bytes(root), b"nowhere.flac") == Refused("gone")
    assert rewriting.real_place(bytes(root), b"a") == Refused("not_a_file")


def test_a_writer_that_spoils_the_music_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song.flac"
    make_audio(path, tags=TAGS, seconds=1)
    save = FLAC.save

    def spoiling(self: FLAC, file: Any) -> None:
        save(self, file)
        file.seek(-40, 2)
        byte = file.read(1)
        file.seek(-40, 2)
        file.write(bytes([byte[0] ^ 1]))

    monkeypatch.setattr(FLAC, "save", spoiling)
    assert refused(path).code == "audio_would_change"


def test_a_writer_that_loses_a_tag_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song.flac"
    make_audio(path, tags=TAGS)
    save = FLAC.save

    def losing(self: FLAC, file: Any) -> None:
        del self["comment"]
        save(self, file)

    monkeypatch.setattr(FLAC, "save", losing)
    reason = refused(path)
    assert reason.code == "others_would_change" and reason.params["names"] == "comment"


class _Filling:
    """A file on a disk that is full after some bytes."""

    def __init__(self, file: Any, room: int) -> None:
        self._file, self._room = file, room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: Any) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return int(self._file.write(data))


@pytest.mark.parametrize("fmt", ["flac", "mp3", "opus", "aac", "ape"])
def test_a_disk_that_fills_up_at_any_byte_leaves_the_file_and_nothing_else(
    fmt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"song.{FORMATS[fmt]}"
    make_audio(path, fmt, tags=TAGS)
    size = path.stat().st_size
    create: Callable[[bytes], Any] = durable.create
    for room in (0, 10, size // 2, size - 1, size + 1, size + 60):
        monkeypatch.setattr(durable, "create", lambda name, room=room: _Filling(create(name), room))
        monkeypatch.setattr(durable, "_clone", lambda source, target: False)
        assert refused(path, {**CHANGES, "comment": ["x" * 9000]}).code == "no_space"


@pytest.mark.parametrize("step", ["sync", "keep_look", "replace", "sync_folder"])
def test_an_error_at_any_step_is_said(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "song.flac"
    make_audio(path, tags=TAGS)
    original = path.read_bytes()

    def failing(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable, step, failing)
    made = prepare(place(path), CHANGES)
    if isinstance(made, Prepared):
        reason = put_in_place(made)
        assert reason is not None and reason.code == "no_space"
        assert path.read_bytes() == original or step == "sync_folder"
    else:
        assert made.code == "no_space" and not list(tmp_path.glob(".segue-*"))
        assert path.read_bytes() == original
