"""The processes of Segue: the web process with the worker child that it supervises, and the worker itself.

Each takes the settings, says in one line what keeps it from starting (exit code 2), and on SIGTERM or SIGINT lets running
work finish, leaves jobs to be resumed, and ends with 0.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog
import uvicorn

from segue.accounts.service import AccountService
from segue.app import Segue, check_data_dir, check_folders
from segue.asgi import make_asgi
from segue.core import heap
from segue.core.errors import SegueError
from segue.core.events import Events
from segue.core.priority import work_behind
from segue.core.serving import Server, address_of, end_anyway, listen, run
from segue.core.telemetry import set_up_logging
from segue.jobs import JobService
from segue.jobs.child import stop_when_told, supervised_worker_id
from segue.jobs.supervisor import Supervisor
from segue.jobs.worker import WorkerSettings, run_worker
from segue.library.scan.service import ScanService
from segue.library.tag_rules.service import TagRulesService
from segue.settings import Settings

log = structlog.get_logger("segue")

CANNOT_START = 2
WORKER_NICENESS = 5
"""How far the worker stands behind whoever answers people; the processes that read files stand behind the worker."""
LAST_MOMENT_S = 3.0
"""After running requests had their time: what everything else gets to end in."""


def serve(settings: Settings, folders: Sequence[Path], *, with_worker: bool, greeting: Sequence[str] = ()) -> int:
    """Run the web process until it is told to stop; the exit code. `folders` become libraries once, and are scanned.

    Raises SegueError before anything is served where a folder, the data folder or the port cannot be used.
    """
    roots = check_folders(folders)
    check_data_dir(settings.data_dir)
    listener = listen(settings.server.host, settings.server.port)
    set_up_logging(settings.log.level, settings.log.format)
    segue = Segue(settings)
    return run(_WebProcess(segue, settings, listener, roots, with_worker, greeting).run())


def work(settings: Settings) -> int:
    """Run a worker until it is told to stop; the exit code."""
    check_data_dir(settings.data_dir)
    set_up_logging(settings.log.level, settings.log.format)
    return run(_work(settings))


class _WebProcess:
    def __init__(
        self,
        segue: Segue,
        settings: Settings,
        listener: socket.socket,
        roots: Sequence[bytes],
        with_worker: bool,
        greeting: Sequence[str],
    ) -> None:
        self._segue = segue
        self._settings = settings
        self._listener = listener
        self._roots = roots
        self._with_worker = with_worker
        self._greeting = greeting
        self._stop = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self._problem: SegueError | None = None
        config = uvicorn.Config(
            make_asgi(segue, self._started, self._failed),
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=64 * 1024,
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=round(settings.server.shutdown_s),
            timeout_keep_alive=75,
        )
        self._server = Server(config)

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, self._begin_stop)
        watch = asyncio.create_task(self._segue.health.watch(self._stop), name="health")
        await self._server.serve(sockets=[self._listener])
        self._stop.set()
        await asyncio.wait({watch}, timeout=1)
        if self._supervisor is not None:
            await self._supervisor
        if self._problem is not None:
            print(f"segue: {self._problem.message}", file=sys.stderr)
            if self._problem.hint:
                print(f"       {self._problem.hint}", file=sys.stderr)
            return CANNOT_START
        return 0

    def _begin_stop(self) -> None:
        if self._stop.is_set():
            self._server.force_exit = True
        else:
            end_anyway(self._settings.server.shutdown_s + LAST_MOMENT_S)
        self._stop.set()
        self._server.should_exit = True
        if self._segue.is_open:
            closing = asyncio.ensure_future(self._segue.services.get(Events).close())
            closing.add_done_callback(lambda done: done.exception())

    async def _started(self, segue: Segue) -> None:
        """Once the tables are right: who may sign in, what is to be scanned, and the worker."""
        admin = segue.settings.current.admin
        first = await segue.services.get(AccountService).first_admin(
            admin.username,
            admin.password.get_secret_value() if admin.password else None,
            admin.app_password.get_secret_value() if admin.app_password else None,
        )
        scans = segue.services.get(ScanService)
        for root in self._roots:
            await scans.ensure_library(root)
        if self._with_worker:
            jobs = segue.services.get(JobService)
            command = [sys.executable, "-m", "segue", "worker", "--data-dir", str(self._settings.data_dir)]
            supervisor = Supervisor(command, died=jobs.worker_died)
            jobs.registry.wakeups.add(supervisor.nudge)
            self._supervisor = asyncio.create_task(supervisor.run(self._stop), name="supervisor")
        print(f"Segue is at {address_of(self._listener)}{self._settings.server.base_path}/", flush=True)
        for line in self._greeting:
            print(line, flush=True)
        if first is not None and first.made_password is not None:
            print(f"Sign in as {first.person.username} with the password {first.made_password}", flush=True)
            print("(made just now, and shown this once; change it on your account's page)", flush=True)

    def _failed(self, error: Exception) -> None:
        """Segue could not be opened: say why, and end."""
        if isinstance(error, SegueError):
            self._problem = error
        else:
            log.error("could_not_start", exc_info=error)
            self._problem = SegueError("could_not_start", f"Segue could not start: {error}")
        self._server.should_exit = True


async def _work(settings: Settings) -> int:
    work_behind(WORKER_NICENESS)
    stop = asyncio.Event()
    segue = Segue(settings)
    try:
        await segue.open()
    except SegueError as error:
        print(f"segue: {error.message}", file=sys.stderr)
        await segue.close()
        return CANNOT_START
    heap.settle()
    jobs = segue.services.get(JobService)
    stop_when_told(stop, jobs.registry.wakeups)
    current = segue.settings.current
    watching = asyncio.create_task(segue.services.get(ScanService).watch(stop), name="watch")
    await segue.services.get(TagRulesService).apply_if_changed()
    try:
        await run_worker(
            segue.db,
            jobs.registry,
            stop=stop,
            resolve=segue.services.get,
            service=jobs,
            settings=WorkerSettings(slots=current.jobs.workers, lease_s=current.jobs.lease_s),
            worker_id=supervised_worker_id(),
        )
    finally:
        stop.set()
        await asyncio.gather(watching, return_exceptions=True)
        await segue.close()
    return 0
