"""Builds the virtual environments from their lock files; needs only Python 3.11 or newer.

``bootstrap.py run`` builds .venv and, unless RASA_URL is set, .venv-rasa; ``bootstrap.py dev`` also installs the
packages of the tests, from PyPI, npm and, as root, Debian; ``bootstrap.py tune`` builds .venv-tune, for tuning the
encoder; ``bootstrap.py stock`` builds .venv-stock with the complete Rasa, for benchmarks. Skips an environment whose
lock file, Python and pyproject.toml have not changed; an interrupted installation continues on the next run.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.progress import TEXTS, clear, say, show, stop

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / ".ventanilla" / "logs" / "pip.log"
NEEDED_GB = 3
PIPED = partial(subprocess.Popen, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
NO_SPACE = os.strerror(errno.ENOSPC)
PURPOSES = ("run", "dev", "tune", "stock")
RASA_PYTHON = "3.11"
STOCK_PYTHON = "3.10"  # the newest version that Rasa declares
# Rasa does not declare Python 3.11; requirements/rasa.toml lists which of its dependencies are needed.
UNDECLARED = ["--no-deps", "--ignore-requires-python"]
NPM_FOLDERS = ("tests/peers", "tests/front")
MIN_NODE = 18
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
APT_LISTS = Path("/var/lib/apt/lists")  # the packages that Debian offers; empty in a new container
CHECKERS = {"luacheck": "lua-check", "promtool": "promtool"}  # program -> Debian's package; 12 lacks promtool
interrupted = threading.Event()  # after Ctrl-C no thread starts another installation


class Failed(Exception):
    """An installation failed; ``key`` names the text of the error, and ``values`` fill its placeholders."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def works(python: str, version: str) -> bool:
    """Returns whether ``python`` runs, has exactly this version (such as "3.11") and can create environments."""
    code = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != {tuple(map(int, version.split('.')))})"
    try:
        return subprocess.run([python, "-c", code], capture_output=True, timeout=30).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


def find_python(version: str) -> str | None:
    """Finds a Python of exactly ``version`` on PATH, then in pyenv, uv and the usual folders; None if none is found."""
    candidates = [f"python{version}", sys.executable, "python3", "python"]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates += [str(found) for found in sorted(pyenv.glob(f"{version}*/bin/python"), reverse=True)]
    if uv := shutil.which("uv"):
        command = [uv, "python", "find", "--no-python-downloads", version]
        candidates.append(subprocess.run(command, capture_output=True, text=True).stdout.strip())  # noqa: S603
    candidates += [f"/usr/bin/python{version}", f"/usr/local/bin/python{version}", f"/opt/homebrew/bin/python{version}"]
    return next((found for found in candidates if found and works(found, version)), None)


def needed_python(version: str, text: str) -> str:
    """Returns a Python of exactly ``version``; if none is found, prints the message ``text`` and exits."""
    found = find_python(version)
    if found is None:
        stop(text)
    return str(found)


def fingerprint(lock: Path, python: str, *, editable: bool = False) -> str:
    """Returns a hash of an environment's inputs: its lock file and the version of Python or node (``python``).

    If ``editable``, the hash includes pyproject.toml, which defines the command-line program.
    """
    project = (ROOT / "pyproject.toml").read_bytes() if editable else b""
    return hashlib.sha256(lock.read_bytes() + project + python.encode()).hexdigest()


def build(
    folder: Path,
    python: str,
    lock: Path,
    *,
    editable: bool = False,
    hashed: bool = True,
    options: Sequence[str] = (),
) -> None:
    """Creates or updates one environment from its lock file, and shows pip's progress.

    Does nothing if the environment is up to date; replaces it if its Python has another version or does not run.
    Installs the program again if the checkout was moved or copied: it would run the old place's code, or not start.
    ``hashed`` is False if ``lock`` has no hashes; ``options`` are passed to pip. Raises Failed, CalledProcessError.
    """
    interpreter = folder / "bin" / "python"
    stamp = folder / f"stamp-{lock.stem}"
    if folder.exists() and not works(str(interpreter), version_of(python)):
        shutil.rmtree(folder)
    current = stamp.exists() and stamp.read_text() == fingerprint(lock, version_of(python), editable=editable)
    if current and (not editable or installed_here(folder)):
        return
    check_disk()
    say("entorno", nombre=folder.name, version=version_of(python))
    started = time.monotonic()
    if not interpreter.exists():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)  # noqa: S603
    install(interpreter, [*(["--require-hashes"] if hashed else []), *options, "-r", str(lock)], lock)
    if editable:
        install(interpreter, ["--no-deps", "--no-build-isolation", "-e", str(ROOT)], lock)
    stamp.write_text(fingerprint(lock, version_of(python), editable=editable))
    say("listo", nombre=folder.name, segundos=round(time.monotonic() - started))


def installed_here(folder: Path) -> bool:
    """Returns whether the command-line program of an environment runs the Python of this folder."""
    program = folder / "bin" / "ventanilla"
    start = program.read_text(encoding="utf-8")[:1000] if program.exists() else ""
    pythons = [str(one / "bin" / "python") for one in (folder, folder.resolve())]
    return any(f"{before}{python}" in start for python in pythons for before in '! "')


def version_of(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()  # noqa: S603


def install(interpreter: Path, arguments: list[str], lock: Path) -> None:
    """Runs pip install, logs its output and shows a progress bar. Raises Failed."""
    if interrupted.is_set():
        raise Failed("interrumpido")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    total = len(re.findall(r"^\S+==", lock.read_text(), re.MULTILINE))
    pip_install = [str(interpreter), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    # Without compiling: most modules are never imported, and Python compiles the others on import.
    command = [*pip_install, "--no-compile", *arguments]
    with LOG.open("a") as log, PIPED(command) as pip:
        seen, trouble, line = 0, "", ""
        for line in pip.stdout or ():
            log.write(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                show(lock.name, seen, total, line.split(":")[-1].split()[1 if line[0] == "C" else 0])
            elif line.startswith("ERROR: "):
                trouble = line.removeprefix("ERROR: ").strip()
            elif line.startswith("Installing collected"):
                show(lock.name, total, total, TEXTS["instalando"])
    clear()
    if pip.returncode != 0:
        key = "disco_lleno" if NO_SPACE in trouble else "sin_paquetes"
        facts = {"archivo": lock.name, "temporal": tempfile.gettempdir(), "registro": LOG}
        raise Failed(key, motivo=trouble or line.strip(), **facts)


def check_disk() -> None:
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    if free_gb < NEEDED_GB:
        raise Failed("sin_disco", libre=round(free_gb, 1), necesario=NEEDED_GB)


def ensure_chromium() -> None:
    """Installs Debian's Chromium for the browser tests if there is no Chromium and the user is root.

    Prints a notice if Chromium is still missing afterwards.
    """
    for package in CHROMIUM_NAMES[:2]:  # Debian 12 lacks the first
        if os.environ.get("CHROMIUM") or any(shutil.which(name) for name in CHROMIUM_NAMES):
            return
        install_from_debian(package, "cromo")
    if not any(shutil.which(name) for name in CHROMIUM_NAMES):
        say("sin_cromo")


def install_from_debian(package: str, text: str) -> None:
    """Prints the message ``text`` and installs a Debian package with apt-get; does nothing unless the user is root."""
    if interrupted.is_set() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    show_package = ["apt-cache", "show", package]
    if any(APT_LISTS.glob("*_Packages*")) and subprocess.run(show_package, **quiet).returncode != 0:  # noqa: S603
        say("sin_paquete", paquete=package)
        return
    say(text)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], **quiet)  # noqa: S607
    subprocess.run(["apt-get", "install", "-y", "-q", package], env=environment, **quiet)  # noqa: S603, S607


def ensure_npm() -> None:
    """Installs the npm packages of the tests and checks; if npm is missing or node too old, prints a notice instead."""
    npm, node = shutil.which("npm"), node_version()
    if npm is None or node < MIN_NODE:
        say("sin_node", version=MIN_NODE)
        return
    for folder in NPM_FOLDERS:
        install_npm(folder, npm, node)


def install_npm(folder: str, npm: str, node: int) -> None:
    """Installs a folder's node_modules from its lock file unless up to date; prints a notice if npm fails."""
    stamp = ROOT / folder / "node_modules" / "stamp"
    wanted = fingerprint(ROOT / folder / "package-lock.json", str(node))
    if interrupted.is_set() or (stamp.exists() and stamp.read_text() == wanted):
        return
    say("npm", carpeta=folder)
    started = time.monotonic()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a") as log:
        done = subprocess.run([npm, "ci"], cwd=ROOT / folder, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
    if done.returncode != 0:
        say("sin_npm", carpeta=folder, registro=LOG)
        return
    stamp.write_text(wanted)
    say("listo", nombre=folder, segundos=round(time.monotonic() - started))


def node_version() -> int:
    """Returns the major version of node, or 0 if node does not run."""
    try:
        said = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=30).stdout  # noqa: S607
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def build_tuning() -> None:
    """Builds .venv-tune: the bot's packages (with hashes), then those of tune.in, with the torch that pip selects."""
    folder, requirements = ROOT / ".venv-tune", ROOT / "requirements"
    build(folder, sys.executable, requirements / "bot.txt")
    build(folder, sys.executable, requirements / "tune.in", hashed=False)


def main(purpose: str) -> None:
    if purpose not in PURPOSES:
        sys.exit(__doc__)
    if purpose == "tune":
        build_tuning()
        return
    if purpose == "stock":
        python = needed_python(STOCK_PYTHON, "sin_rasa_completo")
        build(ROOT / ".venv-stock", python, ROOT / "requirements" / "rasa-stock.txt")
        return
    lock = ROOT / "requirements" / ("dev.txt" if purpose == "dev" else "bot.txt")
    jobs = [partial(build, ROOT / ".venv", sys.executable, lock, editable=True)]
    if not rasa_is_elsewhere():
        python, lock = needed_python(RASA_PYTHON, "sin_rasa"), ROOT / "requirements" / "rasa.txt"
        jobs.append(partial(build, ROOT / ".venv-rasa", python, lock, options=UNDECLARED))
    at_once([*jobs, ensure_debian, ensure_npm] if purpose == "dev" else jobs)


def rasa_is_elsewhere() -> bool:
    """Returns whether RASA_URL is set, in the environment or else in .env, from which the system reads it, too."""
    if (value := os.environ.get("RASA_URL")) is not None:
        return bool(value)
    file = ROOT / ".env"
    lines = file.read_text(encoding="utf-8") if file.exists() else ""
    return bool(re.search(r"""^\s*(?:export\s+)?RASA_URL\s*=[ '"]*[^\s'"#]""", lines, re.MULTILINE))


def at_once(jobs: Sequence[Callable[[], None]]) -> None:
    """Runs the jobs at the same time, because pip uses one core; then raises the error of the first failed job."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        running = [pool.submit(job) for job in jobs]
        try:
            wait(running)
        except KeyboardInterrupt:
            interrupted.set()
            raise
    for job in running:
        job.result()


def ensure_debian() -> None:
    """Installs the Debian packages one after another, since only one apt-get can run at a time."""
    ensure_chromium()
    for program, package in CHECKERS.items():  # without these, their checks are skipped
        if not shutil.which(program):
            install_from_debian(package, program)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "run")
    except Failed as error:
        stop(error.key, **error.values)
    except KeyboardInterrupt:
        stop("interrumpido")
