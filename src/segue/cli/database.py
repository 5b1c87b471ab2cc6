"""`segue db`: the tables and their migrations."""

from __future__ import annotations

from typing import Annotated

import typer

from segue.cli.given import DataDir, Json, emit, read_settings, run, say, usable_data_dir

app = typer.Typer(no_args_is_help=True, help="The tables: bring them up to date, go back, see their history.")


def _migrations(data_dir: object) -> tuple[object, object]:
    from segue.core.migrate import Migrations
    from segue.tables import import_models

    settings = read_settings(data_dir=data_dir)
    usable_data_dir(settings)
    import_models()
    db = settings.database_target.open(lock_limit_s=settings.database.lock_limit_s)
    return db, Migrations(db, settings.data_dir / "backups", keep=settings.database.keep_backups)


@app.command()
def upgrade(
    to: Annotated[str, typer.Argument(help="Revision to go up to.")] = "head", data_dir: DataDir = None
) -> None:
    """Bring the tables to the form this version wants; a SQLite file is copied first."""

    async def work() -> None:
        db, migrations = _migrations(data_dir)
        try:
            moved = await migrations.upgrade(_bar(), to=to)  # type: ignore[attr-defined]
            say("The tables are up to date." if moved else "Nothing to do: the tables were up to date.")
        finally:
            await db.close()  # type: ignore[attr-defined]

    run(work)


@app.command()
def downgrade(
    to: Annotated[str, typer.Argument(help="Revision to go back to; `base` is before the first.")],
    data_dir: DataDir = None,
) -> None:
    """Go back to an earlier form; a SQLite file is copied first. Stop Segue before."""

    async def work() -> None:
        db, migrations = _migrations(data_dir)
        try:
            await migrations.downgrade(to, _bar())  # type: ignore[attr-defined]
            say(f"The tables are at {to}.")
        finally:
            await db.close()  # type: ignore[attr-defined]

    run(work)


@app.command()
def history(data_dir: DataDir = None, json: Json = False) -> None:
    """Every migration, oldest first, and which the database has."""

    async def work() -> None:
        db, migrations = _migrations(data_dir)
        try:
            for revision in await migrations.history():  # type: ignore[attr-defined]
                if json:
                    emit({"id": revision.id, "summary": revision.summary, "applied": revision.applied})
                else:
                    print(f"{'✓' if revision.applied else ' '} {revision.id}  {revision.summary}")
        finally:
            await db.close()  # type: ignore[attr-defined]

    run(work)


@app.command()
def restored(data_dir: DataDir = None) -> None:
    """Say that the database was put back from a copy: programs that keep copies of their own then fetch everything anew."""
    from segue.core.changes import start_epoch

    async def work() -> None:
        db, migrations = _migrations(data_dir)
        try:
            await migrations.current()  # type: ignore[attr-defined]
            async with db.write() as tx:  # type: ignore[attr-defined]
                await start_epoch(tx)
            say("Programs that keep a copy will fetch everything anew.")
        finally:
            await db.close()  # type: ignore[attr-defined]

    run(work)


def _bar() -> object:
    said: set[str] = set()

    def report(phase: str, done: int, total: int) -> None:
        sentence = {"backup": "Copying the database before it is changed…", "migrate": "Changing the tables…"}[phase]
        if phase not in said:
            said.add(phase)
            say(sentence)

    return report
