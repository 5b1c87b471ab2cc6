"""Songs that sound alike, as an app asks for them."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import delete, insert, select

from segue.analysis.models import Sound, SoundOfTrack, SoundVector
from segue.analysis.similar.service import SimilarService
from segue.analysis.timbre.layout import SIZE
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.library.models import Track
from tests.conformance.house import Face
from tests.conformance.requests_of import REQUESTS
from tests.conformance.specification import Specification

pytestmark = pytest.mark.anyio


async def plant(face: Face) -> list[str]:
    """Give every song a place on one line, in the order of their numbers; their ids."""
    db = face.services.get(Database)
    random = np.random.default_rng(4)
    start, step = random.normal(size=SIZE), random.normal(size=SIZE)
    async with db.write() as tx:
        tracks = list(await tx.conn.scalars(select(Track.id).order_by(Track.id)))
        for at, track in enumerate(tracks):
            await tx.execute(delete(SoundOfTrack).where(SoundOfTrack.track_id == track))
            sound = await tx.scalar(
                insert(Sound).values(key=f"line {track}".encode(), state="done", asked_at=utc_now()).returning(Sound.id)
            )
            await tx.execute(insert(SoundOfTrack).values(track_id=track, sound_id=sound))
            vector = (start + step * at * 0.3).astype("<f4").tobytes()
            await tx.execute(insert(SoundVector).values(sound_id=sound, version=1, vector=vector))
    face.services.get(SimilarService).keeper.fresh_s = 0
    return [f"tr-{track}" for track in tracks]


async def test_alike_songs_and_ways_between_them_are_told_as_described(
    face: Face, specification: Specification
) -> None:
    assert {"name": "sonicSimilarity", "versions": [1]} in (await face.ok("getOpenSubsonicExtensions"))[
        "openSubsonicExtensions"
    ]
    unheard = await face.ok("findSonicPath", "startSongId={song}&endSongId={classical}")
    assert [one["similarity"] for one in unheard["sonicMatch"]] == [1, -1]
    assert (await face.ok("getSonicSimilarTracks", "id={song}"))["sonicMatch"] == []

    songs = await plant(face)
    for method in ("getSonicSimilarTracks", "findSonicPath", "getSimilarSongs", "getSimilarSongs2"):
        for query in REQUESTS[method]:
            answer = (await face.get(method, query)).json()
            assert specification.json_problems(method, answer) == [], query
            assert specification.xml_problems((await face.get(method, query, form="xml")).content) == []
    found = (await face.ok("getSonicSimilarTracks", f"id={songs[4]}&count=2"))["sonicMatch"]
    assert {one["entry"]["id"] for one in found} == {songs[3], songs[5]}
    assert all(0 <= one["similarity"] <= 1 for one in found)

    path = (await face.ok("findSonicPath", f"startSongId={songs[0]}&endSongId={songs[-1]}&count=5"))["sonicMatch"]
    ids = [one["entry"]["id"] for one in path]
    assert ids[0] == songs[0]
    assert ids[-1] == songs[-1]
    assert ids == sorted(ids, key=songs.index)
    alike = (await face.ok("getSimilarSongs", f"id={songs[4]}&count=2"))["similarSongs"]["song"]
    assert [song["id"] for song in alike] == [one["entry"]["id"] for one in found]
    for wrong in ("id=tr-99999", "id=al-1"):
        assert (await face.get("getSonicSimilarTracks", wrong)).json()["subsonic-response"]["error"]["code"] in (0, 70)
