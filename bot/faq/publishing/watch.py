"""Watches the FAQ folder and reloads it after a change, so that an edit takes effect in a moment, without a restart.

A reload uses the last known good version of files that have errors or await a second person's approval. A reload
replaces the Answerer by assigning one reference, so a message in progress finishes with the old one. If there is a new
adapter (after ``ventanilla train --refine`` or an upgrade) or the agency's own topics changed, the encoder and its data
are prepared in the background and then replaced in the same way. The bot process also watches the folder, without an
Answerer, in order to show the problems.
"""

from __future__ import annotations

import asyncio
import time
from collections import ChainMap
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import awatch

from bot.agency.model import Agency
from bot.core.errors.base import VentanillaError
from bot.core.logs import log
from bot.core.process import release_memory
from bot.faq.answering.experience import Experience, read_experience
from bot.faq.entries.canonical import sha256
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import Folder, Signs, files_of, is_entry, load_files, read_files, signs_of
from bot.faq.entries.phrases import phrases_name
from bot.faq.entries.problem import Problem, Severity
from bot.faq.publishing import approved
from bot.faq.publishing.agency_tests import MessageFiles
from bot.faq.publishing.approved import Approved
from bot.faq.publishing.last_known_good import LastKnownGood
from bot.metrics.measures import faq_entries, faq_problems, faq_publish_failures, faq_publish_seconds, faq_published_at

if TYPE_CHECKING:  # not imported by the bot, which only shows problems: it would double the start-up time
    from bot.faq.answering.answerer import Answerer
    from bot.faq.publishing.trials import Trials

QUIET_MS = 200  # the watcher wakes up this often
MAX_WAIT_MS = 400
# The folder is looked at this often: network folders lose change notifications, and entries expire at midnight.
LOOK_EVERY_MS = 3000
READ_EVERY_S = 30.0  # the files are read this often even if none seems changed, since reading one may have failed
FOLDER_GONE_WAIT_S = 1.0
CALIBRATE_AFTER_S = 30.0  # time without an edit after which a kept calibration is replaced
Publish = Callable[[Sequence[Entry]], "Answerer"]
Renew = Callable[[Sequence[Entry], Callable[[], bool]], bool]
Listener = Callable[[tuple[Problem, ...]], None]


def _may_serve(path: str, contents: dict[str, bytes], listed: Approved | None) -> bool:
    return listed is None or sha256(contents[path], contents.get(phrases_name(path))) in listed.get(path, ())


class RenewalStopped(VentanillaError):
    """The process is stopping, so the new encoder is no longer needed."""


class LiveFaq:
    """The current entries, problems and Answerer of the FAQ folder.

    ``publish`` builds an Answerer from entries; without it, only ``entries`` and ``problems`` are kept up to date.
    ``renew(entries, stopped)`` makes ``publish`` use a new encoder or the agency's changed topics, and returns whether
    anything was new. It may take minutes, and raises RenewalStopped once ``stopped()`` returns True. ``tests`` are
    the places of messages with known answers.
    """

    def __init__(
        self,
        faq_dir: Path,
        agency: Agency,
        *,
        home: Path,
        publish: Publish | None = None,
        renew: Renew | None = None,
        tests: MessageFiles | None = None,
    ) -> None:
        self._faq_dir, self._teams, self._publish, self._renew = faq_dir, agency.teams, publish, renew
        self._good, self._home, self._tests, self._today = LastKnownGood(home), home, tests, agency.today
        self._experience = Experience()
        self._seen: tuple[dict[str, bytes], Approved | None] | None = None
        self._signs: Signs = {}
        self._read_at = self._served_at = 0.0
        self._checked_on: date | None = None
        self._entries: tuple[Entry, ...] = ()
        self._answerer: Answerer | None = None
        self._problems: tuple[Problem, ...] = ()
        self._listeners: list[Listener] = []
        self._looking = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None

    @property
    def answerer(self) -> Answerer:
        """Returns the current Answerer; get it again for every message. Raises RuntimeError if there is none."""
        if self._answerer is None:
            raise RuntimeError("LiveFaq was not started, or was made without publish")
        return self._answerer

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Returns the entries in use; for files with errors or without approval, the last known good version."""
        return self._entries

    def team_of(self, entry: str) -> str:
        """Returns the team of the entry with the id ``entry``; "" if there is no such entry."""
        return next((one.team for one in self._entries if one.id == entry), "")

    def topic_of(self, entry: str) -> str:
        """Returns the topic of the entry with the id ``entry``; "" if there is no such entry."""
        return next((one.topic for one in self._entries if one.id == entry), "")

    @property
    def experience(self) -> Experience:
        """Returns the experience to which the Answerer's thresholds are adjusted."""
        return self._experience

    @cached_property
    def trials(self) -> Trials:
        """Returns the service that tries new texts of entries."""
        from bot.faq.publishing.trials import Trials  # not at the top: the bot would load the answerer

        return Trials(self, self._teams, self._tests)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Returns the current problems of the files, sorted by file and line."""
        return self._problems

    def subscribe(self, listener: Listener) -> None:
        """Registers ``listener``, to be called in the event loop whenever the problems change."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Creates the folder if it is missing, loads it, and starts to watch it. Raises EncoderMissing, OSError."""
        self._faq_dir.mkdir(parents=True, exist_ok=True)
        self._following = asyncio.create_task(self._follow())
        await asyncio.sleep(0)  # lets the watcher start before the first read, so that no edit is missed
        try:
            await self._look()
        except VentanillaError:
            await self.stop()
            raise
        self._renewing = asyncio.create_task(self._follow_encoder())

    async def stop(self) -> None:
        """Stops watching; the last Answerer remains usable."""
        self._stopping.set()
        for task in filter(None, (self._following, self._renewing)):
            await task

    async def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._follow_folder()
            except Exception as error:  # else no edit would be seen until the next start
                faq_publish_failures.labels("folder").inc()
                log.error("faq: reload failed", error=type(error).__name__, problem=str(error))
                await asyncio.sleep(FOLDER_GONE_WAIT_S)

    async def _follow_folder(self) -> None:
        changes = awatch(
            self._faq_dir,
            watch_filter=None,
            step=QUIET_MS,
            debounce=MAX_WAIT_MS,
            rust_timeout=LOOK_EVERY_MS,
            yield_on_timeout=True,
            stop_event=self._stopping,
        )
        async for found in changes:
            await self._look(changed=bool(found))

    async def _follow_encoder(self) -> None:
        while self._publish and self._renew and not self._stopping.is_set():
            try:
                if await asyncio.to_thread(self._renew, self._entries, self._stopping.is_set):
                    await self._publish_again(self._publish)
                await self._calibrate()
            except RenewalStopped:
                return
            except Exception as error:
                faq_publish_failures.labels("encoder").inc()
                log.error("encoder: switch failed", error=type(error).__name__, problem=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_MS / 1000):
                    await self._stopping.wait()

    async def _calibrate(self) -> None:
        """Calibrates the Answerer if it kept an earlier calibration; an edit may replace the Answerer meanwhile."""
        answerer = self._answerer
        if not answerer or answerer.is_calibrated or time.monotonic() - self._served_at < CALIBRATE_AFTER_S:
            return
        await asyncio.to_thread(answerer.calibrate, self._experience)
        answerer.learn(self._experience)  # which may have changed
        await asyncio.to_thread(release_memory)
        log.info("faq: calibrated", entries=len(answerer.entries), thresholds=str(answerer.thresholds))

    async def _publish_again(self, publish: Publish) -> None:
        async with self._looking:
            self._answerer = await asyncio.to_thread(publish, self._entries)
            self._answerer.learn(self._experience)
            await asyncio.to_thread(release_memory)
        log.info("encoder: switched", entries=len(self._entries), thresholds=str(self._answerer.thresholds))

    async def _look(self, *, changed: bool = True) -> None:
        """Loads the folder and informs the listeners of changed problems.

        If ``changed`` is False, loads only if modification times, sizes or inodes of the files differ.
        """
        async with self._looking:
            before = self._problems
            await asyncio.to_thread(self._load, changed=changed)
        if self._problems != before:
            for listener in self._listeners:
                listener(self._problems)

    def _load(self, *, changed: bool) -> None:
        signs, now, today = signs_of(self._faq_dir), time.monotonic(), self._today()
        if changed or (signs, today) != (self._signs, self._checked_on) or now - self._read_at > READ_EVERY_S:
            self._read(today)
            self._signs, self._read_at = signs, now
        self._learn()

    def _read(self, today: date) -> None:
        contents, listed = read_files(self._faq_dir), approved.read(self._faq_dir)
        is_new = (contents, listed) != self._seen
        if is_new or today != self._checked_on:  # entries expire with the day
            self._check(contents, listed, is_new=is_new)
            self._checked_on = today

    def _check(self, contents: dict[str, bytes], listed: Approved | None, *, is_new: bool) -> None:
        newcomers = {name for name in filter(is_entry, contents) if self._good.read(name) is None}
        folder = load_files(contents, self._teams, today=self._today(), newcomers=newcomers)
        if is_new:
            sound = {entry.path for entry in folder.entries if _may_serve(entry.path, contents, listed)}
            others = {*filter(is_entry, contents), *(listed or ())} - sound
            with faq_publish_seconds.time():
                self._serve(self._with_last_known_good(contents, folder, sound, others))
            self._keep(contents, sound, others)
            self._seen = contents, listed
        self._log_problems(folder.problems)

    def _with_last_known_good(
        self, contents: dict[str, bytes], folder: Folder, sound: set[str], others: set[str]
    ) -> Folder:
        old = [self._good.entry(name) for name in others]
        if not any(old) and len(sound) == len(folder.entries):
            return folder
        return load_files(dict(ChainMap(*(files_of(name, contents) for name in sound), *old)), self._teams)

    def _keep(self, contents: dict[str, bytes], sound: set[str], others: set[str]) -> None:
        for path in sound:
            for name, content in files_of(path, contents).items():
                self._good.keep(name, content)
        self._good.forget_all_but(contents.keys() | others | set(map(phrases_name, others)))

    def _serve(self, folder: Folder) -> None:
        if folder.entries == self._entries and self._seen is not None:
            return
        if self._publish is not None:
            self._answerer = self._publish(folder.entries)
            self._answerer.learn(self._experience)
            self._served_at = time.monotonic()
            release_memory()
            log.info("faq: reloaded", entries=len(folder.entries), thresholds=str(self._answerer.thresholds))
        self._entries = folder.entries
        faq_entries.set(len(folder.entries))
        faq_published_at.set_to_current_time()

    def _learn(self) -> None:
        """Adjusts the thresholds if the stored experience changed."""
        experience = read_experience(self._home)
        if self._answerer is None or experience == self._experience:
            return
        self._experience = experience
        self._answerer.learn(experience)
        thresholds, ratio = str(self._answerer.thresholds), round(experience.mistake_ratio, 2)
        log.info("faq: thresholds moved", messages=experience.messages, ratio=ratio, thresholds=thresholds)

    def _log_problems(self, problems: tuple[Problem, ...]) -> None:
        for problem in set(problems) - set(self._problems):
            log.warning(
                "faq: problem",
                file=problem.file,
                line=problem.line,
                field=problem.field,
                severity=problem.severity,
                message=problem.message,
                fix=problem.fix,
            )
        self._problems = problems
        for severity in Severity:
            faq_problems.labels(severity.value).set(sum(one.severity is severity for one in problems))
