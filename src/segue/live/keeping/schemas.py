"""What nights and rules look like over REST."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Body
from segue.live.keeping.covering import Completeness, Lack, Moment, Part
from segue.live.keeping.planning import Candidate, Plan, Step
from segue.live.keeping.service import Lacking, Night, RuleView
from segue.live.schemas import ConcertItem, LiveNamedItem, RecordingItem, Source
from segue.live.spelling import concert, named, recording
from segue.live.views import ConcertView, RecordingView

Json = dict[str, Any]
Action = Literal["fetch", "replace", "there", "coming", "no_room", "none"]


class KeepReasonItem(BaseModel):
    """Why: a code with its parameters."""

    code: str
    params: dict[str, Any]


class LackItem(BaseModel):
    """A song that a recording lacks or cuts."""

    position: int = Field(description="Its place in the setlist.")
    set: str
    song: LiveNamedItem
    recordings: list[str] = Field(description="Those that have it whole, best first.", examples=[["rec-81"]])


class LackingItem(BaseModel):
    """What one recording of a concert lacks."""

    recording: RecordingItem
    known: bool = Field(description="False where its tracks are not known yet: opening it asks the archive for them.")
    missing: list[LackItem]
    cut: list[LackItem]


class CompletenessAnswer(BaseModel):
    """What the recordings of a concert lack, best first. Without a setlist `songs` is 0 and nothing is said to lack."""

    concert: ConcertItem
    songs: int
    items: list[LackingItem]
    nowhere: list[LiveNamedItem] = Field(description="Songs that no known recording holds.")


class NightPartItem(BaseModel):
    """A track of the night. `reason`: base (it is of the recording most is from), fills_missing, fills_cut, keeps_segue (so
    that a segue is heard from one recording) or cut_everywhere."""

    track: str = Field(examples=["lt-12"])
    library_track: str | None = Field(description="Where it is on this server.", examples=["tr-81"])
    recording: str = Field(examples=["rec-81"])
    number: int = Field(description="Its number in that recording.")
    title: str
    duration_ms: int | None
    songs: list[LiveNamedItem] = Field(description="What it is there for; empty for talk and tuning.")
    reason: Literal["base", "fills_missing", "fills_cut", "keeps_segue", "cut_everywhere"]


class CompositeAnswer(BaseModel):
    """A whole night, put together from its recordings."""

    concert: ConcertItem
    base: str | None = Field(description="The recording most of it is from.", examples=["rec-81"])
    recordings: list[RecordingItem] = Field(description="Those that it is put together from.")
    items: list[NightPartItem]
    lacking: list[LiveNamedItem] = Field(description="Songs that no recording holds.")


class PlaylistBody(Body):
    """A playlist of a night."""

    name: str | None = Field(None, min_length=1, max_length=200, description="What to call it; the concert without it.")


class PlaylistAnswer(BaseModel):
    """The playlist that was made."""

    playlist: str = Field(examples=["pl-7"])
    tracks: int
    lacking: list[LiveNamedItem] = Field(description="Songs that are not on this server.")


class RuleBody(Body):
    """A rule: the best recording of every concert that is found by `query`, within a budget."""

    name: str = Field(max_length=200)
    query: str = Field(
        max_length=10_000,
        description="In the query language, over concerts. Its order is the order in which the budget is spent.",
        examples=['artist.name:"Harbour Tide" year:1977'],
    )
    enabled: bool = Field(True, description="Apply it every night and after the archive's lists were read.")
    sources: list[Source] = Field([], description="Only these kinds, the preferred one first; empty: any.")
    formats: list[str] = Field([], max_length=20, description="Only these formats, the preferred one first.")
    prefer: Literal["rank", "source"] = Field(
        "rank", description="What decides among recordings that may be taken: their rank, or the order of `sources`."
    )
    completeness: float | None = Field(None, ge=0, le=1, description="The least share of the setlist.")
    unknown_complete: bool = Field(True, description="Also take what nobody knows the completeness of.")
    budget_bytes: int | None = Field(None, ge=0, description="For all that the rule keeps.", examples=[400_000_000_000])
    keep_current: bool = Field(True, description="Fetch a better transfer when one appears.")
    better: Literal["replace", "add"] = Field(
        "replace", description="What becomes of a recording of this rule when a better one is fetched."
    )
    target: str | None = Field(None, description="The library that it goes to; that of the settings without it.")


class RuleChange(Body):
    """What to change of a rule; what is left out stays."""

    name: str | None = Field(None, max_length=200)
    query: str | None = Field(None, max_length=10_000)
    enabled: bool | None = None
    sources: list[Source] | None = None
    formats: list[str] | None = Field(None, max_length=20)
    prefer: Literal["rank", "source"] | None = None
    completeness: float | None = Field(None, ge=0, le=1, description="Null: it does not matter.")
    unknown_complete: bool | None = None
    budget_bytes: int | None = Field(None, ge=0, description="Null: no limit.")
    keep_current: bool | None = None
    better: Literal["replace", "add"] | None = None
    target: str | None = Field(None, description="Null: the library of the settings.")

    def values(self) -> Json:
        """What was given; null takes a limit away, and leaves what cannot be null as it is."""
        given = self.model_dump(exclude_unset=True)
        open_ones = ("completeness", "budget_bytes", "target")
        return {name: value for name, value in given.items() if value is not None or name in open_ones}


class KeepRuleItem(BaseModel):
    """A rule as it stands."""

    id: str = Field(examples=["lr-3"])
    owner: str | None = Field(examples=["us-1"])
    name: str
    query: str
    enabled: bool
    sources: list[Source]
    formats: list[str]
    prefer: Literal["rank", "source"]
    completeness: float | None
    unknown_complete: bool
    budget_bytes: int | None
    keep_current: bool
    better: Literal["replace", "add"]
    target: str | None
    kept: int = Field(description="Recordings that it keeps, or is fetching.")
    kept_bytes: int
    created_at: datetime
    changed_at: datetime
    applied_at: datetime | None


class ChoiceItem(BaseModel):
    """A recording in a plan."""

    id: str = Field(examples=["rec-81"])
    identifier: str
    source_type: Source
    formats: list[str]
    rank: int
    completeness: float | None
    bytes: int | None = Field(description="What fetching it takes.")
    exact: bool = Field(description="False: that is the size of the whole item, which is more than is fetched.")


class PassedItem(BaseModel):
    """A recording that stands before the chosen one, and why it was not taken."""

    recording: ChoiceItem
    code: str = Field(
        description="source, format, incomplete, completeness_unknown, partial, stream_only, gone, dark …"
    )


class StepItem(BaseModel):
    """What happens for one concert. Actions: fetch, replace (fetch a better one, then take the old one away), there, coming,
    no_room (the budget is spent) and none (no recording may be taken)."""

    concert: ConcertItem
    action: Action
    recording: ChoiceItem | None
    replaces: ChoiceItem | None
    bytes: int = Field(description="What it adds to the budget.")
    used_bytes: int = Field(description="What the rule keeps after this step.")
    reasons: list[KeepReasonItem]
    passed_over: list[PassedItem]


class PlanAnswer(BaseModel):
    """What a rule would do now. Nothing was done."""

    counts: dict[Action, int]
    budget_bytes: int | None
    kept_bytes: int = Field(description="What it keeps already.")
    used_bytes: int = Field(description="What it would keep.")
    to_fetch_bytes: int
    over_bytes: int = Field(description="By how much what it keeps is over the budget; nothing is taken away for that.")
    items: list[StepItem]
    next: str | None
    total: int


class ApplyAnswer(BaseModel):
    """The job that does it."""

    job: str = Field(examples=["jo-7"])


class DeedItem(BaseModel):
    """Something that a rule did: fetch, replace (fetch in the place of another) or remove (what was replaced)."""

    at: datetime
    action: Literal["fetch", "replace", "remove"]
    concert_uid: str
    recording: str | None = Field(examples=["rec-81"])
    identifier: str
    title: str | None
    download: str = Field(examples=["dl-5"])
    state: str | None = Field(description="How the download stands now.")
    replaces: str | None = Field(description="The download that it takes the place of.", examples=["dl-4"])
    bytes: int | None
    reasons: list[KeepReasonItem]


class RunItem(BaseModel):
    """A time that a rule was applied."""

    at: datetime
    by: str = Field(description="person, night or mirror.")
    summary: dict[str, Any]


class HistoryAnswer(BaseModel):
    """What a rule did, the newest first, and how its last runs went."""

    items: list[DeedItem]
    next: str | None
    runs: list[RunItem]


# --- spelling ---------------------------------------------------------------------------------------------------------


def song_of(moment: Moment) -> Json:
    return named("so", moment.song, moment.name)


def completeness_of(found: Lacking) -> Json:
    nowhere = [
        one
        for one in found.moments
        if found.found and all(any(lack.moment == one for lack in each.missing) for each in found.found if each.known)
    ]
    return {
        "concert": concert(found.concert),
        "songs": len(found.moments),
        "items": [_lacking(one, found.recordings) for one in found.found],
        "nowhere": [song_of(one) for one in nowhere] if any(each.known for each in found.found) else [],
    }


def _lacking(one: Completeness, recordings: dict[int, RecordingView]) -> Json:
    return {
        "recording": recording(recordings[one.recording]),
        "known": one.known,
        "missing": [_lack(lack) for lack in one.missing],
        "cut": [_lack(lack) for lack in one.cut],
    }


def _lack(lack: Lack) -> Json:
    return {
        "position": lack.moment.position,
        "set": lack.moment.set_name,
        "song": song_of(lack.moment),
        "recordings": [format_id("rec", number) for number in lack.others],
    }


def night_of(found: Night) -> Json:
    used = dict.fromkeys(part.piece.recording for part in found.made.parts)
    return {
        "concert": concert(found.concert),
        "base": format_id_or_none("rec", found.made.base),
        "recordings": [recording(found.recordings[number]) for number in used],
        "items": [_part(part) for part in found.made.parts],
        "lacking": [song_of(moment) for moment in found.made.lacking],
    }


def _part(part: Part) -> Json:
    return {
        "track": format_id("lt", part.piece.id),
        "library_track": format_id_or_none("tr", part.piece.here),
        "recording": format_id("rec", part.piece.recording),
        "number": part.piece.number,
        "title": part.piece.title,
        "duration_ms": part.piece.duration_ms,
        "songs": [song_of(moment) for moment in part.moments],
        "reason": part.reason,
    }


def rule_of(view: RuleView) -> Json:
    row = view.row
    same = (
        "name", "query", "enabled", "sources", "formats", "prefer", "completeness", "unknown_complete", "budget_bytes",
        "keep_current", "better", "target", "created_at", "changed_at", "applied_at",
    )  # fmt: skip
    return {
        "id": format_id("lr", row.id),
        "owner": format_id_or_none("us", row.owner_id or None),
        **{name: getattr(row, name) for name in same},
        "kept": view.kept_count,
        "kept_bytes": view.kept_bytes,
    }


def plan_of(
    made: Plan, steps: Iterable[Step], concerts: dict[int, ConcertView], following: str | None, total: int
) -> Json:
    return {
        "counts": made.counts,
        "budget_bytes": made.budget,
        "kept_bytes": made.kept,
        "used_bytes": made.used,
        "to_fetch_bytes": made.to_fetch,
        "over_bytes": made.over,
        "items": [_step(step, concerts[step.night.concert]) for step in steps if step.night.concert in concerts],
        "next": following,
        "total": total,
    }


def _step(step: Step, view: ConcertView) -> Json:
    return {
        "concert": concert(view),
        "action": step.action,
        "recording": _choice(step.chosen),
        "replaces": _choice(step.replaces),
        "bytes": step.bytes,
        "used_bytes": step.used,
        "reasons": [{"code": code, "params": params} for code, params in step.reasons],
        "passed_over": [{"recording": _choice(one), "code": code} for one, code in step.passed_over],
    }


def _choice(one: Candidate | None) -> Json | None:
    if one is None:
        return None
    return {
        "id": format_id("rec", one.recording),
        "identifier": one.identifier,
        "source_type": one.source,
        "formats": list(one.formats),
        "rank": one.rank,
        "completeness": one.completeness,
        "bytes": one.bytes,
        "exact": one.exact,
    }


def deed_of(row: Any) -> Json:
    return {
        "at": row.at,
        "action": row.action,
        "concert_uid": row.concert_uid,
        "recording": format_id_or_none("rec", row.recording_id or None),
        "identifier": row.identifier,
        "title": row.title,
        "download": format_id("dl", row.download_id),
        "state": "removed" if row.removed_at is not None else row.state,
        "replaces": format_id_or_none("dl", row.replaces_id),
        "bytes": row.bytes,
        "reasons": [{"code": code, "params": params} for code, params in row.reasons or ()],
    }


def run_of(row: Any) -> Json:
    return {"at": row.at, "by": row.by, "summary": row.summary}
