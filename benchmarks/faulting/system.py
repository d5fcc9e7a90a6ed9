"""Installs a separate system (home folder, FAQ, free port) whose launcher can be killed and restarted."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import yaml

from benchmarks.faulting.clocks import set_clock, why_no_clocks
from benchmarks.faulting.disks import Disk, can_mount
from benchmarks.faulting.launcher import CLOCKS, GROUPS, SLOWER
from benchmarks.faulting.network import Network, in_group, open_network
from benchmarks.faulting.pair import Pair
from benchmarks.faulting.processes import LAUNCHER
from bot.agency.schedule import WEEKDAYS
from bot.conversation.files import FILES_FOLDER
from bot.core.process import spawn
from bot.core.texts import say
from bot.core.yaml import read_yaml_file
from bot.run.ports import LOOPBACK, free_port
from bot.run.system import running_system
from tests.home import HOME, ROOT, copy_vectors_and_classifiers
from tests.system import Installation

SECRET = "s" * 40
RECIPIENT = "turno@losaromos.example"  # of alarms
PARTS = ("bot", "actions", "rasa", "valkey", "postgres")
PREPARED = ("answers/encoder", "models")
STATE_MB, LOGS_MB, FILES_MB = 1500, 64, 300  # more than DISK_FLOOR_MB, below which no file is accepted
NETWORK, CLOCK, OUTSIDE, LYING = "network", "clock", "outside", "lying disk"
ONLY_ASKED_FOR = {OUTSIDE: "needs --outside-valkey", LYING: "needs --lying-disk"}
READY = "Ctrl-C"
LAST_WORDS = 600
STOP_TIMEOUT_S = 60.0
LOOK_EVERY_S = 0.2
ANSWER_TIMEOUT_S = 5.0


@dataclass
class System:
    """An installation below ``folder``; ``slower`` multiplies its timeouts, and ``environment`` adds variables."""

    # ``lacks`` maps a fault's need to the reason why it is not met; ``outside`` replaces the launcher's Valkey.

    folder: Path
    slower: float = 1.0
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    disks: dict[str, Disk] = field(default_factory=dict)
    network: Network | None = None
    outside: Pair | None = None
    lacks: dict[str, str] = field(default_factory=ONLY_ASKED_FOR.copy)
    refused_starts: list[str] = field(default_factory=list)
    launcher: subprocess.Popen[bytes] | None = None
    _printed: int = 0

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def faq(self) -> Path:
        return self.folder / "faq"

    @property
    def clocks(self) -> Path:
        return self.folder / "clocks"

    def prepare(self) -> None:
        """Copies FAQ, models and vectors, writes an agency file, and prepares disks, network and clocks.

        No team of the agency ever closes. Records in ``lacks`` the faults that this machine does not permit, with
        reasons.
        """
        shutil.copytree(ROOT / "data" / "faq", self.faq)
        write_agency(self.folder / "agency.yml")
        self._mount()
        self._open_network()
        self._make_clocks()
        copy_prepared(self.folder)
        for name in PREPARED:
            (self.home / name).parent.mkdir(exist_ok=True)
            (self.home / name).symlink_to(self.folder / name)
        copy_vectors_and_classifiers(self.home)

    def _mount(self) -> None:
        self.home.mkdir(parents=True)
        if not can_mount():
            self.lacks |= dict.fromkeys(("state", "logs", "files"), "full disks need root")
            return
        wanted = {
            "state": Disk(self.home, STATE_MB),
            "logs": Disk(self.home / "logs", LOGS_MB),
            "files": Disk(self.home / FILES_FOLDER, FILES_MB),
        }
        self.disks = {name: disk for name, disk in wanted.items() if disk.mount()}

    def _open_network(self) -> None:
        self.network, why_not = open_network()
        if self.network is None:
            self.lacks[NETWORK] = why_not
            return
        for part in (LAUNCHER, *PARTS):
            self.network.make_group(part)

    def _make_clocks(self) -> None:
        self.clocks.mkdir()
        for part in PARTS:
            set_clock(self.clocks, part, 0)
        if why_not := why_no_clocks():
            self.lacks[CLOCK] = why_not

    def start_outside(self) -> None:
        """Starts a Valkey with a replica; parts that start afterwards use this Valkey."""
        self.outside = Pair(self.folder / "valkeys")
        self.outside.start()
        self.environment["REDIS_URL"] = self.outside.url
        del self.lacks[OUTSIDE]

    def remove(self) -> None:
        if self.outside is not None:
            self.outside.stop()
        if self.network is not None:
            self.network.remove()
        for disk in reversed(self.disks.values()):
            disk.unmount()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self) -> None:
        """Starts the launcher."""
        log = self.folder / "launcher.log"
        self._printed = log.stat().st_size if log.exists() else 0
        self.launcher = self.command("run", log)

    def command(self, name: str, log: Path) -> subprocess.Popen[bytes]:
        """Starts ``ventanilla <name>`` on this installation and returns its process."""
        settings = {
            "VENTANILLA_HOME": str(self.home),
            "VENTANILLA_SECRET": SECRET,
            "FAQ_DIR": str(self.faq),
            "AGENCY_FILE": str(self.folder / "agency.yml"),
            "PORT": str(self.port),
            "COLUMNS": "200",
        }
        command = [str(Path(sys.executable).parent / "ventanilla")]
        if reached := self._reached():
            settings |= {**reached, "PYTHONPATH": str(ROOT)}
            command = [sys.executable, "-m", "benchmarks.faulting.launcher"]
        command.append(name)
        if self.network is not None and name == "run":
            command = in_group(command, f"{self.network.groups}{LAUNCHER}")
        return spawn(command, log=log, env=os.environ | settings | self.environment, death_signal=signal.SIGTERM)

    def _reached(self) -> dict[str, str]:
        """Returns the variables for ``launcher.py`` that this run needs; {} if the plain launcher suffices."""
        wanted = {SLOWER: str(self.slower)} if self.slower > 1 else {}
        if self.network is not None:
            wanted[GROUPS] = self.network.groups
        if CLOCK not in self.lacks:
            wanted[CLOCKS] = str(self.clocks)
        return wanted

    async def keep_running(self) -> None:
        """Restarts the launcher whenever it ends, like systemd, until cancelled; records refused starts."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self.launcher is not None and (code := self.launcher.poll()) is not None:
                if not self.said_ready:
                    self.refused_starts.append(f"{code}: {self.last_words()}")
                    await asyncio.sleep(1)
                self.run()

    def last_words(self) -> str:
        return self._said()[-LAST_WORDS:]

    def _said(self) -> str:
        """Returns the launcher's output since its last start."""
        log = self.folder / "launcher.log"
        return log.read_bytes()[self._printed :].decode(errors="replace") if log.exists() else ""

    def silences(self, part: str) -> int:
        """Returns how many processes of a part the launchers have killed because they did not answer."""
        log = self.folder / "launcher.log"
        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return said.count(say("cli.run.parte_sin_respuesta", parte=part))

    @property
    def said_ready(self) -> bool:
        """Returns whether the launcher has reported since its last start that all parts are running."""
        return READY in self._said()

    def stop(self) -> None:
        if self.launcher is None:
            return
        self.launcher.send_signal(signal.SIGCONT)
        self.launcher.send_signal(signal.SIGTERM)
        try:
            self.launcher.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.launcher.kill()
            self.launcher.wait()

    def pid(self, part: str) -> int | None:
        """Returns the process id of a part or of the launcher, or None if that process is not running."""
        if self.launcher is None or self.launcher.poll() is not None:
            return None
        if part == LAUNCHER:
            return self.launcher.pid
        try:
            return Installation(self.url, self.home, self.faq, self.launcher).pid(part)  # type: ignore[arg-type]
        except (LookupError, OSError):
            return None

    @property
    def pids(self) -> dict[str, int]:
        """Returns the process ids of the running parts and of the launcher."""
        found = {part: self.pid(part) for part in (LAUNCHER, *PARTS)}
        return {part: pid for part, pid in found.items() if pid is not None}

    def noted(self) -> dict[str, str]:
        """Returns the content of running.json, such as the parts' URLs keyed by environment variable; {} if stopped."""
        return running_system(self.home) or {}

    async def healthy(self) -> bool:
        """Returns whether all parts run and the bot, the stores, Rasa and the action server report health.

        Each response may take ANSWER_TIMEOUT_S times ``slower`` seconds.
        """
        noted = self.noted()
        if not noted or not self.said_ready:
            return False
        asked = (f"{noted['ACTIONS_URL']}/health", f"{noted['RASA_URL']}/version", f"{self.url}/healthz")
        try:
            # Skips the certificates, since loading them takes longer than the requests.
            async with httpx.AsyncClient(timeout=ANSWER_TIMEOUT_S * self.slower, verify=False) as client:  # noqa: S501
                alive = [(await client.get(url)).is_success for url in asked]
                ready = (await client.get(f"{self.url}/readyz")).json()
            return all(alive) and ready["redis"] and ready["postgres"]
        except (httpx.HTTPError, ValueError, KeyError):
            return False

    async def wait_healthy(self, patience_s: float) -> bool:
        deadline = time.monotonic() + patience_s
        while not await self.healthy():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(LOOK_EVERY_S)
        return True


def write_agency(path: Path) -> None:
    """Writes the demo's agency file, changed so that teams never close and emergencies are mailed without a delay."""
    agency = read_yaml_file(ROOT / "agency.yml")
    agency |= {"horario": {day: ["00:00-24:00"] for day in WEEKDAYS}, "feriados": "", "cierres": []}
    agency["alarma"] = {"correos": [RECIPIENT], "espera_min": 0}
    path.write_text(yaml.safe_dump(agency, allow_unicode=True), encoding="utf-8")


def copy_prepared(folder: Path) -> None:
    """Copies the folders in PREPARED, which ``tests.prepare`` fills, to ``folder``, as hard links if possible.

    Creates an empty folder for each that does not exist.
    """
    for name in PREPARED:
        if (HOME / name).is_dir():
            shutil.copytree(HOME / name, folder / name, copy_function=_linked)
        (folder / name).mkdir(parents=True, exist_ok=True)


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
