"""`segue scrobbling …`: linked accounts of people, what waits and what was refused, on the server's own machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

if TYPE_CHECKING:
    from segue.core.access import Actor
    from segue.listening.scrobbling.service import ScrobblingService

app = typer.Typer(no_args_is_help=True, help="Accounts at Last.fm, ListenBrainz and their like.")

User = Annotated[str, typer.Argument(help="Whose: a username or e-mail address.")]
Account = Annotated[str, typer.Argument(help="Which linked account, as sc-1.")]


@app.command("list")
def list_accounts(user: User, data_dir: DataDir = None, json: Json = False) -> None:
    """List a person's linked accounts: state, what waits, what was refused."""

    async def work(scrobbling: ScrobblingService, actor: Actor) -> int:
        from segue.listening.scrobbling.schemas import ScrobbleAccountItem

        for view in await scrobbling.accounts(actor):
            item = ScrobbleAccountItem.of(view)
            if json:
                emit(item.model_dump(mode="json"))
                continue
            print(f"{item.id}  {item.kind}  {item.name}  {item.base_url or ''}  {item.state}")
            print(f"    sent {item.sent}, waiting {item.waiting}, refused {item.refused}")
            if item.error and item.error.sentence:
                print(f"    {item.error.sentence}")
        return 0

    _as(user, data_dir, work)


@app.command()
def link(
    user: User,
    service: Annotated[str, typer.Argument(help="lastfm or listenbrainz.")],
    token: Annotated[
        str | None, typer.Option("--token", help="The token of ListenBrainz; asked for when left out.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Address of a service that speaks ListenBrainz' language.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Link an account. For Last.fm a page is named on which to say yes; then press Enter here."""
    if service not in ("lastfm", "listenbrainz"):
        raise typer.BadParameter(f"{service!r} is neither lastfm nor listenbrainz.", param_hint="service")
    if service == "listenbrainz" and token is None:
        token = str(typer.prompt("Token", hide_input=True, err=True))

    async def work(scrobbling: ScrobblingService, actor: Actor) -> int:
        from segue.core.ids import format_id

        if service == "lastfm":
            login = await scrobbling.begin_lastfm(actor)
            say(f"Open this page, say yes, and press Enter here: {login.url}")
            typer.prompt("", default="", show_default=False, prompt_suffix="", err=True)
            view = await scrobbling.finish_lastfm(actor, login.state)
        else:
            view = await scrobbling.link_listenbrainz(actor, token or "", base_url)
        linked = {"id": format_id("sc", view.id), "kind": view.kind, "name": view.name}
        if json:
            emit(linked)
        else:
            print(f"Linked {view.name} at {view.kind} as {linked['id']}.")
        return 0

    _as(user, data_dir, work)


@app.command()
def unlink(user: User, account: Account, data_dir: DataDir = None) -> None:
    """Forget a linked account and what it was still to be told. Plays stay."""

    async def work(scrobbling: ScrobblingService, actor: Actor) -> int:
        await scrobbling.unlink(actor, _number(account))
        say(f"{account} is unlinked.")
        return 0

    _as(user, data_dir, work)


@app.command("test")
def ask_service(user: User, account: Account, data_dir: DataDir = None) -> None:
    """Ask the service whether it still accepts the sign-in."""

    async def work(scrobbling: ScrobblingService, actor: Actor) -> int:
        from segue.core.outside import Fault

        try:
            name = await scrobbling.test(actor, _number(account))
        except Fault as fault:
            say(fault.message)
            return 1
        print(f"It answers, and knows you as {name}.")
        return 0

    _as(user, data_dir, work)


@app.command()
def queue(
    user: User,
    refused: Annotated[bool, typer.Option("--refused", help="What was refused, instead of what waits.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what waits to be sent, or was refused and why; the oldest first."""

    async def work(scrobbling: ScrobblingService, actor: Actor) -> int:
        from segue.listening.scrobbling.schemas import ScrobbleItem

        after: Any = None
        while True:
            rows = await scrobbling.queue(actor, state="refused" if refused else "waiting", after=after, limit=500)
            for row in rows:
                item = ScrobbleItem.of(row)
                if json:
                    emit(item.model_dump(mode="json"))
                else:
                    why = f"  ({item.reason})" if item.reason else ""
                    print(f"{item.id}  {item.at:%Y-%m-%d %H:%M}  {item.act}  {item.artist} - {item.title}{why}")
            if len(rows) < 500:
                return 0
            after = (rows[-1].at, rows[-1].id)

    _as(user, data_dir, work)


@app.command()
def retry(user: User, account: Account, data_dir: DataDir = None) -> None:
    """Have all that was refused sent again, and what waits at once; a running worker does it."""

    async def work(scrobbling: ScrobblingService, actor: Actor) -> int:
        count = await scrobbling.retry_all(actor, _number(account))
        await scrobbling.send_now(actor, _number(account))
        say(f"{count} refused rows are sent again.")
        return 0

    _as(user, data_dir, work)


def _number(account: str) -> int:
    from segue.core.ids import parse_id

    return parse_id(account, "sc")


def _as(user: str, data_dir: Any, work: Callable[[ScrobblingService, Actor], Awaitable[int]]) -> None:
    settings = read_settings(data_dir=data_dir)

    async def whole() -> int:
        from segue.accounts.service import AccountService
        from segue.listening.scrobbling.service import ScrobblingService

        async with opened(settings) as segue:
            actor = await segue.services.get(AccountService).actor_for(user)
            return await work(segue.services.get(ScrobblingService), actor)

    raise typer.Exit(run(whole))
