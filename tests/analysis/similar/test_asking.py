"""`similar:` in queries: the nearest of a track, an album or an artist, by id or by name, in their order."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from segue.analysis.similar.fields import track_fields
from segue.analysis.similar.keeper import SpaceKeeper
from segue.analysis.similar.service import SimilarService
from segue.core.access import Actor
from segue.core.db import Database
from segue.library.fields import ENTITIES
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS as LISTENING_FIELDS
from segue.query import Entities, Window
from tests.analysis.similar.ground import ANN, planted

pytestmark = pytest.mark.anyio
EVE = Actor(9, "eve", libraries=frozenset({99}))


class Here:
    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]:
        return {one.person: one for one in (ANN, EVE) if one.person in user_ids}


async def test_similar_is_asked_in_the_query_language(db: Database, tmp_path: Path) -> None:
    music = await planted(db)
    made: list[SimilarService] = []
    entities = Entities(ENTITIES).extended(LISTENING_FIELDS)
    library = LibraryService(db, entities.extended({"tracks": track_fields(lambda: made[0], Here)}))
    keeper = SpaceKeeper(db, tmp_path)
    keeper.fresh_s = 0
    similar = SimilarService(db, library, keeper)
    made.append(similar)
    seed = music.tracks["jazz"][0]

    async def asked(text: str, actor: Actor = ANN, **options: object) -> list[int]:
        return [view.id for view in (await library.list_tracks(actor, q=text, **options)).items]

    expected = [one.track_id for one in await similar.tracks(ANN, seed, 35, per_artist=0)]
    assert await asked(f"similar:tr-{seed} sort:similar") == expected
    assert await asked(f"similar:tr-{seed} sort:similar limit:5") == expected[:5]
    assert await asked(f"similar:tr-{seed} sort:-similar limit:3") == expected[:-4:-1]
    first = await library.list_tracks(ANN, q=f"similar:tr-{seed} sort:similar", window=Window(7))
    second = await library.list_tracks(ANN, q=f"similar:tr-{seed} sort:similar", window=Window(7, first.next))
    assert [view.id for view in (*first.items, *second.items)] == expected[:14]

    choir = await asked(f"similar:tr-{seed} genre:choir sort:similar")
    assert choir == [one for one in expected if one in music.tracks["choir"]]
    assert not set(await asked(f"-similar:tr-{seed} genre:jazz")) - {seed}
    assert (await asked('similar:"jazz song 0" sort:similar limit:5')) == expected[:5]
    by_artist = await asked('similar:"techno band 1" sort:similar limit:8')
    assert set(by_artist) == set(music.tracks["techno"]) - set(music.tracks["techno"][4:8])
    assert await asked(f"similar:al-{music.albums['techno'][1]} sort:similar limit:8") == by_artist
    assert await asked("similar:nothing-is-called-this") == []
    assert await asked("similar:tr-99999") == []
    assert await asked(f"similar:tr-{seed}", EVE) == []
    assert len(await asked(f"(similar:tr-{seed} or similar:tr-{music.tracks['choir'][0]}) sort:similar limit:6")) == 6
    assert set(await asked("genre:jazz sort:similar")) == set(music.tracks["jazz"])
