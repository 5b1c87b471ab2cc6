"""Genre, mood and words of one's own for a track, as the nearest tracks have them: always with the source and the voters."""

from __future__ import annotations

from segue.analysis.similar import repository
from segue.analysis.similar.ballots import Vote, counted
from segue.analysis.similar.ground import SimilarGround
from segue.core.access import Actor

VOTERS = 25
LEAST_LIKE = 0.3
"""What is less like a track than this says nothing about it: pieces that have nothing in common are at about 0.2."""
OF_ONE_ARTIST = 2


class Labels(SimilarGround):
    """The verb about labels."""

    async def votes(self, actor: Actor, track_id: int, voters: int = VOTERS) -> list[Vote]:
        """What the nearest tracks of other albums are called: genres and moods of their tags, and the person's own words.

        At most two voters are of one artist. Raises NothingHeard, NotInLibrary, NotHeard.
        """
        row = await self._track(actor, track_id)
        space = await self._space()
        vectors = await self._vectors(space, [row])
        near = await self._near(
            actor, space, vectors[0], voters + 2 * OF_ONE_ARTIST, without=[row], without_vectors=vectors,
            per_artist=OF_ONE_ARTIST,
        )  # fmt: skip
        neighbours = [
            (one.track.id, one.likeness)
            for one in near
            if one.track.album_id != row.album_id and one.likeness >= LEAST_LIKE
        ]
        neighbours = neighbours[:voters]
        ids = [row.id, *(track for track, _ in neighbours)]
        async with self._db.read() as conn:
            genres = await repository.genres_of(conn, ids)
            moods = await repository.moods_of(conn, ids)
            own = await self.own_labels(conn, actor, ids) if self.own_labels is not None else {}
        return [
            vote
            for kind, labels in (("genre", genres), ("mood", moods), ("tag", own))
            for vote in counted(kind, neighbours, labels, labels.get(row.id, ()))
        ]
