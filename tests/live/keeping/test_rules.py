"""A rule fetches the best of what a person names, within a budget; it is shown before, and takes away only what it fetched."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.live.downloads.errors import NotAllowedToDownload
from segue.live.downloads.models import LiveDownload
from segue.live.keeping.errors import BadRule, NothingHere, RuleNotFound
from segue.live.models import LiveConcertRecording, LiveRecording
from segue.query.errors import QuerySyntax
from tests.live.keeping.ground import ANN, BOB, GB, House, house

pytestmark = pytest.mark.anyio
SHOW = ("Anchor", "Buoy >", "Current", "Drift")


@pytest.fixture
async def home(db: Database) -> House:
    return await house(db)


async def rule(home: House, **values: Any) -> int:
    given = {"name": "1977", "query": "year:1977", "sources": ["AUD", "MTX"], "formats": ["Flac"], **values}
    return (await home.keeping.create(ANN, given)).row.id


async def test_the_best_complete_audience_recording_of_every_1977_show_is_fetched_within_the_budget(
    home: House,
) -> None:
    first, second = await home.concert("1977-05-08"), await home.concert("1977-05-09")
    other = await home.concert("1978-05-09")
    await home.recording(first, "a-sbd", source="SBD", rank=1)
    await home.recording(first, "a-cut", rank=2, completeness=0.5)
    await home.recording(first, "a-aud", rank=3, flac=3 * GB, size=4 * GB)
    await home.recording(second, "b-mtx", source="MTX", flac=8 * GB)
    await home.recording(other, "c-aud")
    number = await rule(home, completeness=0.95, budget_bytes=10 * GB)
    planned = await home.keeping.plan(ANN, number)
    assert [(step.action, step.chosen and step.chosen.identifier) for step in planned.steps] == [
        ("fetch", "a-aud"), ("no_room", "b-mtx"),
    ]  # fmt: skip
    assert planned.to_fetch == planned.used == 3 * GB
    assert await home.wanted() == {}
    assert await home.apply(number) == {"rules": 1, "fetched": 1, "replaced": 0}
    assert await home.wanted() == {"a-aud": (number, False)}
    assert await home.apply(number) == {"rules": 1, "fetched": 0, "replaced": 0}
    deeds, runs, _ = await home.keeping.history(ANN, number)
    assert [(deed.action, deed.identifier) for deed in deeds] == [("fetch", "a-aud")]
    assert runs[0].summary["coming"] == 1
    assert (await home.keeping.rule(ANN, number)).kept_count == 1


async def test_a_better_transfer_takes_the_place_of_the_old_one_once_it_is_whole(home: House) -> None:
    concert = await home.concert("1977-05-08")
    await home.recording(concert, "old", rank=1, score=0.7)
    number = await rule(home)
    await home.apply(number)
    await home.downloads.finish("old")
    async with home.db.write() as tx:
        await tx.execute(update(LiveConcertRecording).values(rank=2))
    await home.recording(concert, "new", rank=1, score=0.9, completeness=1.0)
    assert await home.apply(number) == {"rules": 1, "fetched": 0, "replaced": 1}
    assert await home.wanted() == {"old": (number, False), "new": (number, False)}
    await home.downloads.finish("new")
    assert await home.wanted() == {"old": (number, True), "new": (number, False)}
    deeds, _, _ = await home.keeping.history(ANN, number)
    assert [deed.action for deed in deeds] == ["remove", "replace", "fetch"]
    assert await home.apply(number) == {"rules": 1, "fetched": 0, "replaced": 0}


async def test_what_a_person_fetched_is_never_taken_away_by_a_rule(home: House) -> None:
    concert = await home.concert("1977-05-08")
    await home.recording(concert, "by-hand", rank=2, score=0.5)
    await home.recording(concert, "best", rank=1, score=0.9)
    await home.downloads.enqueue(BOB, "by-hand")
    await home.downloads.finish("by-hand")
    number = await rule(home)
    (step,) = (await home.keeping.plan(ANN, number)).steps
    assert (step.action, step.used) == ("there", 0)
    await home.keeping.change(ANN, number, {"better": "add"})
    await home.apply(number)
    await home.downloads.finish("best")
    assert await home.wanted() == {"by-hand": (None, False), "best": (number, False)}


async def test_what_a_person_took_away_stays_away(home: House) -> None:
    concert = await home.concert("1977-05-08")
    await home.recording(concert, "one", rank=1)
    number = await rule(home)
    await home.apply(number)
    await home.downloads.finish("one")
    async with home.db.read() as conn:
        download = await conn.scalar(select(LiveDownload.id))
    await home.downloads.remove(ANN, download)
    (step,) = (await home.keeping.plan(ANN, number)).steps
    assert step.reasons == (("removed", {"count": 1}),)


async def test_what_cannot_be_wanted_is_told_and_the_rest_goes_on(home: House) -> None:
    for day, name in (("08", "one"), ("09", "two")):
        await home.recording(await home.concert(f"1977-05-{day}"), name)
    home.downloads.refused["one"] = NotAllowedToDownload("dark", "one")
    number = await rule(home)
    assert (await home.apply(number))["fetched"] == 1
    _, runs, _ = await home.keeping.history(ANN, number)
    assert runs[0].summary["problems"] == [{"identifier": "one", "code": home.downloads.refused["one"].code}]


async def test_a_tape_at_home_is_there_and_never_fetched(home: House) -> None:
    concert = await home.concert("1977-05-08", SHOW)
    await home.recording(concert, "tape", SHOW, provider="tape", here=True)
    number = await rule(home, formats=[])
    (step,) = (await home.keeping.plan(ANN, number)).steps
    assert (step.action, step.reasons) == ("there", (("by_hand", {}),))


async def test_details_are_asked_for_where_the_plan_needs_them_and_the_plan_is_made_anew(home: House) -> None:
    concert = await home.concert("1977-05-08")
    unknown = await home.recording(concert, "unknown", rank=1, completeness=None)
    await home.recording(concert, "whole", rank=2, flac=GB)
    asked = []

    async def details(recording: int) -> tuple[str, None]:
        asked.append(recording)
        async with home.db.write() as tx:
            await tx.execute(
                update(LiveConcertRecording)
                .where(LiveConcertRecording.recording_id == recording)
                .values(completeness=0.4)
            )
            await tx.execute(update(LiveRecording).where(LiveRecording.id == recording).values(details_at=utc_now()))
        return "fresh", None

    from segue.live.keeping.applying import Applying
    from tests.live.keeping.ground import People

    home.services.add(Applying(home.keeping, People(), details))
    number = await rule(home, completeness=0.9)
    await home.apply(number)
    assert asked == [unknown]
    assert list(await home.wanted()) == ["whole"]


async def test_a_rule_is_its_owners_alone_and_says_what_is_wrong_with_it(home: House) -> None:
    number = await rule(home)
    with pytest.raises(RuleNotFound):
        await home.keeping.rule(BOB, number)
    with pytest.raises(RuleNotFound):
        await home.keeping.remove(BOB, number)
    for wrong in ({"name": " "}, {"query": ""}, {"sources": ["VHS"]}, {"completeness": 2.0}, {"budget_bytes": -1}):
        with pytest.raises(BadRule):
            await rule(home, **wrong)
    with pytest.raises(QuerySyntax):
        await rule(home, query="year:1977 (")
    assert [view.row.id for view in (await home.keeping.rules(ANN))[0]] == [number]
    await home.keeping.remove(ANN, number)
    assert (await home.keeping.rules(ANN))[0] == []


async def test_a_rule_that_is_gone_leaves_what_it_fetched(home: House) -> None:
    await home.recording(await home.concert("1977-05-08"), "one")
    number = await rule(home)
    await home.apply(number)
    async with home.db.write() as tx:
        await home.keeping.on_user_erased(tx, 5)
    assert await home.wanted() == {"one": (None, False)}


async def test_recordings_are_told_what_they_lack_and_a_night_becomes_a_playlist(home: House) -> None:
    concert = await home.concert("1977-05-08", SHOW)
    await home.recording(concert, "base", ("tuning", "Anchor", "Buoy", "Drift//"), rank=1, here=True)
    await home.recording(concert, "other", ("Buoy", "Current", "Drift"), rank=2)
    await home.recording(concert, "closed", rank=3)
    found = await home.keeping.completeness(ANN, concert)
    assert [[lack.moment.name for lack in one.missing] for one in found.found] == [["Current"], ["Anchor"], []]
    assert [one.known for one in found.found] == [True, True, False]
    night = (await home.keeping.composite(ANN, concert)).made
    assert [part.piece.title for part in night.parts] == ["Anchor", "Buoy", "Current", "Drift"]
    assert [part.reason for part in night.parts] == ["fills_missing", "base", "base", "base"]
    made: list[Any] = []

    async def make(actor: Any, name: str, tracks: Any, comment: str) -> int:
        made.append((actor, name, list(tracks)))
        return 7

    home.keeping.make_playlist = make
    number, here = await home.keeping.composite_playlist(ANN, concert)
    assert number == 7
    assert made[0][1] == "Harbour Tide, 1977-05-08"
    assert len(made[0][2]) == 4
    assert [moment.name for moment in here.made.lacking] == ["Current"]
    with pytest.raises(NothingHere):
        await home.keeping.composite_playlist(ANN, await home.concert("1977-05-09", SHOW))


async def test_another_rules_copy_counts_as_there_but_is_not_this_rules_to_replace(home: House) -> None:
    concert = await home.concert("1977-05-08")
    await home.recording(concert, "low", rank=2, score=0.5)
    await home.recording(concert, "high", rank=1, score=0.9)
    other = await rule(home, name="other")
    async with home.db.write() as tx:
        await tx.execute(
            insert(LiveDownload).values(
                user_id=5,
                rule_id=other,
                identifier="low",
                state="done",
                place=1.0,
                created_at=utc_now(),
                changed_at=utc_now(),
            )
        )
    number = await rule(home)
    (step,) = (await home.keeping.plan(ANN, number)).steps
    assert (step.action, step.reasons[0][0]) == ("there", "fetched_by_hand")
