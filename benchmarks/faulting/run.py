"""Runs one test: starts the system, simulates people, causes faults, waits for recovery and judges the result."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import redis

from benchmarks.faulting.agents import Agent, Desk, hire
from benchmarks.faulting.alarms import Alarms
from benchmarks.faulting.chaos import Chaos, Scene
from benchmarks.faulting.citizens import Citizen, TelegramCitizen, WebCitizen, WhatsAppCitizen
from benchmarks.faulting.editors import Editor
from benchmarks.faulting.evidence import Evidence, read_record, read_redis, unfinished
from benchmarks.faulting.growth import Growth, overgrown
from benchmarks.faulting.keeping import keep, keep_outside
from benchmarks.faulting.ledger import Ledger
from benchmarks.faulting.plan import Outcome, Plan
from benchmarks.faulting.processes import sizes, waited_s
from benchmarks.faulting.providers import WELL, Delivery, Moods, TelegramDouble, TwilioDouble
from benchmarks.faulting.register import Register
from benchmarks.faulting.system import LYING, System
from benchmarks.faulting.told import by_chat, compare
from benchmarks.faulting.verdict import ANSWER_LOST, BROKEN, CRASHED, GREW, NOT_DONE, Verdict, judge, silent
from bot.agency.model import load_agency
from bot.faq.entries.folder import load_folder
from tests.channels.telegram_peer import TOKEN as TELEGRAM_TOKEN
from tests.channels.twilio_peer import SENDER, SID
from tests.channels.twilio_peer import TOKEN as TWILIO_TOKEN
from tests.desk_world import served

START_S, WEB_S = 900.0, 20.0
SILENT_AFTER_S = 60.0
LOOK_EVERY_S = 1.0
AGENTS, EDITOR = ("ana", "beto"), "eva"
WARM_S = 10.0
FILES_EACH = 5  # complaints for each spike


class Run:
    """A run of ``plan``; ``tell(line)`` prints the line of each step."""

    def __init__(self, plan: Plan, tell: Callable[[str], None]) -> None:
        self.plan, self._tell = plan, tell
        self.rng = random.Random(plan.seed)  # noqa: S311
        self.ledger, self.desk = Ledger(), Desk()
        self.system = System(Path(tempfile.mkdtemp(prefix="faults-")), plan.slower)
        self.editor = Editor(self.system.url, EDITOR)
        self.telegram = TelegramDouble(moods=Moods(random.Random(plan.seed + 1)))  # noqa: S311
        self.twilio = TwilioDouble(moods=Moods(random.Random(plan.seed + 2)))  # noqa: S311
        mail, hook, complaints = (Moods(random.Random(plan.seed + one)) for one in (3, 4, 5))  # noqa: S311
        self.alarms = Alarms(self.ledger, mail, hook, Register(complaints))
        self.moods = {"telegram": self.telegram.moods, "whatsapp": self.twilio.moods}
        self.moods |= {"mail": mail, "webhook": hook, "register": complaints}
        scene = Scene(self.system, tuple(self.moods.values()), self.rng, alarms=self.alarms, desk=self.desk)
        self.chaos = Chaos(scene, self.tell)
        self.citizens: list[Citizen] = []
        self.begun = time.monotonic()

    async def __call__(self) -> Outcome:
        async with AsyncExitStack() as stack:
            stack.callback(self.system.remove)
            telegram = await stack.enter_async_context(_serving(self.telegram))
            twilio = await stack.enter_async_context(_serving(self.twilio))
            await asyncio.to_thread(self.system.prepare)
            alarmed = await stack.enter_async_context(self.alarms.serving())
            self.system.environment = self._settings(telegram, twilio) | alarmed
            if self.plan.lying_disk:
                del self.system.lacks[LYING]
            if self.plan.outside_valkey:
                self.system.start_outside()
            stack.callback(self.system.stop)
            self.system.run()
            keeping = asyncio.gather(self.system.keep_running(), self.chaos.restarts.watch())
            stack.callback(keeping.cancel)
            if not await self.system.wait_healthy(START_S):
                raise RuntimeError("the system did not start:\n" + self.system.last_words())
            self.chaos.restarts.seen.clear()  # of starts that failed
            await hire(self.system.noted()["DATABASE_URL"], dict.fromkeys(AGENTS, "agent") | {EDITOR: "editor"})
            await self.alarms.write_history(self.system.noted()["DATABASE_URL"])  # known to the bots that start later
            client = httpx.AsyncClient(base_url=self.system.url, timeout=WEB_S)
            await stack.enter_async_context(client)
            self.citizens = self._people(client)
            self.tell("started")
            return await self._run(keeping)

    def _settings(self, telegram: str, twilio: str) -> dict[str, str]:
        channels = {"TELEGRAM_TOKEN": TELEGRAM_TOKEN, "TELEGRAM_API_URL": telegram}
        channels |= {"PUBLIC_URL": "" if self.plan.polled else self.system.url}
        if not self.plan.polled:
            channels |= {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TWILIO_TOKEN}
            channels |= {"TWILIO_WHATSAPP_FROM": SENDER, "TWILIO_API_URL": twilio}
        return channels | self.plan.settings

    def _people(self, client: httpx.AsyncClient) -> list[Citizen]:
        questions = [entry.question for entry in load_folder(self.system.faq, None).entries]
        url, polled = self.system.url, self.plan.polled

        def common(name: str) -> tuple[str, Ledger, random.Random, list[str]]:
            return name, self.ledger, random.Random(f"{self.plan.seed}-{name}"), questions  # noqa: S311

        return [
            *(WebCitizen(*common(f"web-{number}"), url) for number in range(self.plan.web)),
            *(
                TelegramCitizen(*common(f"telegram-{number}"), client, double=self.telegram, polled=polled)
                for number in range(self.plan.telegram)
            ),
            *(
                WhatsAppCitizen(*common(f"whatsapp-{number}"), client, double=self.twilio, url=url)
                for number in range(0 if polled else self.plan.whatsapp)
            ),
        ]

    async def _run(self, keeping: asyncio.Future[list[None]]) -> Outcome:
        ending, resting = asyncio.Event(), asyncio.Event()
        pages = [asyncio.create_task(one.page.run()) for one in self.citizens if isinstance(one, WebCitizen)]
        lives = [asyncio.create_task(one.live(self.plan.manner, ending)) for one in self.citizens]
        staff: list[Agent | Editor] = [
            *(Agent(self.system.url, name, self.rng, self.desk, self.alarms.keeps) for name in AGENTS),
            self.editor,
        ]
        work = [asyncio.create_task(one.work(resting)) for one in staff]
        await asyncio.sleep(WARM_S)
        before, begun = await asyncio.to_thread(sizes, self.system.pids), time.monotonic()
        waited_before_s = waited_s()
        growth = Growth(self.system.home, lambda: self.system.pids, lambda: len(self.ledger.acknowledged()))
        watching = asyncio.create_task(growth.watch(self.plan.minutes * 60, self.plan.samples))
        every_s, noted = self.plan.spikes_every_s, self.system.noted
        raising = asyncio.gather(
            self.alarms.raise_spikes(noted, every_s), self.alarms.register.file_some(noted, every_s / FILES_EACH)
        )
        skipped = await self._strike(begun + self.plan.minutes * 60)
        await watching
        raising.cancel()
        lasted_s = time.monotonic() - begun
        busy = (waited_s() - waited_before_s) / lasted_s
        verdict = await self._end_faults(ending, lives)
        verdict.findings[NOT_DONE] += [*self.chaos.not_done, *(skipped if self.plan.must else ())]
        verdict.findings[BROKEN] += [*self.chaos.broken, *(f"late reply of {one}" for one in self.desk.late)]
        resting.set()
        await asyncio.gather(*work)
        await self.alarms.read_detected(self.system.noted()["DATABASE_URL"])
        verdict.counted["spikes that the detector found"] = len(self.alarms.detected)
        found = await self._settle(verdict)
        told = {one.name: one.page.chats for one in self.citizens if isinstance(one, WebCitizen)}
        lost = self.chaos.scene.lost
        verdict.findings[ANSWER_LOST] += self.editor.lost(self.system.faq)
        self._judge(verdict, found, judge(self.ledger, found, told, self.desk.read_up_to, lost))
        if self.plan.keep:
            keep(self.plan.keep, self.system, self.ledger, found)
            keep_outside(self.plan.keep, [*self._delivered(), *self.alarms.delivered], self.chaos.struck)
        after = await asyncio.to_thread(sizes, self.system.pids)
        verdict.findings[GREW] += overgrown(before, after, len(self.ledger.acknowledged()))
        ended: list[asyncio.Future[Any]] = [*pages, *lives, keeping]
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        kept = (before, after, self.moods, skipped, lasted_s, busy, self.system.refused_starts, found, growth.samples)
        return Outcome(self.plan, verdict, self.chaos, self.desk, self.editor.counted, self.ledger, *kept, self.alarms)

    async def _strike(self, until: float) -> list[str]:
        """Causes the planned faults and waits until the time ``until``, in seconds of ``time.monotonic``.

        Returns the faults that are impossible, with reasons. With ``in_turn``, causes each fault once, even if this
        takes longer.
        """
        lacks = self.system.lacks
        possible = [one for one in self.plan.faults if one.needs not in lacks]
        if self.plan.in_turn:
            for fault in possible:
                await asyncio.sleep(self.plan.every_s)
                await self.chaos.strike(fault)
        elif possible:
            most = self.plan.most_faults
            await self.chaos.run(possible, until=until, most=most, every_s=self.plan.every_s)
        await asyncio.sleep(max(0.0, until - time.monotonic()))
        return [f"{one.name} ({lacks[one.needs]})" for one in self.plan.faults if one.needs in lacks]

    def _delivered(self) -> list[Delivery]:
        return [*self.telegram.moods.delivered, *self.twilio.moods.delivered]

    def tell(self, line: str) -> None:
        self._tell(f"{time.monotonic() - self.begun:4.0f} s  {line}")

    async def _end_faults(self, ending: asyncio.Event, lives: list[asyncio.Task[None]]) -> Verdict:
        """Ends the providers' faults, then waits until the system is healthy and the last messages are acknowledged.

        Waits at most ``patience_s`` seconds for each of the two; returns the findings.
        """
        verdict = Verdict()
        for one in self.moods.values():
            one.weights = dict(WELL)
        if not await self.system.wait_healthy(self.plan.patience_s):
            verdict.findings["not back to health"].append(self.system.last_words()[-200:])
        verdict.findings["not back to health"] += self.chaos.not_back
        ending.set()
        self.tell("no more faults")
        _, left = await asyncio.wait(lives, timeout=self.plan.patience_s)
        for task in lives:
            if task in left:
                verdict.findings["not accepted although all was well"].append(self.citizens[lives.index(task)].name)
            elif error := task.exception():
                verdict.findings["not accepted although all was well"].append(repr(error))
        return verdict

    async def _settle(self, verdict: Verdict) -> Evidence:
        """Waits until nothing is queued and no recent message lacks a reply, then reads the stores.

        Waits at most ``patience_s`` seconds after the last delivery of a provider; WhatsApp's rate limit makes
        deliveries slow. Adds the seconds waited to ``verdict``.
        """
        began = last = time.monotonic()
        delivered, found = 0, Evidence()
        while time.monotonic() < last + self.plan.patience_s:
            if (now := sum(1 for _ in self._delivered())) > delivered:
                delivered, last = now, time.monotonic()
            noted = self.system.noted()
            try:
                left = await asyncio.to_thread(unfinished, noted["REDIS_URL"]) | self.alarms.unheard()
                found = await asyncio.to_thread(read_redis, noted["REDIS_URL"])
                young = [at for at in silent(found).values() if time.time() - at / 1000 < SILENT_AFTER_S]
                if not left and not young:
                    break
            except (KeyError, redis.RedisError) as error:
                found.left = {f"Valkey: {type(error).__name__}": 1}
            await asyncio.sleep(LOOK_EVERY_S)
        self.tell(f"settled, left: {found.left}")
        verdict.counted["s until nothing was left"] = round(time.monotonic() - began)
        await asyncio.sleep(LOOK_EVERY_S)  # lets the pages receive the last messages
        emptied = self.chaos.scene.emptied
        await read_record(found, self.system.noted()["DATABASE_URL"], emptied=emptied)
        return found

    def _judge(self, verdict: Verdict, found: Evidence, judged: Verdict) -> None:
        verdict.counted |= judged.counted
        for kind, lines in judged.findings.items():
            verdict.findings[kind] += lines
        chats = by_chat(self._delivered())
        offices = load_agency(self.system.folder / "agency.yml").offices
        scene, excused = self.chaos.scene, self.chaos.restarts.excused(self.chaos.struck)
        verdict.counted["restarts of a bot that did not answer, excused"] = len(excused)
        verdict.findings[CRASHED] += self.chaos.restarts.crashed(self.chaos.struck)
        known = (self.system.environment["PUBLIC_URL"], [*self.chaos.struck, *excused], offices, scene.unsent)
        for one in self.citizens:
            chat = {"telegram": "chat", "whatsapp": "address"}.get(one.channel)
            if chat is None:
                continue
            (conversation,) = self.ledger.conversations[one.name]
            log, got = found.logs.get(conversation, []), chats.get(str(getattr(one, chat)), [])
            for kind, line in compare(conversation, log, got, *known, emptied=scene.emptied):
                verdict.findings[kind].append(line)
        for kind, line in self.alarms.judge(found, [*self.chaos.struck, *excused]):
            verdict.findings[kind].append(line)
        for name, refused in (("telegram", self.telegram.refused), ("whatsapp", self.twilio.refused)):
            verdict.findings[f"refused by {name}'s specification"] += refused


def _serving(double: TelegramDouble | TwilioDouble):  # type: ignore[no-untyped-def]
    return served(double.app())  # type: ignore[arg-type]


def to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")
