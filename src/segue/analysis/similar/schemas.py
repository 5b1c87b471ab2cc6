"""What REST says about similar music."""

from __future__ import annotations

from pydantic import BaseModel, Field

from segue.core.rest import Body
from segue.library.schemas import AlbumItem, ArtistItem, TrackItem

GROUPS = "How alike in each group of features, -1 to 1: timbre, rhythm, harmony, level."


class SimilarTrackItem(BaseModel):
    """A track, and how like what was asked about it sounds."""

    track: TrackItem
    score: float = Field(
        description="0 to 1: the weighted mean of the groups' cosines, nothing below 0.", examples=[0.87]
    )
    groups: dict[str, float] = Field(description=GROUPS, examples=[{"timbre": 0.93, "rhythm": 0.71}])


class SimilarTracksAnswer(BaseModel):
    """Tracks, the most alike first."""

    items: list[SimilarTrackItem]
    space: str = Field(description="Which space they were compared in; another one may order them otherwise.")


class SimilarPair(BaseModel):
    """A track of theirs and the one of ours that it is most like."""

    theirs: str = Field(examples=["tr-81"])
    ours: str = Field(examples=["tr-7"])
    score: float


class SimilarAlbumItem(BaseModel):
    album: AlbumItem
    score: float = Field(description="The mean likeness of each piece to the nearest of the other album, both ways.")
    pairs: list[SimilarPair] = Field(description="The tracks that are most alike.")


class SimilarAlbumsAnswer(BaseModel):
    items: list[SimilarAlbumItem]


class SimilarArtistItem(BaseModel):
    artist: ArtistItem
    score: float = Field(description="The mean likeness of each piece to the nearest of the other artist, both ways.")
    pairs: list[SimilarPair] = Field(description="The tracks that are most alike.")


class SimilarArtistsAnswer(BaseModel):
    items: list[SimilarArtistItem]


class PathAnswer(BaseModel):
    """A way from one track to another; `score` and `groups` say how like the first each is."""

    items: list[SimilarTrackItem]


class BlendBody(Body):
    """What to have more of and less of: tracks, albums, artists."""

    more: list[str] = Field(min_length=1, max_length=100, examples=[["tr-81", "al-7"]])
    less: list[str] = Field([], max_length=100, examples=[["ar-12"]])
    amount: float = Field(0.5, ge=0, le=1, description="How far to go away from `less`.")
    variety: float = Field(0.0, ge=0, le=1, description="How much chance there is in what is taken; 0 for none.")
    seed: int = Field(0, ge=0, lt=2**31, description="The same seed gives the same tracks.")
    limit: int = Field(50, ge=1, le=500)
    artist_limit: int = Field(3, ge=0, le=100, description="Tracks of one artist at most; 0 for any number.")
    q: str | None = Field(None, max_length=4_000, description="Only tracks that meet this query.")


class Voter(BaseModel):
    track: str = Field(examples=["tr-81"])
    score: float


class VoteItem(BaseModel):
    """A label that the nearest tracks have. Nothing was heard in the sound itself: others were called so by tags or people."""

    kind: str = Field(description="genre, mood, or tag (a word of your own).")
    label: str
    source: str = Field("knn", description="A vote of the nearest neighbours.")
    share: float = Field(description="Of the votes of all neighbours that have any label of this kind.")
    voters: list[Voter] = Field(description="Who has it, the nearest first.")
    of: int = Field(description="Neighbours that have any label of this kind.")
    said: bool = Field(description="Whether the track itself is called so already.")


class VotesAnswer(BaseModel):
    track: str
    items: list[VoteItem]


class SpaceItem(BaseModel):
    """The space that everything is compared in."""

    id: str | None = Field(description="Null where nothing was heard yet.")
    sounds: int = Field(description="Different pieces of sound in it.")
    learnt_on: int = Field(
        description="How many there were when it was learnt; it is learnt anew when the library has grown."
    )
    dimensions: int
    groups: dict[str, float] = Field(description="The groups of features and how much each counts.")
    index: str = Field(description="exact: every row is compared; lists: only those near the question.")


class MapJob(BaseModel):
    job: str = Field(description="The job that makes it.", examples=["jo-12"])


class MapAnswer(BaseModel):
    """Places of tracks as columns: the n-th of each list belong together. Near each other means alike."""

    state: str = Field(description="done, or working while a new map is being made.")
    revision: int
    total: int = Field(description="Tracks of yours on the whole map.")
    within: int = Field(description="Of those, in the part that was asked for.")
    complete: bool = Field(description="False where only some of them are told: ask for a smaller part to see more.")
    bounds: list[float] = Field(description="x and y of the lower left and the upper right corner of all there is.")
    tracks: list[int] = Field(description="The numbers of tracks: 81 is tr-81.")
    x: list[float]
    y: list[float]
    clusters: list[int] = Field(description="The number of each one's group; 0 for none.")


class MapPlaceAnswer(BaseModel):
    """The tracks nearest to a place on the map."""

    items: list[TrackItem]


class ClusterLabel(BaseModel):
    """A genre that is commoner in a group than in the library."""

    name: str
    share: float = Field(description="Of the group's tracks that have any genre.")
    everywhere: float = Field(description="Of all such tracks in the library.")


class ClusterItem(BaseModel):
    """A group of tracks that lie together. Its labels are the genres of people's tags, nothing else."""

    id: int
    tracks: int = Field(description="Of yours.")
    tightness: float = Field(description="How like its middle its tracks are, on average.")
    labels: list[ClusterLabel] = Field(description="Empty where no genre stands out.")
    x: float | None = Field(description="Its middle on the map, where there is one.")
    y: float | None


class ClustersAnswer(BaseModel):
    items: list[ClusterItem]
