"""Every piece of audio is listened to once, whatever its tags or place, and nothing is lost on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from segue.analysis import drawings
from segue.core.access import SYSTEM, Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from tests.analysis.store.engines import QUICK, heard
from tests.analysis.store.ground import Studio, studio
from tests.jobs.ground import in_state
from tests.library.media import make_audio
from tests.waiting import until

pytestmark = pytest.mark.anyio
ANN = Actor(7, "ann", frozenset({"editor"}), libraries=None)
ON_ONE = pytest.mark.parametrize("db_kind", ["sqlite"])
"""For what real children do, which is the same on both databases."""


@pytest.fixture
async def here(db: Database, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(db, tmp_path) as made:
        yield made


async def test_what_a_scan_finds_is_heard_and_kept_with_all_that_follows(here: Studio):
    here.home.song("a.flac", title="One", album="First", seed=1)
    here.home.song("b.flac", title="Two", album="First", seed=2)
    told: list[tuple[int, list[int]]] = []

    async def follow(_tx: Any, sound: int, tracks: Any) -> None:
        told.append((sound, list(tracks)))

    here.analysis.on_heard.append(follow)
    await here.scan()
    await here.listen()
    sounds = await here.sounds()
    assert [row.state for row in sounds] == ["done", "done"]
    one = await here.track("One")
    found = await here.analysis.of_track(ANN, one)
    assert (found.state, found.heard.engine, found.bpm.source, found.musical_key.value) == (
        "done",
        "quick",
        "analysis",
        "Am",
    )
    assert found.bpm.value == found.heard.tempo.bpm
    whole = await here.analysis.heard(found.sound_id)
    expected = heard(found.heard.tempo.bpm)
    assert (whole.embedding, whole.waveform) == (expected.embedding, expected.waveform)
    assert await here.storage.exists(drawings.storage_key(found.key))
    track = await here.library.track(one, ANN)
    assert (track.key, track.energy, track.loudness_lufs) == ("Am", 0.7, -9.5)
    assert {tuple(tracks) for _, tracks in told} == {(row.id,) for row in await here.home.tracks()}
    page = await ChangeFeed(here.db).since(0, SYSTEM, kinds=("analysis",))
    assert {item.id for item in page.items} == {f"tr-{row.id}" for row in await here.home.tracks()}


async def test_an_album_that_is_whole_is_as_loud_as_its_tracks_together(here: Studio):
    here.home.song("a.flac", title="One", album="First", seed=1)
    here.home.song("b.flac", title="Two", album="First", seed=2)
    await here.scan()
    await here.listen()
    async with here.db.read() as conn:
        measures = await here.ground.measures.of_tracks(conn, [row.id for row in await here.home.tracks()])
    levels = {one.album_loudness_lufs for one in measures.values()}
    assert len(levels) == 1 and -10 < levels.pop() < -9
    assert {round(one.album_true_peak, 3) for one in measures.values()} == {round(10 ** (-0.5 / 20), 3)}


async def test_the_same_audio_is_heard_once_whatever_its_tags_and_place(here: Studio):
    here.home.song("a.flac", title="One", seed=5)
    here.home.song("again/b.flac", title="The same", album="Other", seed=5)
    await here.scan()
    await here.listen()
    assert len(here.log) == 1
    assert {(await here.analysis.of_track(ANN, row.id)).state for row in await here.home.tracks()} == {"done"}


async def test_a_retagged_and_moved_file_keeps_what_was_heard(here: Studio):
    path = here.home.song("a.flac", title="One", seed=5)
    await here.scan()
    await here.listen()
    before = await here.analysis.of_track(ANN, await here.track("One"))
    make_audio(path, tags={"title": "Other words"}, seed=5, seconds=0.3)
    await here.scan()
    (here.home.music / "far").mkdir()
    path.rename(here.home.music / "far" / "c.flac")
    await here.scan()
    await here.listen()
    after = await here.analysis.of_track(ANN, await here.track("Other words"))
    assert (after.track_id, after.sound_id, after.analyzed_at) == (before.track_id, before.sound_id, before.analyzed_at)
    assert len(here.log) == 1


async def test_a_replaced_file_moves_its_track_to_another_sound(here: Studio):
    path = here.home.song("a.flac", title="One", seed=5)
    await here.scan()
    await here.listen()
    before = await here.analysis.of_track(ANN, await here.track("One"))
    make_audio(path, tags={"title": "One"}, seed=6, seconds=0.4)
    await here.scan()
    async with here.worker():
        await until(lambda: _changed_sound(here, before))
    after = await here.analysis.of_track(ANN, await here.track("One"))
    assert (after.track_id, after.state) == (before.track_id, "done") and after.sound_id != before.sound_id
    assert len(here.log) == 2


async def _changed_sound(here: Studio, before: Any) -> bool:
    now = await here.analysis.of_track(ANN, before.track_id)
    return now.sound_id != before.sound_id and now.state == "done"


async def test_a_look_costs_what_changed(here: Studio):
    for number in range(3):
        here.home.song(f"{number}.flac", title=f"Song {number}", seed=number)
    await here.scan()
    await here.listen()
    here.home.song("new/new.flac", title="New", album="New", seed=99)
    await here.scan()
    looks = []
    step = here.ground.feed.since

    async def since(*args: Any, **options: Any) -> Any:
        page = await step(*args, **options)
        looks.extend(item.id for item in page.items if item.kind == "track")
        return page

    here.ground.feed.since = since  # type: ignore[method-assign]
    await here.listen()
    looks.clear()
    await here.analysis.after_scan()
    await here.listen()
    assert len(here.log) == 4
    new = await here.track("New")
    assert looks == [f"tr-{new}"], "after its own measure was shown, and nothing else"


@ON_ONE
@pytest.mark.parametrize(
    ("what", "code", "times"),
    [
        ("refuse", "encrypted", 1),
        ("crash", "child_crashed", 2),
        ("mistake", "engine_failed", 3),
        ("locked", "cannot_open", 3),
    ],
)
async def test_what_cannot_be_heard_fails_with_its_reason_and_the_rest_goes_on(
    here: Studio, what: str, code: str, times: int
):
    here.home.song("bad.flac", title="Bad", seed=1)
    here.home.song("good.flac", title="Good", seed=2)
    here.plan(**{"bad.flac": what})
    here.with_children()
    await here.scan()
    await here.listen()
    assert await here.states() == {"done": 1, "failed": 1}
    assert here.log.count("bad.flac") == times
    bad = await here.analysis.of_track(ANN, await here.track("Bad"))
    assert (bad.state, bad.reason["code"], bad.heard) == ("failed", code, None)
    (failure,) = await here.analysis.failures(ANN)
    assert (failure.title, failure.reason["code"]) == ("Bad", code)
    assert (await here.analysis.status()).failed == {code: 1}
    here.plan()
    await here.analysis.again_many(SYSTEM, failed=True, code="another")
    await here.listen()
    assert await here.states() == {"done": 1, "failed": 1}
    await here.analysis.again_many(SYSTEM, failed=True, code=code)
    await here.listen()
    assert await here.states() == {"done": 2}


@ON_ONE
async def test_a_sound_that_never_ends_is_given_up(here: Studio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("segue.analysis.hearing.SHORTEST_S", 1.0)
    here.home.song("bad.flac", title="Bad", seed=1)
    here.plan(**{"bad.flac": "hang"})
    here.with_children()
    await here.scan()
    await here.listen()
    bad = await here.analysis.of_track(ANN, await here.track("Bad"))
    assert (bad.state, bad.reason["code"]) == ("failed", "deadline_exceeded")


async def test_a_file_that_is_away_is_waited_for(here: Studio):
    path = here.home.song("a.flac", title="One", seed=1)
    await here.scan()
    aside = path.rename(here.folder / "aside.flac")
    await here.listen()
    one = await here.track("One")
    found = await here.analysis.of_track(ANN, one)
    assert (found.state, found.reason["code"]) == ("pending", "no_such_file")
    assert (await here.analysis.status()).waiting_for_files == 1
    aside.rename(path)
    await here.analysis.look_now(SYSTEM)
    await here.listen()
    assert (await here.analysis.of_track(ANN, one)).state == "pending", "it is not asked for all the time"
    here.ground.now = lambda: datetime.now(UTC) + timedelta(hours=1)
    await here.analysis.look_now(SYSTEM)
    await here.listen()
    assert (await here.analysis.of_track(ANN, one)).state == "done"


async def test_where_it_is_turned_off_nothing_runs_and_nothing_is_promised(here: Studio):
    here.change(enabled=False)
    here.home.song("a.flac", title="One", seed=1)
    await here.scan()
    await here.listen()
    assert (await here.analysis.of_track(ANN, await here.track("One"))).state == "off"
    assert here.log == [] and await here.sounds() == []
    here.change(enabled=True)
    await here.analysis.turned_on()
    await here.listen()
    assert await here.states() == {"done": 1}


@ON_ONE
async def test_another_version_listens_again_only_when_asked_and_the_old_results_stay_until_then(here: Studio):
    here.home.song("a.flac", title="One", seed=1)
    await here.scan()
    await here.listen()
    one = await here.track("One")
    here.use(version=4)
    here.home.song("b.flac", title="Two", album="Two", seed=2)
    await here.scan()
    await here.listen()
    assert here.log == ["a.flac", "b.flac"]
    assert (await here.analysis.status()).outdated == 2, "the engine still says version 3"
    here.plan(**{"a.flac": "wait"})
    here.with_children()
    job = await here.analysis.again(ANN, one)
    async with here.worker():
        await in_state(here.jobs, job, "running")
        await until(lambda: _logged(here, 3))
        found = await here.analysis.of_track(ANN, one)
        assert found.state == "running" and found.heard is not None and found.bpm.value is not None
        here.plan()
        await until(lambda: _is(here, one, "done"))
    await here.analysis.again_many(SYSTEM, outdated=True)
    await here.listen()
    assert len(here.log) == 5


async def _logged(here: Studio, count: int) -> bool:
    return len(here.log) >= count


async def _is(here: Studio, track: int, state: str) -> bool:
    return (await here.analysis.of_track(ANN, track)).state == state


async def test_in_quiet_hours_only_what_a_person_asks_for_is_heard(here: Studio):
    here.change(quiet_hours="00:00-23:59")
    here.ground.now = lambda: datetime(2026, 5, 5, 12, tzinfo=UTC)
    here.settings = here.settings.model_copy(update={"time_zone": "UTC"})
    for number in range(3):
        here.home.song(f"{number}.flac", title=f"Song {number}", album=f"Album {number}", seed=number)
    await here.scan()
    track = None
    async with here.worker():
        await until(lambda: _waits(here))
        assert here.log == []
        track = await here.track("Song 1")
        await here.analysis.ask(ANN, track_id=track)
        await until(lambda: _is(here, track, "done"))
        await until(lambda: _waits(here))
    assert here.log == ["1.flac"]


async def _waits(here: Studio) -> bool:
    page = await here.jobs.page(SYSTEM, states=["queued"], kinds=["analysis.listen"])
    return bool(page.items and page.items[0].waiting and page.items[0].waiting["code"] == "quiet_hours")


@ON_ONE
async def test_what_a_cancelled_job_had_is_heard_by_the_next_one(here: Studio):
    for number in range(4):
        here.home.song(f"{number}.flac", title=f"Song {number}", album=f"Album {number}", seed=number)
    here.plan(**{f"{number}.flac": "wait" for number in range(4)})
    here.with_children()
    await here.scan()
    async with here.worker():
        await until(lambda: _logged(here, 2))
        page = await here.jobs.page(SYSTEM, states=["running"], kinds=["analysis.listen"])
        await here.jobs.cancel(SYSTEM, page.items[0].id)
        await in_state(here.jobs, page.items[0].id, "cancelled")
        assert "done" not in await here.states()
        here.plan()
        await here.analysis.after_scan()
        await until(lambda: _all_done(here, 4))


async def _all_done(here: Studio, count: int) -> bool:
    return await here.states() == {"done": count}


async def test_more_is_known_and_the_octave_is_chosen_again_without_listening(here: Studio):
    here.home.song("a.flac", title="One", seed=1)
    await here.scan()
    await here.listen()
    one = await here.track("One")
    before = (await here.analysis.of_track(ANN, one)).heard.tempo.bpm
    make_audio(here.home.music / "a.flac", tags={"title": "One", "bpm": str(round(before * 2))}, seed=1, seconds=0.3)
    await here.scan(full=True)
    await here.listen()
    after = await here.analysis.of_track(ANN, one)
    assert after.heard.tempo.bpm == pytest.approx(before * 2, rel=0.01)
    assert len(after.heard.tempo.beats_ms) > 16
    assert len(here.log) == 1
    assert QUICK.endswith("quick")


async def test_what_no_track_has_is_kept_for_a_while_and_then_forgotten(here: Studio):
    path = here.home.song("a.flac", title="One", seed=5)
    await here.scan()
    await here.listen()
    (first,) = await here.sounds()
    make_audio(path, tags={"title": "One"}, seed=6, seconds=0.4)
    await here.scan()
    await here.listen()
    assert len(await here.sounds()) == 2
    here.ground.now = lambda: datetime.now(UTC) + timedelta(days=366)
    await here.analysis.look_now(SYSTEM)
    await here.listen()
    (left,) = await here.sounds()
    assert left.id != first.id and not await here.storage.exists(drawings.storage_key(bytes(first.key)))


async def test_several_jobs_share_what_waits(here: Studio):
    here.change(jobs=2)
    for number in range(8):
        here.home.song(f"{number}/{number}.flac", title=f"Song {number}", seed=number)
    await here.scan()
    await here.listen()
    assert sorted(here.log) == [f"{number}.flac" for number in range(8)]
    page = await here.jobs.page(SYSTEM, kinds=["analysis.listen"])
    assert len(page.items) == 2 and sum(job.result["heard"] for job in page.items) == 8


@ON_ONE
async def test_an_engine_that_is_not_here_fails_the_job_and_no_sound(here: Studio):
    here.home.song("a.flac", title="One", seed=1)
    given = here.ground.listener
    here.ground.listener = lambda pool: replace(given(pool), lacks=lambda: "it is not installed.")
    await here.scan()
    await here.listen()
    page = await here.jobs.page(SYSTEM, states=["failed"], kinds=["analysis.listen"])
    assert page.items[0].error["code"] == "engine_absent" and await here.states() == {"pending": 1}
    assert (await here.analysis.status()).missing == "it is not installed."
    here.ground.listener = given
    await here.analysis.look_now(SYSTEM)
    await here.listen()
    assert await here.states() == {"done": 1}
