"""Starts docker-compose.yml for real, simulates citizens while containers are killed, and prints the measurements.

Run ``python -m scripts.compose_trial [--build] [--keep]`` as root, in .venv with the packages of the tests; it needs
the program ``age``. Also scales, restarts and updates the project, and restores a backup into empty volumes. The trial
has its own project name, volumes and ports. Removes its containers and volumes at the end; with ``--keep``, leaves the
volumes that take long to build. Without an image registry, run scripts/compose_stand_ins.py first.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from scripts.compose_backup import OWNER, Backups
from scripts.compose_confinement import confinement, promised
from scripts.compose_people import Outcome, Story, check_restored, polled_by_one, story, under_load

PROJECT, HTTPS_PORT = "ventanilla-trial", 18443
URL = f"https://localhost:{HTTPS_PORT}"
ROOT_CERTIFICATE = "/data/caddy/pki/authorities/local/root.crt"
IN_TURN = ("worker", "bot", "rasa", "actions", "valkey", "postgres", "proxy")
SCALED = {"worker": 3, "bot": 2, "rasa": 2, "actions": 2}
READY_WITHIN_S = 1800.0
# Volumes with data; the other volumes can be rebuilt.
OF_PEOPLE = ("postgres", "valkey", "secrets", "files", "certificates")
FEW_CITIZENS = 10
LEFT_OUT = "error to its AOF-loading-client"
TELEGRAM = f"{PROJECT}-telegram"  # a container that is not part of the project
FORGET = """from pathlib import Path; from redis import Redis
client = Redis.from_url(Path("/run/secrets/redis_url").read_text())
for name in client.scan_iter(match="v:uses:open:*"): client.delete(name)"""
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Trial:
    """A running project; ``environment`` contains the environment variables of the ``docker compose`` commands."""

    environment: dict[str, str] = field(default_factory=dict)

    def compose(self, *arguments: str, said: str = "") -> str:
        return docker("compose", "-p", PROJECT, *arguments, said=said, environment=self.environment)

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "-q", service).split()

    def kill(self, service: str) -> None:
        """Kills the main process of a service's first container, to simulate a crash.

        Does not use `docker kill`, after which Docker would not restart the container.
        """
        os.kill(int(inspected(self.containers(service)[0], "{{.State.Pid}}")), signal.SIGKILL)

    def hang(self, service: str) -> None:
        """Suspends a service's processes, and waits until the container has been restarted because it is unhealthy."""
        container = self.containers(service)[0]
        init, restarts = inspected(container, "{{.State.Pid}}"), inspected(container, "{{.RestartCount}}")
        rows = [line.split() for line in docker("top", container, "-eo", "pid,ppid").splitlines()[1:]]
        for pid in (int(pid) for pid, parent in rows if parent == init):
            os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: inspected(container, "{{.RestartCount}}") != restarts)

    def remove(self, *, keep: bool) -> None:
        """Stops the project and removes its volumes; with ``keep``, removes only the volumes with people's data."""
        if keep:
            self.lose(*OF_PEOPLE)
        else:
            self.compose("down", "--remove-orphans", "--volumes")

    def lose(self, *volumes: str) -> None:
        """Removes the containers and the named volumes."""
        self.compose("down", "--remove-orphans")
        for name in volumes:
            docker("volume", "rm", "--force", f"{PROJECT}_{name}")

    def store_secret(self, name: str, value: str) -> None:
        self.compose("run", "--rm", "-T", "setup", name, said=value)

    def wait_healthy(self) -> None:
        wait_until(lambda: all(map(is_well, self.compose("ps", "-q").split())))


def docker(*arguments: str, said: str = "", environment: dict[str, str] | None = None) -> str:
    """Runs a Docker command with ``said`` as its input and returns its output; ends the trial if the command fails."""
    command = ["docker", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, input=said, env=environment)  # noqa: S603
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def inspected(container: str, template: str) -> str:
    return docker("inspect", "-f", template, container).strip()


def is_well(container: str) -> bool:
    """Returns whether the container is healthy; True if it has no health check."""
    return inspected(container, "{{if .State.Health}}{{.State.Health.Status}}{{else}}healthy{{end}}") == "healthy"


def wait_until(look: Callable[[], bool], within_s: float = READY_WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not look():
        if time.monotonic() > deadline:
            sys.exit("not in time")
        time.sleep(0.5)


@contextmanager
def started(*, build: bool, keep: bool) -> Iterator[Trial]:
    """Starts the project without data, prints how long that took, and yields it; stops it when the block ends."""
    ports = {"HTTP_PORT": "18080", "HTTPS_PORT": str(HTTPS_PORT)}
    trial = Trial({**os.environ, **ports, "BACKUPS": str(backup_folder())})
    trial.remove(keep=keep)
    if build:
        timed("build", lambda: trial.compose("build"))
    try:
        store_telegram(trial)
        timed("first start", lambda: bring_up(trial))
        start_telegram()
        yield trial
    finally:
        subprocess.run(["docker", "rm", "-f", TELEGRAM], capture_output=True)  # noqa: S603, S607
        trial.remove(keep=keep)


def backup_folder() -> Path:
    folder = Path(tempfile.mkdtemp())
    os.chown(folder, OWNER, OWNER)
    return folder


def bring_up(trial: Trial) -> None:
    trial.compose("up", "-d", "--no-build")
    wait_until(lambda: "/desk" in trial.compose("logs", "--no-log-prefix", "ready"))


def store_telegram(trial: Trial) -> None:
    trial.store_secret("telegram_token", "1:trial")
    trial.store_secret("telegram_api_url", f"http://{TELEGRAM}:8000")


def start_telegram() -> None:
    script = ROOT / "scripts" / "compose_telegram.py"
    beside = ("--network", f"{PROJECT}_outside", "--name", TELEGRAM, "-v", f"{script}:/telegram.py:ro")
    docker("run", "-d", *beside, "ventanilla-bot:local", "python", "/telegram.py")


def telegram_url() -> str:
    return f"http://{inspected(TELEGRAM, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')}:8000"


def timed(what: str, work: Callable[[], object]) -> None:
    began = time.monotonic()
    work()
    print(f"{what}: {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201


def trust(trial: Trial) -> None:
    """Makes this process trust the certificate authority that Caddy created for localhost."""
    file = Path(tempfile.mkdtemp()) / "root.crt"
    file.write_text(trial.compose("exec", "-T", "proxy", "cat", ROOT_CERTIFICATE))
    os.environ["SSL_CERT_FILE"] = str(file)


def administrator(trial: Trial) -> tuple[str, str]:
    email, password = trial.compose("exec", "-T", "bot", "cat", "/state/first-password.txt").split()
    return email, password


def require_confined(trial: Trial) -> None:
    """Ends the trial unless the kernel confines every process as docs/operations/docker-compose.md promises."""
    for service in IN_TURN:
        for pid in pids(trial.containers(service)[0]):
            with suppress(FileNotFoundError, ProcessLookupError):  # a health check that has ended
                if (found := confinement(Path("/proc", pid))) != promised(service):
                    sys.exit(f"{service}: {found}")


def pids(container: str) -> list[str]:
    return docker("top", container, "-eo", "pid").split()[1:]


def forget_openings(trial: Trial) -> None:
    """Resets the rate limit of new chats, which the citizens reach because they all share an address.

    An address may open 60 chats in ten minutes.
    """
    trial.compose("exec", "-T", "worker", "python", "-c", FORGET)


def require_read(trial: Trial) -> None:
    """Ends the trial if Valkey left out anything of its append-only file when it started again."""
    if refused := [line for line in trial.compose("logs", "valkey").splitlines() if LEFT_OUT in line]:
        sys.exit(f"{len(refused)} times: {refused[0]}")


def show_memory(trial: Trial) -> None:
    rows = docker("stats", "--no-stream", "--format", "json", *trial.compose("ps", "-q").split()).splitlines()
    for row in sorted((json.loads(row) for row in rows), key=lambda row: str(row["Name"])):
        print(f"  {row['Name'].removeprefix(PROJECT + '-'):<12}{row['MemUsage']}", flush=True)  # noqa: T201


def show(title: str, outcome: Outcome) -> None:
    print(f"{title}: {outcome}", flush=True)  # noqa: T201


def practise_update(trial: Trial, scale: list[str]) -> None:
    """Replaces every container, including the stores', while citizens write, as after an update of all images."""
    forget_openings(trial)
    up = ("up", "-d", "--no-build", "--force-recreate", *scale)
    writing = under_load(URL, lambda _: trial.compose(*up), ("update",), citizens=FEW_CITIZENS)
    timed("update while people write", lambda: show("update while people write", asyncio.run(writing)))
    trial.wait_healthy()


def practise_backups(trial: Trial, told: Story) -> None:
    """Backs up while citizens write, checks the backup, restores it into empty volumes, and continues the story."""
    backups = Backups(trial, Path(trial.environment["BACKUPS"]))
    backups.prepare()
    forget_openings(trial)
    said: list[str] = []
    writing = under_load(URL, lambda _: said.append(backups.write()), ("backup",), citizens=FEW_CITIZENS)
    show("backup while people write", asyncio.run(writing))
    print(*said, sep="", flush=True)  # noqa: T201
    timed("check of the backup", lambda: print(backups.check()))  # noqa: T201
    timed("restore into empty volumes", lambda: print(backups.restore(trial.store_secret)))  # noqa: T201
    store_telegram(trial)
    timed("start after the restore", lambda: bring_up(trial))
    check_restored(URL, told)
    print("after the restore: chat, account, ticket and file are there; citizen and agent go on", flush=True)  # noqa: T201


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build", action="store_true", help="build the images first")
    options.add_argument("--keep", action="store_true", help="keep what takes long to make: encoder, vectors, models")
    chosen = options.parse_args()
    with started(build=chosen.build, keep=chosen.keep) as trial:
        trust(trial)
        require_confined(trial)
        show_memory(trial)
        told = story(URL, *administrator(trial))
        print("story: answer with source, person, one-time password, claim, reply, upload", flush=True)  # noqa: T201
        show("one of each, killed in turn", asyncio.run(under_load(URL, trial.kill, IN_TURN)))
        trial.wait_healthy()
        require_read(trial)
        scale = [part for name, count in SCALED.items() for part in ("--scale", f"{name}={count}")]
        up = ("up", "-d", "--no-build", "--no-recreate", "--no-deps", *scale, *SCALED)
        timed("scaling", lambda: (trial.compose(*up), trial.wait_healthy()))
        show_memory(trial)
        forget_openings(trial)
        show("scaled, killed in turn", asyncio.run(under_load(URL, trial.kill, IN_TURN)))
        trial.wait_healthy()
        timed("restart of a bot that hangs", lambda: trial.hang("bot"))
        print(f"polls of Telegram, never two at a time: {polled_by_one(telegram_url())}", flush=True)  # noqa: T201
        timed("restart of everything", lambda: (trial.compose("restart"), trial.wait_healthy()))
        require_read(trial)
        practise_update(trial, scale)
        practise_backups(trial, told)


if __name__ == "__main__":
    main()
