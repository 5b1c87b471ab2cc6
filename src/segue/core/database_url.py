"""Where the database is, as people write it: a libpq URL with its parameters, a SQLite path, or nothing at all."""

from __future__ import annotations

import shlex
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from segue.core.layers import SettingsError, masked_url, nearest

if TYPE_CHECKING:
    from segue.core.db import Database

SQLITE_FILE = "segue.db"
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION"""


class BadDatabaseUrl(SettingsError):
    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The database URL cannot be used: {problem}",
            code="bad_database_url",
            hint="Examples: postgresql://segue:secret@db.example:5432/segue?sslmode=require, sqlite:////srv/segue/segue.db",
        )


@dataclass(frozen=True)
class DatabaseTarget:
    """What `Database.open` needs: a URL that SQLAlchemy reads, and arguments for the driver."""

    url: str
    connect_args: dict[str, Any] = field(default_factory=dict)

    @property
    def sqlite_path(self) -> Path | None:
        """The SQLite file, None on PostgreSQL."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:") else None

    def open(self, **options: Any) -> Database:
        """The database itself; connects when first used. `options` go to `Database.open`."""
        from sqlalchemy.engine import URL

        from segue.core.db import Database

        path = self.sqlite_path
        if path is None:
            return Database.open(self.url, connect_args=self.connect_args, **options)
        return Database.open(URL.create("sqlite", database=str(path)), **options)

    def __repr__(self) -> str:
        return f"DatabaseTarget({masked_url(self.url)!r})"


def database_target(url: str | None, data_dir: Path) -> DatabaseTarget:
    """The database that `url` names; without one, a SQLite file in `data_dir`. Raises BadDatabaseUrl, in one line."""
    if url is None or not url.strip():
        return _sqlite(data_dir / SQLITE_FILE)
    url = url.strip()
    scheme, colon, rest = url.partition("://")
    if not colon:
        if url.startswith("sqlite:"):
            raise BadDatabaseUrl("a SQLite URL begins with sqlite:///, then the path.")
        if "=" in url:
            raise BadDatabaseUrl("write it as a URL, postgresql://user:password@host/database.")
        return _sqlite(Path(url).expanduser())
    kind = scheme.lower().partition("+")[0]
    if kind == "sqlite":
        return _sqlite_url(rest)
    if kind in ("postgres", "postgresql"):
        return _postgresql(url)
    near = nearest(kind, ("postgresql", "postgres", "sqlite"))
    raise BadDatabaseUrl(
        f"Segue knows sqlite and postgresql, not {scheme!r}." + (f" Did you mean {near}?" if near else "")
    )


def _sqlite(path: Path) -> DatabaseTarget:
    return DatabaseTarget(f"sqlite:///{path.absolute()}")


def _sqlite_url(rest: str) -> DatabaseTarget:
    path = unquote(rest.partition("?")[0])
    if not path.startswith("/"):
        raise BadDatabaseUrl(
            "a SQLite URL has three slashes and then the path, sqlite:///segue.db or sqlite:////srv/segue.db."
        )
    path = path[1:]
    if path in ("", ":memory:"):
        raise BadDatabaseUrl("SQLite needs a file; a database in memory would be lost.")
    return _sqlite(Path(path).expanduser())


def _postgresql(url: str) -> DatabaseTarget:
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise BadDatabaseUrl(f"{error}.") from None
    given = {}
    for name, value in pairs:
        if name not in _PARAMETERS:
            near = nearest(name, _PARAMETERS)
            raise BadDatabaseUrl(f"there is no parameter {name!r}." + (f" Did you mean {near}?" if near else ""))
        given[name] = value
    login, _, address = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    args: dict[str, Any] = {}
    if given.get("user") or user:
        args["user"] = given.get("user") or unquote(user)
    if given.get("password") or password:
        args["password"] = given.get("password") or unquote(password)
    database = given.get("dbname") or unquote(parts.path.removeprefix("/"))
    if not database and not args.get("user"):
        raise BadDatabaseUrl("it names no database; put its name behind the host, as in postgresql://host/segue.")
    if database:
        args["database"] = database
    hosts = _hosts(given.get("hostaddr") or given.get("host") or address, given.get("port"))
    if hosts:
        args["host"] = [host for host, _ in hosts] if len(hosts) > 1 else hosts[0][0]
        args["port"] = [port for _, port in hosts] if len(hosts) > 1 else hosts[0][1]
    for name, value in given.items():
        _PARAMETERS[name](name, value, args)
    encryption = _ssl(given)
    if encryption is not None:
        args["ssl"] = encryption
    host = hosts[0][0] if hosts else ""
    # shown in logs and read by SQLAlchemy; what the driver gets is in the arguments, which override it
    shown = f"postgresql://{quote(str(args.get('user', '')))}{'@' if args.get('user') else ''}"
    shown += "" if host.startswith("/") else f"[{host}]" if ":" in host else host
    return DatabaseTarget(f"{shown}/{quote(database)}", args)


def _hosts(address: str, ports: str | None) -> list[tuple[str, int]]:
    """`a:5432,b,[::1]:5433` as pairs; a host that begins with a slash is the folder of a Unix socket."""
    found: list[tuple[str, int]] = []
    wanted = [port for port in (ports or "").split(",") if port]
    for place, text in enumerate(address.split(",") if address else []):
        host, port = unquote(text), ""
        if host.startswith("["):
            host, _, port = host[1:].partition("]")
            port = port.removeprefix(":")
        elif host.count(":") == 1:
            host, _, port = host.partition(":")
        if not port and wanted:
            port = wanted[place] if place < len(wanted) else wanted[-1]
        try:
            number = int(port or 5432)
        except ValueError:
            number = 0
        if not 0 < number < 65536:
            raise BadDatabaseUrl(f"{port!r} is not a port; one is a number from 1 to 65535, usually 5432.")
        found.append((host or "localhost", number))
    return found


def _ssl(given: dict[str, str]) -> ssl.SSLContext | str | bool | None:
    """What asyncpg calls `ssl`, by libpq's rules: with a root certificate, `require` means `verify-ca`."""
    mode = given.get("sslmode")
    root = given.get("sslrootcert")
    if mode is None and root is None and "sslcert" not in given:
        return None
    mode = mode or "prefer"
    if mode not in SSL_MODES:
        near = nearest(mode, SSL_MODES)
        raise BadDatabaseUrl(
            f"sslmode {mode!r} is none of {', '.join(SSL_MODES)}." + (f" Did you mean {near}?" if near else "")
        )
    if mode == "disable":
        return False
    if mode in ("allow", "prefer") and root is None and "sslcert" not in given:
        return mode
    context = ssl.create_default_context()
    context.check_hostname = mode == "verify-full"
    verify = mode in ("verify-ca", "verify-full") or (mode == "require" and root is not None)
    context.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    try:
        if root and root != "system":
            context.load_verify_locations(Path(root).expanduser())
        if given.get("sslcrl"):
            context.load_verify_locations(Path(given["sslcrl"]).expanduser())
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        if given.get("sslcert"):
            key = given.get("sslkey")
            context.load_cert_chain(
                Path(given["sslcert"]).expanduser(), Path(key).expanduser() if key else None, given.get("sslpassword")
            )
    except (OSError, ssl.SSLError) as error:
        raise BadDatabaseUrl(f"a certificate cannot be read ({error}).") from None
    return context


def _server_setting(name: str, value: str, args: dict[str, Any]) -> None:
    args.setdefault("server_settings", {})[name] = value


def _options(_name: str, value: str, args: dict[str, Any]) -> None:
    """`-c name=value` and `--name=value`, as PostgreSQL's own command line has them."""
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise BadDatabaseUrl(f"options {value!r} cannot be read ({error}).") from None
    place = 0
    while place < len(words):
        word = words[place]
        if word == "-c":
            place += 1
            word = words[place] if place < len(words) else ""
        elif word.startswith(("-c", "--")):
            word = word[2:]
        else:
            raise BadDatabaseUrl(f"options {value!r} may hold -c name=value and --name=value only.")
        name, equals, wanted = word.partition("=")
        if not equals or not name:
            raise BadDatabaseUrl(f"options {value!r}: {word!r} is not name=value.")
        _server_setting(name.replace("-", "_"), wanted, args)
        place += 1


def _whole_number(argument: str) -> Callable[[str, str, dict[str, Any]], None]:
    def take(name: str, value: str, args: dict[str, Any]) -> None:
        try:
            args[argument] = int(value)
        except ValueError:
            raise BadDatabaseUrl(f"{name} must be a whole number, not {value!r}.") from None

    return take


def _text(argument: str) -> Callable[[str, str, dict[str, Any]], None]:
    def take(_name: str, value: str, args: dict[str, Any]) -> None:
        args[argument] = value

    return take


def _heeded_elsewhere(_name: str, _value: str, _args: dict[str, Any]) -> None:
    """Read together with others above, or without meaning for our driver (TCP keep-alives, GSS encryption)."""


_PARAMETERS: dict[str, Callable[[str, str, dict[str, Any]], None]] = {
    **dict.fromkeys(("user", "password", "dbname", "host", "hostaddr", "port"), _heeded_elsewhere),
    **dict.fromkeys(("sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl"), _heeded_elsewhere),
    **dict.fromkeys(("channel_binding", "gssencmode", "sslcompression", "sslsni", "keepalives"), _heeded_elsewhere),
    **dict.fromkeys(
        ("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"), _heeded_elsewhere
    ),
    "application_name": _server_setting,
    "fallback_application_name": _heeded_elsewhere,
    "client_encoding": _server_setting,
    "search_path": _server_setting,
    "options": _options,
    "connect_timeout": _whole_number("timeout"),
    "target_session_attrs": _text("target_session_attrs"),
    "passfile": _text("passfile"),
    "statement_cache_size": _whole_number("statement_cache_size"),
    "prepared_statement_cache_size": _whole_number("prepared_statement_cache_size"),
}
"""https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS, and two of asyncpg's for PgBouncer."""
