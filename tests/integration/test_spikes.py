"""Tests the alarm about spikes with PostgreSQL: counted, raised once, sent, shown with masked examples, closed."""

from __future__ import annotations

import asyncio
import hmac
import html
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import test_utils, web
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import delete, func, insert, select, text, update

from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.core.progress import no_beat
from bot.desk.crisis.writers import notice_writers
from bot.desk.pages.notices.page import PATH
from bot.desk.pages.notices.report_page import PATH as REPORT
from bot.desk.pages.notices.spike_page import MOST_SHOWN
from bot.handoff.complaints.register import SIGNATURE, TIMESTAMP
from bot.learning.backlog.embedding import Embedding
from bot.mail import finishing
from bot.mail.senders import SendingFailed, Words
from bot.record.engine import Sessions
from bot.record.tables import Conversation, EntryDocument, Message, Notice, Ticket
from bot.record.tables.spikes import Spike, SpikeGroup, SpikeMinute, SpikeQuestion
from bot.spikes.group_watch import MARK, GroupWatch
from bot.spikes.notifier import SpikeNotifier
from bot.spikes.questions import drop_questions
from bot.spikes.watch import SpikeWatch
from bot.spikes.webhook import SpikeWebhook
from bot.spikes.words import PATH as MESSAGES
from bot.store import keys
from bot.store.cancelling import cancelled
from bot.tickets.staff_notices import StaffNotices
from tests.backlog import action_server, embedded
from tests.desk_world import DeskWorld, desk_world, served
from tests.eventually import eventually
from tests.faq_entry import BASE
from tests.integration.notices_desk import FORM, press

ROSA, LEO, EDU = (f"{name}@losaromos.example" for name in ("rosa", "leo", "edu"))
SECRET = "s" * 40
MINUTE = timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIL = "turno@losaromos.example"
SITE = "https://chat.losaromos.example"


@dataclass
class Post:
    """A recipient that refuses alarms while ``down``."""

    way: str = "mail"
    down: bool = False
    sent: list[Words] = field(default_factory=list)
    waits_for: asyncio.Event | None = None

    async def send(self, _to: str, words: Words) -> None:
        if self.waits_for:
            await self.waits_for.wait()
        if self.down:
            raise SendingFailed(way=self.way)
        self.sent.append(words)


@dataclass
class Stage:
    """A town with three writers an hour for a month, and its alarm."""

    world: DeskWorld
    watch: SpikeWatch
    post: Post
    posted: list[tuple[dict[str, str], bytes]]
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(second=30, microsecond=0))

    async def write(self, number: int, text: str, reply: dict[str, Any] | None = None, **ticket: Any) -> None:
        """Makes another citizen write a few minutes ago; the reply or a ticket follows immediately."""
        name, at = f"c{number}", self.now - (1 + number % 4) * MINUTE
        async with self.world.sessions.begin() as session:
            times = {"started_at": at, "last_at": at}
            await session.execute(insert(Conversation).values(id=name, channel="web", **times))
            row = {"conversation_id": name, "at": at}
            said = {"event_id": "1-0", "author": "citizen", "text": text, "data": {}}
            await session.execute(insert(Message).values(row | said))
            if reply is not None:
                answer = {"event_id": "2-0", "author": "assistant", "text": "...", "data": reply}
                await session.execute(insert(Message).values(row | answer))
            if ticket:
                given = {"id": f"t{number}", "conversation_id": name, "opened_at": at, "changed_at": at, "team": "x"}
                given |= {"candidates": [], "state": "waiting", "priority": "normal"}
                await session.execute(insert(Ticket).values(given | ticket))

    async def incident(self, people: int = 12) -> None:
        for number in range(people):
            await self.write(number, "Se cortó el suministro, llámenme al 9 8765 4321", reason="low_confidence")

    async def past_questions(self) -> None:
        """Adds an unanswered question for each day of three weeks, and a mark that groups have long been searched."""
        at = self.now - 21 * DAY
        async with self.world.sessions.begin() as session:
            await session.execute(insert(Conversation).values(id="past", channel="web", started_at=at, last_at=at))
            rows = [
                {"conversation_id": "past", "event_id": f"{day}-0", "at": at + day * DAY, "encoder": "words"}
                | {"vector": embedded(f"otra cosa {day}").astype("<f2").tobytes()}
                for day in range(21)
            ]
            await session.execute(insert(SpikeQuestion), rows)
            mark = {"at": self.now - 50 * DAY, "window": MARK, "citizens": 0, "expected": 0}
            await session.execute(insert(SpikeGroup).values(mark))

    async def ask(self, texts: Sequence[str], start: int) -> None:
        """Makes a new citizen ask each of ``texts``; the assistant replies that it does not know."""
        for number, words in enumerate(texts, start):
            await self.write(number, words, {"missed": True})

    async def alarms(self) -> list[Spike]:
        async with self.world.sessions() as session:
            return list(await session.scalars(select(Spike).order_by(Spike.id)))


@pytest_asyncio.fixture
async def stage(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[Stage]:
    posted: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        posted.append((dict(request.headers), await request.read()))
        return web.Response(status=500 if len(posted) == 1 else 204)

    app, post = web.Application(), Post()
    app.router.add_post("/alzas", take)
    async with (
        test_utils.TestServer(app) as server,
        served(action_server()) as actions,
        desk_world(redis, database, agency) as world,
    ):
        await world.hire(ROSA, "Rosa", ("supervisor",))
        await world.hire(LEO, "Leo", ("agent",))
        notifier = SpikeNotifier(
            sessions=database,
            agency=agency,
            staff_notices=StaffNotices(redis),
            writers=partial(notice_writers, database),
            senders={MAIL: post},
            webhook=SpikeWebhook(str(server.make_url("/alzas")), SecretStr(SECRET), SITE),
            public_url=SITE,
        )
        topics = {"bache": "calle"}
        groups = GroupWatch(database, Embedding(ActionsEndpoint(actions)), agency.timezone)
        watch = SpikeWatch(
            database,
            groups,
            timezone=agency.timezone,
            topic_of=lambda entry: topics.get(entry, ""),
            false_every_days=8,
            notify=notifier.notify,
        )
        made = Stage(world, watch, post, posted)
        start = made.now.replace(second=0) - 30 * DAY
        rows = [{"minute": start + n * 20 * MINUTE, "stream": "total", "citizens": 1} for n in range(30 * 72)]
        async with database.begin() as session:
            await session.execute(insert(SpikeMinute), rows)
        yield made


async def test_minute_in_which_nobody_is_left_counts_nobody(stage: Stage) -> None:
    async def citizens() -> int:
        query = select(SpikeMinute.citizens).where(SpikeMinute.minute == at, SpikeMinute.stream == "total")
        async with stage.world.sessions() as session:
            return int(await session.scalar(query) or 0)

    at = (stage.now - MINUTE).replace(second=0)
    await stage.write(4, "hola")
    await stage.watch.look(stage.now)
    before = await citizens()
    async with stage.world.sessions.begin() as session:
        await session.execute(update(Message).where(Message.conversation_id == "c4").values(data={"notice": "1.1"}))
    await stage.watch.look(stage.now)
    column = stage.watch._history.index(at, stage.watch._zone)
    assert (before, await citizens(), stage.watch._history.counts[0, column]) == (1, 0, 0)


async def test_incident_is_one_alarm_that_everybody_gets_once(stage: Stage) -> None:
    await stage.watch.look(stage.now)
    assert await stage.alarms() == []
    await stage.incident()
    stage.post.down = True
    for _ in range(3):
        await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    assert (spike.streams[0], set(spike.streams), spike.citizens) == ("unknown", {"unknown", "total"}, 12)
    assert sorted(spike.told) == ["desk", "webhook"]
    stage.post.down = False
    await stage.watch.look(stage.now)
    await stage.watch.look(stage.now)
    assert [one.subject for one in stage.post.sent] == [
        f"{stage.world.agency.short_name}: 12 personas preguntaron en 5 minutos algo que no está respondido"
    ]
    assert "suministro" not in stage.post.sent[0].text
    assert stage.post.sent[0].text.endswith(f" {SITE}{MESSAGES}/{spike.id}")
    assert len(stage.posted) == 2  # refused once
    headers, body = stage.posted[1]
    expected = hmac.new(SECRET.encode(), headers[TIMESTAMP].encode() + b"." + body, "sha256").hexdigest()
    assert headers[SIGNATURE] == f"v1={expected}"
    sent = json.loads(body)
    assert (sent["citizens"], sent["page"]) == (12, f"{SITE}{MESSAGES}/{spike.id}")
    told = [key async for key in stage.world.redis.scan_iter(keys.staff_notices_key("*"))]
    (rosa,) = told  # who may write notices
    (notice,) = await StaffNotices(stage.world.redis).of(rosa.rpartition(":")[2])
    assert (notice.page, "12 personas" in notice.by) == (f"{MESSAGES}/{spike.id}", True)


async def test_alarm_says_since_when_the_people_of_its_headline_write(stage: Stage) -> None:
    await stage.incident()
    await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    assert (spike.window, spike.at - spike.since) == (5, 5 * MINUTE)


async def test_slow_recipient_holds_back_no_other_and_no_transaction(stage: Stage) -> None:
    """The mail server delays the alarm; meanwhile the desk's is stored, and another process sends nothing."""
    await stage.incident()
    beats: list[int] = []
    stage.post.waits_for = asyncio.Event()
    looking = asyncio.create_task(stage.watch.look(stage.now, lambda: beats.append(1)))
    await eventually(lambda: _told(stage, ["desk"]))
    await eventually(lambda: len(beats) == 2)  # the webhook refuses once
    async with stage.world.sessions() as session:
        idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = :state"
        assert await session.scalar(text(idle), {"state": "idle in transaction"}) == 0
    await stage.watch._notify(no_beat)
    assert (len(stage.posted), stage.post.sent) == (1, [])
    stage.post.waits_for.set()
    await looking
    assert await _told(stage, ["desk", MAIL]) and len(beats) == 3
    await stage.watch._notify(no_beat)
    assert await _told(stage, ["desk", MAIL, "webhook"])
    assert (len(stage.posted), len(stage.post.sent), [one.tries for one in await stage.alarms()]) == (2, 1, [2])


async def test_recipient_that_never_answers_counts_as_failed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.spikes.notifier.SENT_WITHIN_S", 0.5)
    stage.post.waits_for = asyncio.Event()
    await stage.incident()
    await stage.watch.look(stage.now)
    assert MAIL not in (await stage.alarms())[0].told


async def test_process_that_stops_stores_who_got_the_alarm(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finishing, "FINISHED_WITHIN_S", 60.0)
    stage.post.waits_for = asyncio.Event()
    await stage.incident()
    looking = asyncio.create_task(stage.watch.look(stage.now))
    await eventually(lambda: _told(stage, ["desk"]))
    stopping = asyncio.create_task(cancelled([looking]))
    await asyncio.sleep(0)
    stage.post.waits_for.set()
    await stopping
    assert await _told(stage, ["desk", MAIL])
    await stage.watch._notify(no_beat)
    assert (len(stage.post.sent), len(stage.posted)) == (1, 2)  # the webhook refuses once


async def _told(stage: Stage, recipients: Sequence[str]) -> bool:
    return [one.told for one in await stage.alarms()] == [list(recipients)]


async def test_card_shows_masked_examples_and_a_notice_made_of_it_closes_it(stage: Stage) -> None:
    rosa = await stage.world.sign_in(ROSA)
    assert "Alza de consultas" not in (await rosa.get(PATH)).text
    await stage.incident()
    await stage.write(50, "me robaron y estoy herido", reason="low_confidence", priority="emergency")
    await stage.watch.look(stage.now)
    page = (await rosa.get(PATH)).text
    assert "13 personas preguntaron en 5 minutos algo que no está respondido" in page
    assert "Se cortó el suministro, llámenme al +56 9 •••• 4321" in page
    assert "4321" in page and "8765" not in page and "herido" not in page
    (spike,) = await stage.alarms()
    made = (await rosa.get(f"{PATH}?alza={spike.id}")).text
    assert f'name="alza" value="{spike.id}"' in made
    await press(rosa, **FORM, alza=str(spike.id))
    (spike,) = await stage.alarms()
    assert (spike.state, spike.closed_by) == ("noticed", "Rosa")
    assert "Alza de consultas" not in (await rosa.get(PATH)).text


async def test_form_of_an_alarm_is_open_also_while_another_notice_is_being_written(stage: Stage) -> None:
    rosa = await stage.world.sign_in(ROSA)
    await stage.incident()
    await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    await press(rosa, **FORM)
    folded = re.compile(r"<details[^>]*><summary>Empezar en blanco")
    assert folded.search((await rosa.get(PATH)).text)
    assert not folded.search((await rosa.get(f"{PATH}?alza={spike.id}")).text)


async def test_draft_with_gaps_leaves_its_alarm_open_and_the_report_tells_when_it_rang(stage: Stage) -> None:
    rosa = await stage.world.sign_in(ROSA)
    await stage.incident()
    await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    await press(rosa, **FORM | {"texto": "Vuelve a las [[completar: hora]]."}, alza=str(spike.id))
    (spike,) = await stage.alarms()
    assert spike.state == "open"
    async with stage.world.sessions() as session:
        draft = await session.scalar(select(Notice))
    assert draft
    await press(rosa, **FORM, id=str(draft.id), version=str(draft.version))
    (spike,) = await stage.alarms()
    assert (spike.state, spike.closed_by) == ("noticed", "Rosa")
    async with stage.world.sessions.begin() as session:
        now = spike.at + timedelta(minutes=7, seconds=5)
        await session.execute(
            update(Notice).values(state="running", published_at=now, starts_at=now, ends_at=now + HOUR)
        )
    report = (await rosa.get(f"{REPORT}/{draft.number}")).text
    assert "Sonó la alarma" in report and "7 min 5 s" in report and "personas preguntaron en 5 minutos" in report


async def test_card_leads_to_the_messages_and_to_the_pack_that_fits(stage: Stage) -> None:
    await stage.world.hire(EDU, "Edu", ("supervisor", "editor"))
    for number in range(12):
        await stage.write(number, f"no sale agua, somos {number} familias, fono 9 8765 4321", {"missed": True})
    await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    rosa, edu = await stage.world.sign_in(ROSA), await stage.world.sign_in_elsewhere(EDU)
    card = (await rosa.get(PATH)).text
    for address in (f"{MESSAGES}/{spike.id}", f"{PATH}?paquete=corte-de-agua&amp;alza={spike.id}#h-new"):
        assert f'href="{address}"' in card
    assert "/desk/bandeja" not in card.split('class="slip notice spike"')[1].split("</section>")[0]
    form = html.unescape((await rosa.get(f"{PATH}?paquete=corte-de-agua&alza={spike.id}")).text)
    assert "no sale agua, somos" in form and "¿cuándo vuelve el agua?" in form and "Camiones aljibe" in form
    assert f'name="alza" value="{spike.id}"' in form
    page = (await edu.get(f"{MESSAGES}/{spike.id}")).text
    assert page.count("no sale agua, somos") == min(12, MOST_SHOWN) and "8765" not in page
    assert "/desk/bandeja" in page
    assert (await rosa.get(f"{MESSAGES}/{2**70}")).status_code == 404
    assert f'name="id" value="{spike.id}"' in page and "#h-new" in page
    await press(rosa, que="nada", id=str(spike.id))
    closed = (await edu.get(f"{MESSAGES}/{spike.id}")).text
    assert "Rosa la cerró con «No es nada»." in closed and "#h-new" not in closed


async def test_answer_on_the_card_leads_to_its_page(stage: Stage) -> None:
    stage.world.faq.entries = (BASE,)
    async with stage.world.sessions.begin() as session:
        document = await session.scalar(insert(EntryDocument).values(path="calle/bache.md").returning(EntryDocument.id))
        seen = {"since": stage.now - 15 * MINUTE, "last_at": stage.now, "streams": ["total"], "citizens": 9}
        await session.execute(insert(Spike).values(seen | {"expected": 1, "window": 15, "chance": 1e-9}))
    await stage.write(1, "hay un hoyo en mi calle", {"provenance": {"entry": "bache"}})
    await stage.world.hire(EDU, "Edu", ("supervisor", "editor"))
    rosa, edu = await stage.world.sign_in(ROSA), await stage.world.sign_in_elsewhere(EDU)
    assert 'href="/tramites/bache"' in (await rosa.get(PATH)).text
    assert f'href="/desk/respuestas/{document}"' in (await edu.get(PATH)).text


async def test_notice_made_of_an_alarm_that_somebody_closed_meanwhile_is_saved_once(stage: Stage) -> None:
    rosa = await stage.world.sign_in(ROSA)
    await stage.incident()
    await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    await press(rosa, que="nada", id=str(spike.id))
    assert (await press(rosa, **FORM, alza=str(spike.id))).status_code == 303
    async with stage.world.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Notice)) == 1


WATER = (
    "no sale agua ni una gota",
    "hola, no sale agua, soy Pedro, mi celular es 9 8765 4321",
    "no sale agua desde ayer",
    "en mi casa no sale agua",
    "no sale agua",
)
SCAM = (
    "llegó mensaje de multa",
    "es verdad el mensaje de multa",
    "mensaje de multa falso",
    "el mensaje de multa",
    "mensaje de multa de hoy",
)


async def test_few_who_ask_the_same_new_thing_are_an_alarm(stage: Stage) -> None:
    await stage.past_questions()
    await stage.ask(WATER, 0)
    await stage.ask(["cuándo podan los árboles", "quién arregla mi reja"], 5)
    await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    assert (spike.streams[0], spike.citizens, spike.window) == ("group", 5, 5)
    page = (await (await stage.world.sign_in(ROSA)).get(PATH)).text
    assert "5 personas preguntaron lo mismo en 5 minutos" in page
    assert "Palabras que se repiten: agua, sale" in page
    assert "ni una gota" in page
    assert "reja" not in page
    assert "8765" not in page
    async with stage.world.sessions() as session:
        kept = await session.scalars(select(SpikeGroup.citizens).where(SpikeGroup.window == 5))
        assert list(kept) == [5]


@pytest.mark.parametrize("is_known", [False, True])
async def test_group_is_no_alarm_before_the_usual_questions_are_known(stage: Stage, is_known: bool) -> None:
    if is_known:
        await stage.past_questions()
    await stage.ask(WATER, 0)  # enough for the alarm of a group and for that of a stream
    await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    assert ("group" in spike.streams, "unknown" in spike.streams) == (is_known, True)


async def test_group_that_somebody_called_nothing_is_quiet_and_another_is_heard(stage: Stage) -> None:
    await stage.past_questions()
    await stage.ask(WATER, 0)
    await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    await press(await stage.world.sign_in(ROSA), que="nada", id=str(spike.id))
    await stage.watch.look(stage.now)
    assert [one.state for one in await stage.alarms()] == ["harmless"]
    stage.now += 2 * 60 * MINUTE
    await stage.ask(SCAM, 10)
    await stage.watch.look(stage.now)
    assert [(one.state, one.streams[0]) for one in await stage.alarms()] == [("harmless", "group"), ("open", "group")]
    page = (await (await stage.world.sign_in(ROSA)).get(PATH)).text
    assert "mensaje, multa" in page
    assert "en mi casa no sale" not in page


async def test_questions_of_blocked_conversations_and_old_ones_go(stage: Stage) -> None:
    await stage.past_questions()
    await stage.ask(WATER[:2], 0)
    await stage.watch.look(stage.now)
    async with stage.world.sessions.begin() as session:
        await session.execute(update(Conversation).where(Conversation.id == "c0").values(blocked_at=func.now()))
        await drop_questions(session, stage.now + 10 * DAY)
        left = await session.execute(select(SpikeQuestion.conversation_id, SpikeQuestion.vector.is_(None)))
        assert sorted(set(left.all())) == [("c1", False), ("past", False)]
        ages = await session.scalars(select(SpikeQuestion.at).where(SpikeQuestion.conversation_id == "past"))
        assert all(at >= stage.now - 19 * DAY for at in ages)


async def test_closed_alarm_stays_closed_for_hours_and_other_topics_still_raise_alarms(stage: Stage) -> None:
    await stage.incident()
    await stage.watch.look(stage.now)
    (spike,) = await stage.alarms()
    rosa, leo = await stage.world.sign_in(ROSA), await stage.world.sign_in(LEO)
    assert (await press(rosa, que="nada", id=str(spike.id))).headers["location"] == f"{PATH}?hecho=nada"
    assert (await press(rosa, que="nada", id=str(spike.id))).status_code == 409
    assert (await leo.get(PATH)).status_code == 403
    await stage.watch.look(stage.now)
    assert [one.state for one in await stage.alarms()] == ["harmless"]
    stage.watch._rules = stage.watch._rules and SimpleNamespace(  # type: ignore[assignment]
        surprises=lambda *_: [SimpleNamespace(at=1, stream=2, window=5, citizens=9, expected=0.3, chance=1e-9)]
    )
    stage.watch._history.put([(stage.now, "topic:calle", 9)], stage.watch._zone)
    await stage.watch.look(stage.now)
    assert [(one.state, one.streams) for one in await stage.alarms()] == [
        ("harmless", ["unknown", "total"]),
        ("open", ["topic:calle"]),
    ]


async def test_notice_and_late_delivery_are_no_alarm(stage: Stage) -> None:
    for number in range(12):
        await stage.write(number, "no sale agua", {"notice": "1.1"})
    async with stage.world.sessions.begin() as session:
        await session.execute(update(Message).where(Message.author == "citizen").values(at=stage.now - 3 * 60 * MINUTE))
    await stage.watch.look(stage.now)
    assert await stage.alarms() == []


@pytest.mark.parametrize("change", [delete(Conversation), update(Conversation).values(blocked_at=func.now())])
async def test_erased_or_blocked_conversation_gives_no_example(stage: Stage, change: Any) -> None:
    await stage.incident()
    await stage.watch.look(stage.now)
    async with stage.world.sessions.begin() as session:
        await session.execute(change)
    page = (await (await stage.world.sign_in(ROSA)).get(PATH)).text
    assert "suministro" not in page
    assert "Los mensajes todavía no están en el registro" in page
