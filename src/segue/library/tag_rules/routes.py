"""REST of the rules for tags, for administrators: what holds, changing it, and what that would do."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Access, Body, CurrentActor, Router, problems, service
from segue.library.scan.tags.rules import shipped_text
from segue.library.scan.tags.rules_file import MAX_CHARACTERS
from segue.library.tag_rules.current import Source
from segue.library.tag_rules.preview import MOST_NAMES, Names
from segue.library.tag_rules.service import MOST_SAMPLED, SAMPLE, TagRulesService

router = Router(prefix="/tag-rules", tags=["library"])
Rules = Annotated[TagRulesService, service(TagRulesService)]


class RulesProblem(BaseModel):
    """Why rules cannot be used; `line` counts from 1."""

    message: str
    line: int | None


class TagRulesAnswer(BaseModel):
    """The rules that hold. Where a person's own cannot be used (`problem`), those that come with Segue hold alone."""

    source: Source = Field(description="Where your own rules are: a file, kept here (web), or nowhere (none).")
    rules: str | None = Field(description="Your own rules, as YAML.")
    shipped: str = Field(description="The rules that come with Segue, as YAML; yours change them.")
    file: str = Field(description="The file that counts more than what is kept here, where it is there.")
    problem: RulesProblem | None
    hash: str = Field(description="Equal exactly where the rules are.")
    files_behind: int = Field(description="Files whose tracks other rules made; a job is at it, or will be.")


class TagRulesAsk(Body):
    rules: str = Field(max_length=MAX_CHARACTERS, description="Rules as YAML; see the page on rules for tags.")


class TagRulesKept(BaseModel):
    """`job` makes every track by the new rules; null where nothing is to be done."""

    job: str | None


class TagRulesPreviewAsk(Body):
    """Without `rules`, those that hold are tried: what would change where other rules made the tracks."""

    rules: str | None = Field(None, max_length=MAX_CHARACTERS)
    sample: int = Field(
        SAMPLE, ge=1, le=MOST_SAMPLED, description="Tracks to look at, taken from all over the library."
    )


class NameChange(BaseModel):
    name: str
    tracks: int = Field(description="How many of the tracks looked at have it.")


class NamesChange(BaseModel):
    """Names that would come and are new to the library, and names that nothing which was looked at would have any more."""

    added: list[NameChange]
    added_count: int
    removed: list[NameChange]
    removed_count: int


class ExampleItem(BaseModel):
    """One field of one track as it is and as it would be."""

    track: str
    title: str
    field: str
    before: Any
    after: Any


class PreviewAnswer(BaseModel):
    """What would change, in the tracks that were looked at. Nothing was written."""

    total: int = Field(description="Tracks there are.")
    looked_at: int
    complete: bool = Field(description="Whether every track was looked at.")
    changed: int = Field(description="Tracks that would change.")
    unread: int = Field(description="Tracks whose files would have to be read to know.")
    fields: dict[str, int] = Field(description="How many tracks would change, by field.")
    artists: NamesChange
    genres: NamesChange
    examples: list[ExampleItem]


@router.get("", access=Access.admin, summary="The rules for tags")
async def get_tag_rules(rules: Rules) -> TagRulesAnswer:
    """Yours and those that come with Segue, and whether every track was made by them."""
    found = await rules.in_force()
    refused = found.problem
    problem = RulesProblem(message=refused.message, line=refused.line) if refused else None
    return TagRulesAnswer(
        source=found.source,
        rules=found.text,
        shipped=shipped_text(),
        file=str(found.path),
        problem=problem,
        hash=found.rules.hash.hex(),
        files_behind=await rules.behind(),
    )


@router.put(
    "",
    access=Access.admin,
    responses=problems(409, 422),
    operation_id="tag_rules_put",
    summary="Your own rules for tags",
)
async def put_tag_rules(actor: CurrentActor, rules: Rules, ask: TagRulesAsk) -> TagRulesKept:
    """They hold at once; every track is made again from what its file said, without reading it. 409 where there is a file
    of rules, 422 with the line where something is wrong."""
    return TagRulesKept(job=format_id_or_none("jo", await rules.put(actor, ask.rules)))


@router.delete("", access=Access.admin, responses=problems(409), summary="Back to the rules that come with Segue")
async def delete_tag_rules(actor: CurrentActor, rules: Rules) -> TagRulesKept:
    """Your own rules are forgotten, and every track is made again."""
    return TagRulesKept(job=format_id_or_none("jo", await rules.forget(actor)))


@router.post(
    "/apply",
    access=Access.admin,
    status_code=202,
    operation_id="tag_rules_apply",
    summary="Make every track by the rules that hold",
)
async def apply_tag_rules(actor: CurrentActor, rules: Rules) -> TagRulesKept:
    """For a file of rules that was changed while Segue runs; it is also noticed at the next start and after a scan."""
    return TagRulesKept(job=format_id_or_none("jo", await rules.apply(created_by=actor.user_id)))


@router.post(
    "/preview",
    access=Access.admin,
    responses=problems(422),
    operation_id="tag_rules_preview",
    summary="What rules for tags would change",
)
async def preview_tag_rules(actor: CurrentActor, rules: Rules, ask: TagRulesPreviewAsk) -> PreviewAnswer:
    """Counts, names and examples, from a sample of the library. Nothing is written."""
    found = await rules.preview(actor, ask.rules, ask.sample)
    return PreviewAnswer(
        total=found.total,
        looked_at=found.looked_at,
        complete=found.looked_at >= found.total,
        changed=found.changed,
        unread=found.unread,
        fields=dict(found.fields.most_common()),
        artists=_names(found.artists),
        genres=_names(found.genres),
        examples=[
            ExampleItem(
                track=format_id("tr", one.track), title=one.title, field=one.field, before=one.before, after=one.after
            )
            for one in found.examples
        ],
    )


def _names(names: Names) -> NamesChange:
    added, removed = names.added, names.removed
    return NamesChange(
        added=[NameChange(name=names.spelled[key], tracks=names.after[key]) for key in added[:MOST_NAMES]],
        added_count=len(added),
        removed=[NameChange(name=names.spelled[key], tracks=names.before[key]) for key in removed[:MOST_NAMES]],
        removed_count=len(removed),
    )
