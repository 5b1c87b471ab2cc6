"""`segue user`: accounts, for whoever has the server's own shell."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

app = typer.Typer(no_args_is_help=True, help="People: add, list, remove, passwords.")

FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


@app.command()
def add(
    username: str,
    admin: Annotated[bool, typer.Option("--admin", help="May administer the server.")] = False,
    email: Annotated[str | None, typer.Option(help="E-mail address, to sign in with too.", show_default=False)] = None,
    password_stdin: FromStdin = False,
    data_dir: DataDir = None,
) -> None:
    """Add a person."""
    from segue.accounts.service import AccountService
    from segue.core.access import SYSTEM

    settings = read_settings(data_dir=data_dir)
    password = _password(password_stdin)

    async def work() -> None:
        async with opened(settings) as segue:
            accounts = segue.services.get(AccountService)
            roles = ("admin",) if admin else ("user",)
            person = await accounts.create_user(SYSTEM, username, password, email=email, roles=roles)
            say(f"{person.username} can sign in now.")

    run(work)


@app.command("list")
def list_people(data_dir: DataDir = None, json: Json = False) -> None:
    """Everybody with an account."""
    from segue.accounts.service import AccountService
    from segue.core.access import SYSTEM

    async def work() -> None:
        async with opened(read_settings(data_dir=data_dir)) as segue:
            for person in await segue.services.get(AccountService).users(SYSTEM):
                if json:
                    emit({"id": f"us-{person.id}", "username": person.username, "roles": sorted(person.roles)})
                else:
                    print(f"{person.username}\t{', '.join(sorted(person.roles))}")

    run(work)


@app.command()
def password(username: str, password_stdin: FromStdin = False, data_dir: DataDir = None) -> None:
    """Give a person a new login password; their sessions end."""
    from segue.accounts.service import AccountService
    from segue.core.access import SYSTEM

    settings = read_settings(data_dir=data_dir)
    new = _password(password_stdin)

    async def work() -> None:
        async with opened(settings) as segue:
            accounts = segue.services.get(AccountService)
            person = await accounts.find_user(SYSTEM, username)
            await accounts.set_password(SYSTEM, person.id, new)
            say(f"{person.username} has a new password.")

    run(work)


@app.command()
def remove(
    username: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Remove a person and everything they made: plays, stars, playlists."""
    from segue.accounts.service import AccountService
    from segue.core.access import SYSTEM

    if not yes:
        typer.confirm(f"Remove {username} with all plays, stars and playlists?", abort=True, err=True)

    async def work() -> None:
        async with opened(read_settings(data_dir=data_dir)) as segue:
            accounts = segue.services.get(AccountService)
            person = await accounts.find_user(SYSTEM, username)
            await accounts.erase_user(SYSTEM, person.id)
            say(f"{person.username} is gone.")

    run(work)
