"""REST of mixing: transitions, what goes with a track, sets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from segue.analysis.mixing import schemas as s
from segue.analysis.mixing.records import Manner, Profile, Transition
from segue.analysis.mixing.service import MixingService, Pool, SetWish
from segue.core.errors import FieldProblem, Invalid
from segue.core.ids import format_id, parse_id
from segue.core.rest import Access, CurrentActor, Router, json_response, problems, service
from segue.library import items

router = Router(prefix="/analysis", tags=["analysis"])
Mixing = Annotated[MixingService, service(MixingService)]
ProfileParam = Annotated[
    Profile,
    Query(
        description="Which keys go together. strict: the same, an hour to either side, the other letter; standard: the diagonal"
        " too; adventurous: two hours up, a semitone up, the other mode."
    ),
]
PitchParam = Annotated[
    float, Query(ge=0, le=0.5, description="How far a track may be sped up or slowed down: 0.06 for 6 %.")
]
LockParam = Annotated[bool, Query(description="Whether speed leaves the key as it is.")]


@router.get(
    "/transition",
    access=Access.signed_in,
    response_model=s.TransitionAnswer,
    responses=problems(404, 422),
    operation_id="analysis_transition",
    summary="How to go from one track to another",
)
async def transition(
    actor: CurrentActor,
    mixing: Mixing,
    first: Annotated[str, Query(alias="from", description="The track that plays.", examples=["tr-81"])],
    to: Annotated[str, Query(description="The track that comes.", examples=["tr-345"])],
    profile: ProfileParam = "standard",
    pitch_limit: PitchParam = 0.06,
    key_lock: LockParam = True,
) -> Response:
    """Along the beats where both have them and their tempos come together, else a plain fade."""
    manner = Manner(profile, pitch_limit, key_lock)
    found = await mixing.transition(actor, parse_id(first, "tr"), parse_id(to, "tr"), manner)
    return json_response(transition_item(found))


@router.get(
    "/tracks/{id}/mixes-with",
    access=Access.signed_in,
    response_model=s.MixesWithAnswer,
    responses=problems(404, 422),
    operation_id="analysis_tracks_mixes_with",
    summary="What goes well after a track",
)
async def mixes_with(
    id: str,
    actor: CurrentActor,
    mixing: Mixing,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    q: Annotated[str | None, Query(max_length=4_000, description="Only tracks that meet this query.")] = None,
    profile: ProfileParam = "standard",
    pitch_limit: PitchParam = 0.06,
    key_lock: LockParam = True,
) -> Response:
    """The best first, each with the way to it. Of a large library 600 tracks are looked at whose tempo and key fit."""
    manner = Manner(profile, pitch_limit, key_lock)
    found = await mixing.mixes_with(actor, parse_id(id, "tr"), manner, limit, where=q)
    told = [{"track": items.track_item(track), "transition": transition_item(way)} for track, way in found]
    return json_response({"items": told})


@router.get(
    "/tracks/{id}/cues",
    access=Access.signed_in,
    response_model=s.CuesAnswer,
    responses=problems(404, 422),
    operation_id="analysis_tracks_cues",
    summary="The points of a track that a mix can use",
)
async def cues(
    id: str,
    actor: CurrentActor,
    mixing: Mixing,
    phrases: Annotated[int, Query(ge=0, le=64, description="How many beginnings of phrases within it are told.")] = 4,
) -> Response:
    """On its beats where it has any, counted in phrases of 16 and 32."""
    number = parse_id(id, "tr")
    found = await mixing.cues(actor, number, phrases)
    told = [{"name": cue.name, "at_ms": cue.at_ms, "beat": cue.beat} for cue in found]
    return json_response({"track": format_id("tr", number), "items": told})


@router.post(
    "/sets",
    access=Access.signed_in,
    response_model=s.MixSetAnswer,
    responses=problems(404, 422),
    operation_id="analysis_sets_make",
    summary="Put a set together",
)
async def make_set(body: s.MixSetBody, actor: CurrentActor, mixing: Mixing) -> Response:
    """A beam search for an order in which keys, tempos and energy go well from track to track and follow a curve. The same body
    gives the same set. Nothing is stored."""
    made = await mixing.make(actor, _wish(body))
    told = [
        {
            "track": items.track_item(one.track),
            "transition": None if one.transition is None else transition_item(one.transition),
            "too_soon": one.too_soon,
        }
        for one in made.items
    ]
    return json_response({"items": told, "score": made.score, "duration_ms": made.duration_ms, "pool": made.pool})


# --- spelling ---------------------------------------------------------------------------------------------------------


def transition_item(way: Transition) -> dict[str, Any]:
    return {
        "from": format_id("tr", way.from_id),
        "to": format_id("tr", way.to_id),
        "kind": way.kind,
        "out_ms": way.out_ms,
        "in_ms": way.in_ms,
        "length_ms": way.length_ms,
        "beats": way.beats,
        "rate_from": 1.0,
        "rate_to": way.rate,
        "settle_ms": way.settle_ms,
        "bass_swap_at_ms": way.bass_swap_ms,
        "tempo_factor": round(way.tempo_factor, 4),
        "key_relation": way.key_relation,
        "key_cents": way.key_cents,
        "score": way.score,
        "terms": {
            "key": way.terms.key, "tempo": way.terms.tempo, "energy": way.terms.energy, "room": way.terms.room,
        },
        "reasons": [{"code": reason.code, "params": dict(reason.params)} for reason in way.reasons],
    }  # fmt: skip


def _wish(body: s.MixSetBody) -> SetWish:
    if (body.length is None) == (body.minutes is None):
        message = "Say how long it is to be: by `length` or by `minutes`."
        raise Invalid("how_long", message, fields=[FieldProblem("length", "how_long", message)])
    if body.points is not None and (
        not body.points or not all(0 <= number <= 1 for point in body.points for number in point)
    ):
        message = "A curve has at least one point, and all its numbers are from 0 to 1."
        raise Invalid("bad_curve", message, fields=[FieldProblem("points", "bad_curve", message)])
    places = [one.position for one in body.locked]
    if len(set(places)) < len(places):
        message = "Two tracks cannot be at one place."
        raise Invalid("place_taken", message, fields=[FieldProblem("locked", "place_taken", message)])
    pool = body.pool
    return SetWish(
        pool=Pool(
            pool.q if pool.q and pool.q.strip() else None,
            None if pool.playlist is None else parse_id(pool.playlist, "pl"),
            tuple(parse_id(track, "tr") for track in pool.tracks),
        ),
        curve=body.curve if body.points is None else tuple(body.points),
        tracks=body.length,
        minutes=body.minutes,
        start=None if body.start is None else parse_id(body.start, "tr"),
        end=None if body.end is None else parse_id(body.end, "tr"),
        locked={one.position: parse_id(one.track, "tr") for one in body.locked},
        exclude=frozenset(parse_id(track, "tr") for track in body.exclude),
        apart=body.artist_apart,
        seed=body.seed,
        manner=Manner(body.profile, body.pitch_limit, body.key_lock),
    )
