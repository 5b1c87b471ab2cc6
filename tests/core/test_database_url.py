"""Database URLs as people have them: libpq's parameters, SQLite paths, and slips."""

import ssl
from pathlib import Path

import pytest

from segue.core.database_url import BadDatabaseUrl, database_target

DATA = Path("/srv/segue")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (None, "/srv/segue/segue.db"),
        ("", "/srv/segue/segue.db"),
        ("sqlite:////data/music.db", "/data/music.db"),
        ("/data/music.db", "/data/music.db"),
        ("sqlite:////data/a%20b.db?timeout=5", "/data/a b.db"),
        ("sqlite+aiosqlite:////data/music.db", "/data/music.db"),
    ],
)
def test_sqlite_is_a_file(url: str | None, path: str) -> None:
    assert database_target(url, DATA).sqlite_path == Path(path)


def test_a_relative_sqlite_path_begins_where_one_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert database_target("sqlite:///music.db", DATA).sqlite_path == tmp_path / "music.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "POSTGRESQL"])
def test_every_way_to_write_postgresql_means_the_same(scheme: str) -> None:
    target = database_target(f"{scheme}://ana:p%40ss@db.example:6543/segue", DATA)
    assert target.connect_args == {
        "user": "ana",
        "password": "p@ss",
        "database": "segue",
        "host": "db.example",
        "port": 6543,
    }
    assert target.sqlite_path is None
    assert target.url == "postgresql://ana@db.example/segue"


def test_several_hosts_are_tried_in_turn() -> None:
    args = database_target("postgres://u@a:1,b,[::1]:3/segue?target_session_attrs=read-write", DATA).connect_args
    assert (args["host"], args["port"]) == (["a", "b", "::1"], [1, 5432, 3])
    assert args["target_session_attrs"] == "read-write"


def test_a_unix_socket_is_a_host_that_begins_with_a_slash() -> None:
    for url in ("postgresql:///segue?host=/run/postgresql", "postgresql://%2Frun%2Fpostgresql/segue"):
        args = database_target(url, DATA).connect_args
        assert (args["host"], args["port"], args["database"]) == ("/run/postgresql", 5432, "segue")


def test_options_and_names_become_server_settings() -> None:
    url = "postgres://u@db/segue?options=-c%20search_path%3Dmusic%20--statement-timeout%3D5s&application_name=segue"
    args = database_target(url + "&connect_timeout=3", DATA).connect_args
    assert args["server_settings"] == {"search_path": "music", "statement_timeout": "5s", "application_name": "segue"}
    assert args["timeout"] == 3


def test_sslmode_means_what_libpq_says_it_means() -> None:
    def encryption(query: str) -> object:
        return database_target(f"postgres://u@db/segue?{query}", DATA).connect_args.get("ssl")

    assert encryption("application_name=x") is None
    assert encryption("sslmode=disable") is False
    assert encryption("sslmode=prefer") == "prefer"
    require, ca, full = (encryption(f"sslmode={mode}") for mode in ("require", "verify-ca", "verify-full"))
    assert isinstance(require, ssl.SSLContext)
    assert isinstance(ca, ssl.SSLContext)
    assert isinstance(full, ssl.SSLContext)
    assert (require.verify_mode, require.check_hostname) == (ssl.CERT_NONE, False)
    assert (ca.verify_mode, ca.check_hostname) == (ssl.CERT_REQUIRED, False)
    assert (full.verify_mode, full.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://db/segue", "Segue knows sqlite and postgresql, not 'mysql'."),
        ("postgress://db/segue", "Did you mean postgres?"),
        ("postgres://u@db/segue?sslmod=require", "there is no parameter 'sslmod'. Did you mean sslmode?"),
        ("postgres://u@db/segue?sslmode=requires", "Did you mean require?"),
        ("postgres://u@db:port/segue", "'port' is not a port"),
        ("postgres://u@db:70000/segue", "'70000' is not a port"),
        ("postgres://u@db/segue?connect_timeout=soon", "connect_timeout must be a whole number"),
        ("postgres://u@db/segue?options=search_path", "may hold -c name=value"),
        ("postgres://u@db/segue?sslmode=verify-ca&sslrootcert=/none.pem", "a certificate cannot be read"),
        ("postgres://", "it names no database"),
        ("postgres://[::1/segue", "Invalid IPv6 URL"),
        ("sqlite://music.db", "three slashes"),
        ("sqlite:music.db", "begins with sqlite:///"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("host=db dbname=segue", "write it as a URL"),
    ],
)
def test_a_bad_url_is_one_clear_line(url: str, problem: str) -> None:
    with pytest.raises(BadDatabaseUrl) as caught:
        database_target(url, DATA)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(BadDatabaseUrl) as caught:
        database_target("postgres://u:hunter2@db/segue?sslmode=x", DATA)
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(database_target("postgres://u:hunter2@db/segue", DATA))
