"""The clients against an emulator: what services have kept of somebody comes page by page, whole and once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from segue.core.cache import open_cache
from segue.core.db import Database
from segue.core.outside import AuthFailed, Outside, ProviderBug, Throttled
from segue.emulator import Emulator
from segue.emulator.people import Heard
from segue.emulator.serving import running
from segue.metadata.service import At, Listened, MetadataService
from tests.listening.scrobbling.ground import settings_at, without_limits

pytestmark = pytest.mark.anyio
START = 1_700_000_000
MBID = "9f5a4d5e-0d3c-4b2e-8f0a-{:012d}"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, str]]:
    with running() as (emulator, url):
        yield emulator, url


@pytest.fixture
def emulator(served: tuple[Emulator, str]) -> Emulator:
    found = served[0]
    found.world.faults.clear()
    for service in found.services.values():
        service.reset()
    found.lastfm.limit.count = found.listenbrainz.limit.count = 100_000
    return found


@pytest.fixture
async def metadata(
    db: Database, emulator: Emulator, served: tuple[Emulator, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MetadataService]:
    without_limits(monkeypatch.setattr)
    settings = settings_at(served[1])
    outside = Outside(db, open_cache(None))
    yield MetadataService(outside, lambda: settings)
    await outside.close()


def hear(person: object, count: int) -> None:
    for number in range(count):
        person.hear(Heard(START + number * 200, "Ann", f"Song {number}", "Sea"))  # type: ignore[attr-defined]


async def test_last_fms_recent_tracks_come_in_pages(metadata: MetadataService, emulator: Emulator) -> None:
    person = emulator.lastfm.person("anna")
    hear(person, 450)
    person.playing, person.playing_until = Heard(0, "Ann", "Now"), emulator.world.clock() + 60
    seen: list[int] = []
    page, pages = 1, 1
    while page <= pages:
        found = await metadata.lastfm.recent_tracks("anna", page)
        pages = found.pages or 0
        seen += [int(one.at.timestamp()) for one in found.listens]
        page += 1
    assert (pages, found.total) == (3, 450)
    assert seen == [START + n * 200 for n in reversed(range(450))]
    some = await metadata.lastfm.recent_tracks("anna", since=START + 200, until=START + 600)
    assert [one.title for one in some.listens] == ["Song 3", "Song 2", "Song 1"]
    assert (some.listens[0].artist, some.listens[0].album) == ("Ann", "Sea")


async def test_a_private_person_is_read_with_their_own_session(metadata: MetadataService, emulator: Emulator) -> None:
    hear(emulator.lastfm.person("anna"), 1)
    emulator.lastfm.private.add("anna")
    with pytest.raises(AuthFailed):
        await metadata.lastfm.recent_tracks("anna")
    key = emulator.lastfm.session_of("anna")
    assert len((await metadata.lastfm.recent_tracks("anna", session_key=key)).listens) == 1
    assert await metadata.lastfm.user(key) == "anna"
    with pytest.raises(ProviderBug):
        await metadata.lastfm.recent_tracks("nobody")


async def test_loves_come_in_pages_from_both(metadata: MetadataService, emulator: Emulator) -> None:
    emulator.lastfm.person("anna").loved = {("Ann", f"Song {n}"): START + n for n in range(201)}
    first = await metadata.lastfm.loved_tracks("anna")
    assert (len(first.loves), first.next, first.total) == (200, 2, 201)
    last = await metadata.lastfm.loved_tracks("anna", 2)
    assert ([one.title for one in last.loves], last.next) == (["Song 0"], None)
    at = At(metadata.listenbrainz.usual_url, emulator.listenbrainz.token_of("anna"))
    emulator.listenbrainz.person("anna").feedback = {MBID.format(n): 1 if n % 2 else -1 for n in range(2002)}
    page: int | None = 0
    ids: list[str] = []
    while page is not None:
        found = await metadata.listenbrainz.loves(at, "anna", page)
        assert found is not None
        ids += [one.recording_mbid for one in found.loves]
        page = found.next
    assert ids == [MBID.format(n) for n in range(2002) if n % 2]


async def test_listenbrainz_listens_come_in_pages(metadata: MetadataService, emulator: Emulator) -> None:
    hear(emulator.listenbrainz.person("anna"), 2500)
    at = At(metadata.listenbrainz.usual_url)
    seen: list[int] = []
    before: int | None = None
    while True:
        page = await metadata.listenbrainz.listens(at, "anna", before=before)
        assert page is not None
        if not page.listens:
            break
        seen += [int(one.at.timestamp()) for one in page.listens]
        before = seen[-1]
    assert seen == [START + n * 200 for n in reversed(range(2500))]
    assert page.oldest_at == START
    assert await metadata.listenbrainz.listens(at, "nobody") is None


async def test_the_last_request_that_is_allowed_makes_everybody_wait(
    db: Database, emulator: Emulator, served: tuple[Emulator, str]
) -> None:
    emulator.listenbrainz.limit.count = 3
    settings = settings_at(served[1])
    outside = Outside(db, open_cache(None))
    metadata = MetadataService(outside, lambda: settings)
    at = At(metadata.listenbrainz.usual_url, emulator.listenbrainz.token_of("anna"))
    listen = Listened("Ann", "Sea", at=START)
    before = emulator.world.calls.counts.get("listenbrainz/submit-listens", 0)
    for _ in range(3):
        await metadata.listenbrainz.submit(at, [listen])
    with pytest.raises(Throttled):
        await metadata.listenbrainz.now_playing(at, listen)
    asked = emulator.world.calls.counts["listenbrainz/submit-listens"] - before
    assert asked == 3, "nobody was asked in vain"
    await outside.close()
