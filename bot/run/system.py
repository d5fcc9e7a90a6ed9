"""Starts the parts in order on one machine, keeps them alive and stops them.

A part whose URL is set in the environment is not started. A part that ends is restarted after pauses that get longer.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from bot.core.disk import is_writable, replace_file
from bot.core.errors.launcher import AlreadyRunning
from bot.core.secrets.encryption import fingerprint
from bot.core.secrets.kept import kept_secret, new_secret
from bot.core.settings import Settings
from bot.faq.encoder.earlier_home import bring_together, left_beside
from bot.record.migrate import migrate
from bot.run.part import Part, Running
from bot.run.ports import LOOPBACK, free_port, reachable
from bot.run.postgres import (
    APP_ROLE,
    RASA_DATABASE,
    RASA_ROLE,
    make_databases,
    make_roles,
    migrate_record,
    postgres_part,
    postgres_url,
    renew_owner,
)
from bot.run.rasa_part import actions_part, bot_part, rasa_part, rasa_variables, without_secrets
from bot.run.valkey import default_max_mb, valkey_part, valkey_url
from bot.run.watch import Watch
from bot.store.accounts import BACKUP, BOT

LOOK_EVERY_S = 0.2
FIRST_PAUSE_S = 0.2
MAX_PAUSE_S = 10.0
CALM_AFTER_S = 60.0
STORES = ("valkey", "postgres")
NOTED = ("REDIS_URL", "DATABASE_URL", "RASA_DATABASE_URL", "RASA_URL", "RASA_TOKEN", "ACTIONS_URL", "ACTIONS_TOKEN")
KEPT = ("postgres", "secret")
RENEWED = ("redis", BOT, BACKUP, APP_ROLE, RASA_ROLE)  # passwords that are new at each start

Report = Callable[[str], None]


@dataclass
class _Supervised:
    """A running part, the pause before its next restart, and the time of that restart (None while the process runs).

    ``is_hung`` is true if the process was killed because it did not answer.
    """

    running: Running
    pause_s: float = FIRST_PAUSE_S
    restart_at: float | None = None
    is_hung: bool = False


@dataclass
class System:
    """The parts of one installation; ``report(name)`` is called when a part becomes healthy.

    The passwords of the embedded stores are new at each start, and so are the tokens of Rasa and of the action server,
    except for a service that runs elsewhere.
    """

    settings: Settings
    report: Report
    _supervised: list[_Supervised] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home = self.settings.home
        self.secrets = {name: kept_secret(self.home, name) for name in KEPT}
        self.secrets |= {name: new_secret() for name in RENEWED}
        for name, elsewhere in {"rasa": self.settings.rasa_url, "actions": self.settings.actions_url}.items():
            self.secrets[name] = kept_secret(self.home, name) if elsewhere else new_secret()
        self.ports = {name: free_port() for name in ("redis", "postgres", "rasa", "actions")}

    @property
    def redis_url(self) -> str:
        return self.settings.redis_url.get_secret_value() or valkey_url(self.ports["redis"], self.secrets[BOT], BOT)

    @property
    def redis_backup_url(self) -> str:
        """Returns the URL with which a backup copies Valkey."""
        return self.settings.copied_redis_url or valkey_url(self.ports["redis"], self.secrets[BACKUP], BACKUP)

    @property
    def database_url(self) -> str:
        embedded = postgres_url(self.ports["postgres"], self.secrets[APP_ROLE], role=APP_ROLE)
        return self.settings.database_url.get_secret_value() or embedded

    @property
    def rasa_database_url(self) -> str:
        """Returns the URL of Rasa's tracker database: the setting, else DATABASE_URL, else the embedded database's."""
        configured = self.settings.rasa_database_url.get_secret_value() or self.settings.database_url.get_secret_value()
        embedded = postgres_url(self.ports["postgres"], self.secrets[RASA_ROLE], RASA_DATABASE, role=RASA_ROLE)
        return configured or embedded

    @property
    def rasa_url(self) -> str:
        return self.settings.rasa_url or f"http://{LOOPBACK}:{self.ports['rasa']}"

    def start_stores(self) -> None:
        """Starts Valkey and PostgreSQL, unless their URLs are configured, and migrates the record.

        In the embedded PostgreSQL, also creates the databases and roles. Raises PartFailed.
        """
        if not self.settings.redis_url.get_secret_value():
            accounts, max_mb = {name: self.secrets[name] for name in (BOT, BACKUP)}, self.settings.valkey_maxmemory_mb
            port, own = self.ports["redis"], self.secrets["redis"]
            self._start(valkey_part(self.home, port, own, max_mb=max_mb or default_max_mb(), accounts=accounts))
        embedded = not self.settings.database_url.get_secret_value()
        if embedded:
            self._start(postgres_part(self.home, self.ports["postgres"], lambda: self.secrets["postgres"]))
        for supervised in self._supervised:
            supervised.running.wait_healthy()
            self.report(supervised.running.part.name)
        if not embedded:
            return migrate_record(self.database_url, self.settings.database_owner_url.get_secret_value())
        self.secrets["postgres"] = renew_owner(self.home, self.ports["postgres"])
        port, password = self.ports["postgres"], self.secrets["postgres"]
        make_databases(port, password)
        migrate(postgres_url(port, password))
        make_roles(port, password, passwords={role: self.secrets[role] for role in (APP_ROLE, RASA_ROLE)})

    def start_rasa(self, model: Path) -> None:
        """Starts Rasa with the model, without waiting; ``start_services`` waits until Rasa is healthy."""
        root = self.settings.project_root
        self._start(rasa_part(root, self.home, model=model, port=self.ports["rasa"], env=self.rasa_environment()))

    def start_services(self) -> None:
        """Starts the action server, unless ACTIONS_URL is set, and the bot; waits until these and Rasa are healthy.

        Writes the parts' addresses to running.json. Raises PartFailed.
        """
        environment = self.environment()
        if not self.settings.actions_url:
            self._start(actions_part(self.home, self.ports["actions"], self.actions_environment()))
        self._start(bot_part(self.home, self.settings.host, self.settings.port, environment))
        self._note()
        for supervised in self._supervised:
            if supervised.running.part.name not in STORES:
                supervised.running.wait_healthy()
                self.report(supervised.running.part.name)

    def environment(self) -> dict[str, str]:
        """Returns the environment variables for the bot."""
        return {
            **os.environ,
            "VENTANILLA_HOME": str(self.home),
            "VENTANILLA_SECRET": self.settings.secret.get_secret_value() or self.secrets["secret"],
            "REDIS_URL": self.redis_url,
            "REDIS_BACKUP_URL": "",
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": "",
            "RASA_DATABASE_URL": self.rasa_database_url,
            "RASA_URL": self.rasa_url,
            "RASA_TOKEN": self.settings.rasa_token.get_secret_value() or self.secrets["rasa"],
            "ACTIONS_URL": self.settings.actions_url or f"http://{LOOPBACK}:{self.ports['actions']}",
            "ACTIONS_TOKEN": self.settings.actions_token.get_secret_value() or self.secrets["actions"],
        }

    def actions_environment(self) -> dict[str, str]:
        """Returns the environment variables for the action server, whose only secret is its token."""
        return {
            **without_secrets(),
            "VENTANILLA_HOME": str(self.home),
            "ACTIONS_TOKEN": self.environment()["ACTIONS_TOKEN"],
        }

    def rasa_environment(self) -> dict[str, str]:
        """Returns the environment variables for Rasa: tracker database, action server and tokens."""
        return {
            **without_secrets(),
            **{name: self.environment()[name] for name in ("ACTIONS_URL", "ACTIONS_TOKEN", "RASA_TOKEN")},
            **rasa_variables(self.rasa_database_url),
        }

    def keep_alive(self, stopping: Callable[[], bool], died: Report, hung: Report = lambda _name: None) -> None:
        """Restarts parts that end or hang until ``stopping()`` returns True; Watch also limits the size of their logs.

        Calls ``died(name)`` when a part has ended, and before that ``hung(name)`` if it was killed for not answering.
        """
        watch = Watch(supervised.running for supervised in self._supervised)
        watch.start()
        while not stopping():
            for supervised in self._supervised:
                self._look_after(supervised, died, hung)
            time.sleep(LOOK_EVERY_S)
        watch.stop()

    def stop(self) -> None:
        """Stops all services concurrently, and then the stores that the services write to."""
        services = [supervised for supervised in self._supervised if supervised.running.part.name not in STORES]
        for supervised in services:
            supervised.running.ask_to_stop()
        stores = [supervised for supervised in self._supervised if supervised not in services]
        for supervised in (*services, *stores):
            supervised.running.stop()
        self._supervised.clear()
        note_file(self.home).unlink(missing_ok=True)

    def _start(self, part: Part) -> None:
        self._supervised.append(_Supervised(Running(part)))

    def _look_after(self, supervised: _Supervised, died: Report, hung: Report) -> None:
        now = time.monotonic()
        if supervised.running.hung:
            if not supervised.is_hung:
                hung(supervised.running.part.name)
                supervised.is_hung = True
            # The restart follows once the process has ended, which takes long if it waits for a disk.
            supervised.running.process.kill()
        if not supervised.running.dead:
            if now - supervised.running.started_at > CALM_AFTER_S:
                supervised.pause_s = FIRST_PAUSE_S
            return
        if supervised.restart_at is None:
            died(supervised.running.part.name)
            supervised.restart_at = now + supervised.pause_s
            supervised.pause_s = min(supervised.pause_s * 2, MAX_PAUSE_S)
        elif now >= supervised.restart_at:
            try:
                supervised.running.restart()
                supervised.restart_at, supervised.is_hung = None, False
            except OSError:  # out of memory, processes or disk space: try again later
                supervised.restart_at = now + MAX_PAUSE_S

    def _note(self) -> None:
        """Writes the parts' addresses to a file for other commands; it is private, since it contains passwords."""
        environment, settings = self.environment(), self.settings
        ours = {"REDIS_BACKUP_URL": self.redis_backup_url, "pid": os.getpid(), "port": settings.port}
        facts = {name: environment[name] for name in NOTED} | ours
        facts["secret_fingerprint"] = fingerprint(environment["VENTANILLA_SECRET"])  # backups name it
        # A command of cron may lack the settings, and would back up the demo's.
        facts |= {"AGENCY_FILE": str(settings.agency_file.absolute()), "FAQ_DIR": str(settings.faq_dir.absolute())}
        replace_file(note_file(self.home), json.dumps(facts))


def note_file(home: Path) -> Path:
    return home / "running.json"


def running_system(home: Path) -> dict[str, str] | None:
    """Returns the content of running.json, if the system runs from this home folder; else None.

    It maps the variables of NOTED to URLs and tokens, and also contains the pid, the port, the secret's fingerprint,
    and the paths of the answers and of agency.yml.
    """
    try:
        facts: dict[str, str] = json.loads(note_file(home).read_text())
        os.kill(int(facts["pid"]), 0)
    except (OSError, ValueError, KeyError):
        return None
    return facts


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Holds the home folder's lock (context manager); creates the folder and denies other users access.

    Raises AlreadyRunning if another launcher holds the lock.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.home.chmod(0o700)
    with (settings.home / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            other = running_system(settings.home) or {}
            url = f"http://{reachable(settings.host)}:{other.get('port', settings.port)}"
            raise AlreadyRunning(url=url, pid=other.get("pid", "?")) from error
        yield


def gather(settings: Settings) -> None:
    """Moves the answerer's files that an earlier version left in the home folder into ``answers_home``.

    Does nothing if there are none, if the home folder is read-only, and while a launcher runs, which may use them.
    """
    if left_beside(settings.home) and is_writable(settings.home):
        with suppress(AlreadyRunning, PermissionError), only_one(settings):
            gather_alone(settings)


def gather_alone(settings: Settings) -> None:
    """Moves the files as ``gather`` does, without taking the home folder's lock; prints notices to standard error."""
    for line in bring_together(settings.home, settings.answers_home):
        Console(stderr=True, highlight=False).print(line, markup=False, soft_wrap=True)
