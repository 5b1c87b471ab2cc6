"""A PostgreSQL server of the tests' own, from Debian's packages or any other on this machine.

`python tests/postgres.py run COMMAND…` starts one with initdb in a temporary folder, as an unprivileged user when we are
root, on 127.0.0.1 and a free port; sets SEGUE_TEST_POSTGRES_URL for the command; and stops it afterwards.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "autovacuum": "on",
}


def binaries() -> Path | None:
    """The folder of initdb and postgres, newest version first, or None where PostgreSQL is not installed."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if _is_whole(path)]
    if versions:
        return max(versions, key=lambda path: int(path.parent.name))
    found = shutil.which("initdb")
    return Path(found).parent if found and _is_whole(Path(found).parent) else None


def _is_whole(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("initdb", "postgres", "pg_isready", "createdb"))


def _unprivileged() -> dict[str, int]:
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid}
    return {}


@contextmanager
def server() -> Iterator[str]:
    """Start a server; gives the URL of its database `segue`. Raises RuntimeError where PostgreSQL is not installed."""
    folder = binaries()
    if folder is None:
        raise RuntimeError("PostgreSQL is not installed (initdb was not found)")
    who = _unprivileged()
    root = Path(tempfile.mkdtemp(prefix="segue-postgres-"))
    root.chmod(0o755)
    data = root / "data"
    data.mkdir(mode=0o700)
    if who:
        os.chown(root, who["user"], who["group"])
        os.chown(data, who["user"], who["group"])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "cwd": str(root), **who}
    subprocess.run(
        [folder / "initdb", "-D", data, "-U", "segue", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
        check=True,
        **quiet,  # type: ignore[call-overload]
    )
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    log = (root / "log").open("wb")
    process = subprocess.Popen(
        [folder / "postgres", "-D", data, "-p", str(port), *options],
        stderr=log,
        start_new_session=True,
        **quiet,  # type: ignore[call-overload]
    )
    try:
        env = {**os.environ, "PGCONNECT_TIMEOUT": "2"}
        ready = [folder / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q", "-t", "1"]
        for _ in range(200):
            if subprocess.run(ready, env=env, check=False).returncode == 0:
                break
            if process.poll() is not None:
                raise RuntimeError((root / "log").read_text(errors="replace"))
            time.sleep(0.1)
        subprocess.run(
            [folder / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "segue", "segue"], check=True, env=env
        )
        yield f"postgresql://segue@127.0.0.1:{port}/segue"
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()
        shutil.rmtree(root, ignore_errors=True)


def main(arguments: list[str]) -> int:
    if len(arguments) < 2 or arguments[0] != "run":
        print("usage: postgres.py run COMMAND…", file=sys.stderr)
        return 2
    command = arguments[1:]
    if os.environ.get("SEGUE_TEST_POSTGRES_URL"):
        return subprocess.call(command)
    if binaries() is None:
        print("PostgreSQL is not installed: tests that need it will say so.", file=sys.stderr)
        return subprocess.call(command)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the server ends with us
    with server() as url:
        return subprocess.call(command, env={**os.environ, "SEGUE_TEST_POSTGRES_URL": url})


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
