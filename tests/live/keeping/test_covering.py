"""What a recording lacks is said with who has it, and a night is put together from several without a hole or a doubled song."""

from __future__ import annotations

import random

from segue.live.keeping.covering import Composite, Cover, Moment, Piece, composite, cover, lacks

SONGS = {"Bertha": 1, "Loser": 2, "Scarlet": 3, "Fire": 4, "Drums": 5, "Wheel": 6}


def setlist(text: str) -> list[Moment]:
    """Songs in order, `>` where one runs into the next."""
    found: list[Moment] = []
    for word in text.replace(">", " > ").split():
        if word == ">":
            last = found.pop()
            found.append(Moment(last.position, last.song, last.name, last.set_name, True))
        else:
            found.append(Moment(len(found) + 1, SONGS[word], word, "Set 1"))
    return found


def tape(moments: list[Moment], recording: int, titles: str) -> Cover:
    """Tracks separated by commas: a song, `song//` cut, `a+b` a medley, anything else talk."""
    pieces = []
    for number, title in enumerate(titles.split(","), 1):
        words = [word.strip() for word in title.split("+")]
        songs = tuple((SONGS[w.rstrip("/")], w.endswith("//")) for w in words if w.rstrip("/") in SONGS)
        pieces.append(Piece(recording * 100 + number, recording, number, title.strip(), songs))
    return cover(moments, recording, pieces)


def told(found: Composite) -> list[str]:
    return [f"{part.piece.recording}:{part.piece.title}" for part in found.parts]


def test_a_recording_is_told_what_it_lacks_and_who_has_it() -> None:
    show = setlist("Bertha Loser Scarlet>Fire")
    found = lacks(
        show,
        [tape(show, 1, "Bertha, Scarlet, Fire//"), tape(show, 2, "Loser, Fire, Scarlet"), tape(show, 3, "Loser//")],
    )
    first = found[0]
    assert [(lack.moment.name, lack.others) for lack in first.missing] == [("Loser", (2,))]
    assert [(lack.moment.name, lack.others) for lack in first.cut] == [("Fire", (2,))]
    assert [lack.moment.name for lack in found[1].missing] == ["Bertha"]


def test_a_song_played_twice_is_two_moments() -> None:
    show = setlist("Loser Bertha Loser")
    once, twice = tape(show, 1, "Bertha, Loser"), tape(show, 2, "Loser, Bertha, Loser")
    assert sorted(once.held) == [2, 3]
    assert sorted(twice.held) == [1, 2, 3]


def test_a_song_in_two_tracks_is_one_song_and_stays_in_two_tracks() -> None:
    show = setlist("Bertha Drums Wheel")
    one = tape(show, 1, "Bertha, Drums, Drums, Wheel")
    assert [piece.number for piece in one.held[2]] == [2, 3]
    assert told(composite(show, [one])) == ["1:Bertha", "1:Drums", "1:Drums", "1:Wheel"]


def test_a_night_is_filled_from_the_best_that_has_what_lacks() -> None:
    show = setlist("Bertha Loser Drums Wheel")
    base = tape(show, 1, "tuning, Bertha, Drums, Wheel//, talk")
    other = tape(show, 2, "Loser, Wheel")
    found = composite(show, [base, other])
    assert told(found) == ["1:tuning", "1:Bertha", "2:Loser", "1:Drums", "2:Wheel", "1:talk"]
    assert [part.reason for part in found.parts] == ["base", "base", "fills_missing", "base", "fills_cut", "base"]
    assert found.lacking == ()


def test_a_segue_is_taken_from_one_recording() -> None:
    show = setlist("Bertha Scarlet>Fire Loser")
    base = tape(show, 1, "Bertha, Scarlet, Fire//, Loser")
    other = tape(show, 2, "Scarlet, Fire")
    found = composite(show, [base, other])
    assert told(found) == ["1:Bertha", "2:Scarlet", "2:Fire", "1:Loser"]
    assert [part.reason for part in found.parts] == ["base", "keeps_segue", "fills_cut", "base"]


def test_what_is_cut_everywhere_stays_and_what_nobody_has_is_named() -> None:
    show = setlist("Bertha Loser Wheel")
    found = composite(show, [tape(show, 1, "Bertha, Loser//"), tape(show, 2, "Loser//")])
    assert told(found) == ["1:Bertha", "1:Loser//"]
    assert found.parts[1].reason == "cut_everywhere"
    assert [moment.name for moment in found.lacking] == ["Wheel"]


def test_a_medley_is_taken_once_for_all_its_songs() -> None:
    show = setlist("Bertha Drums>Wheel")
    found = composite(show, [tape(show, 1, "Bertha"), tape(show, 2, "Drums+Wheel")])
    assert told(found) == ["1:Bertha", "2:Drums+Wheel"]
    assert [moment.name for moment in found.parts[1].moments] == ["Drums", "Wheel"]


def test_no_night_has_a_song_twice_or_out_of_order_whatever_the_tapes_hold() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        names = [rng.choice(list(SONGS)) for _ in range(rng.randint(1, 8))]
        show = setlist(
            " ".join(
                name + (">" if rng.random() < 0.4 and place < len(names) - 1 else "")
                for place, name in enumerate(names)
            )
        )
        covers = []
        for recording in range(1, rng.randint(1, 4) + 1):
            kept = [f"{name}//" if rng.random() < 0.2 else name for name in names if rng.random() < 0.7]
            covers.append(tape(show, recording, ", ".join(kept) or "talk"))
        found = composite(show, covers)
        positions = [moment.position for part in found.parts for moment in part.moments]
        assert positions == sorted(positions)
        held = {position for one in covers for position in one.held}
        assert set(positions) == held
        assert {moment.position for moment in found.lacking} == {moment.position for moment in show} - held
        assert len({part.piece.id for part in found.parts}) == len(found.parts)
