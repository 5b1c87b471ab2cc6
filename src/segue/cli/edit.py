"""`segue edit tr-81 title="Another"`: say what something is called, without touching its file."""

from __future__ import annotations

import json as jsons
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

if TYPE_CHECKING:
    from segue.library.edits.service import EditService


def edit(
    id: Annotated[str, typer.Argument(help="tr-…, al-…, ar-…, lb-… or ge-…; with --undo the edit, ed-….")],
    changes: Annotated[
        list[str] | None,
        typer.Argument(help="field=value; several values with `; `; JSON where it begins with [ or {."),
    ] = None,
    clear: Annotated[
        list[str] | None, typer.Option("--clear", help="Take the edit of a field back; may be repeated.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take a whole edit back.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Edit a track, an album, an artist, a label or a genre; without changes, show its fields."""
    settings = read_settings(data_dir=data_dir)
    if undo and (changes or clear):
        raise typer.BadParameter("takes nothing but the edit's id", param_hint="--undo")

    async def work() -> int:
        from segue.library.edits.service import EditService

        async with opened(settings) as segue:
            edits = segue.services.get(EditService)
            if undo:
                await _undo(edits, id, json)
            elif changes or clear:
                await _edit(edits, id, changes or [], clear or [], json)
            else:
                await _show(edits, id, json)
        return 0

    raise typer.Exit(run(work))


async def _edit(edits: EditService, id: str, changes: list[str], clear: list[str], json: bool) -> None:
    from segue.core.access import SYSTEM
    from segue.core.ids import format_id

    kind, number = _thing(id)
    made = await edits.edit(SYSTEM, kind, number, set=dict(_pair(kind, text) for text in changes), clear=clear)
    if json:
        emit({"edit": format_id("ed", made.batch), "job": format_id("jo", made.job) if made.job else None})
    else:
        say(f"Edited; `segue edit {format_id('ed', made.batch)} --undo` takes it back.")


async def _undo(edits: EditService, id: str, json: bool) -> None:
    from segue.core.access import SYSTEM
    from segue.core.ids import format_id, parse_id

    made = await edits.undo(SYSTEM, parse_id(id, "ed"))
    if json:
        emit({"edit": format_id("ed", made.batch), "job": format_id("jo", made.job) if made.job else None})
    else:
        say(f"Taken back, as {format_id('ed', made.batch)}.")


async def _show(edits: EditService, id: str, json: bool) -> None:
    from segue.core.access import SYSTEM

    kind, number = _thing(id)
    state = await edits.state(SYSTEM, kind, number)
    for name, field in state.fields.items():
        if json:
            emit({"field": name, "value": field.value, "own": field.own, "edited": field.edited})
        elif field.edited:
            print(f"{name}\t{_shown(field.value)}\t(edited; else {_shown(field.own)})")
        elif field.value not in (None, [], {}):
            print(f"{name}\t{_shown(field.value)}")


def _thing(id: str) -> tuple[str, int]:
    from segue.core.ids import BadId, TypedId
    from segue.library.edits.fields import KINDS

    typed = TypedId.parse(id)
    if typed.kind not in KINDS:
        raise BadId(id, "tr")
    return typed.kind, typed.number


def _pair(kind: str, text: str) -> tuple[str, Any]:
    """`field=value` as a field and its value: JSON where it looks so, a list where the field has several values."""
    from segue.library.edits.fields import field_of

    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not field=value.", param_hint="CHANGES")
    if value[:1] in "[{" and value:
        try:
            return name, jsons.loads(value)
        except ValueError:
            raise typer.BadParameter(f"The value of {name} is not JSON.", param_hint="CHANGES") from None
    if field_of(kind, name).many:
        return name, [part.strip() for part in value.split(";") if part.strip()]
    if value in ("true", "false"):
        return name, value == "true"
    try:
        return name, float(value) if name == "bpm" else value
    except ValueError:
        return name, value


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else jsons.dumps(value, ensure_ascii=False)


def register(app: typer.Typer) -> None:
    app.command("edit")(edit)
