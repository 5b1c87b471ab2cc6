"""`segue emulate` answers until it is told to stop."""

from __future__ import annotations

import signal
import subprocess
import sys

import httpx2

from tests.e2e.running import environment, free_port, wait_until
from tests.waiting import PATIENCE_S


def test_segue_emulate_answers_and_says_how_to_use_it() -> None:
    port = free_port()
    command = [sys.executable, "-m", "segue", "emulate", "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment())
    try:

        def answers() -> bool:
            assert process.poll() is None
            try:
                return httpx2.get(f"http://127.0.0.1:{port}/_control/state").status_code == 200
            except httpx2.TransportError:
                return False

        wait_until(answers)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=PATIENCE_S)[1]
    finally:
        process.kill()
        process.wait()
    assert f"SEGUE_LASTFM__BASE_URL=http://127.0.0.1:{port}/lastfm/2.0/" in said
    assert "Traceback" not in said
