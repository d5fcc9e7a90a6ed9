"""Tests the weekly sample in the record: drawn once, masked, judged blind, pooled, erased, and its consequences."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest_asyncio
from sqlalchemy import delete, insert, select, update

from bot.agency.model import Agency
from bot.app.tasks.promise import Letter, ProposalNotifier
from bot.desk.pages.figures.sample_page import CAUTION, PATH
from bot.faq.answering.experience import read_experience
from bot.figures.sampling.drawing import Sampling
from bot.figures.sampling.promise import Promise, PromiseWatch
from bot.figures.sampling.samples import Samples, Verdict
from bot.learning.experience import update_experience
from bot.mail.senders import SendingFailed, Words
from bot.privacy.corrections import Corrections
from bot.privacy.record import delete_rows
from bot.record.engine import Sessions
from bot.record.tables import Audit, Conversation, Message, Staff, Ticket
from bot.record.tables.sampling import SampledAnswer, SampleWeek
from bot.tickets.staff_notices import StaffNotices
from tests.desk_world import DeskWorld, desk_world
from tests.integration.recorded import person
from tests.sampled import DAY, MONDAY, answered, weeks_of
from tests.slow_post import SlowPost, sent_once_without_a_transaction

EDU, ANA, SUE = (f"{name}@losaromos.example" for name in ("edu", "ana", "sue"))


def sampling(sessions: Sessions) -> Sampling:
    return Sampling(sessions, "America/Santiago", dice=Random(1))


async def test_sample_has_the_answers_of_last_week_masked_and_is_drawn_once(database: Sessions) -> None:
    await answered(database, "c1", "hay un bache, mi fono es 9 8765 4321", MONDAY - DAY)
    await answered(database, "chosen", "Baches", MONDAY - DAY, asked={"button": "b1"})
    await answered(database, "drill", "hola", MONDAY - DAY, drill=True)
    await answered(database, "danger", "huele a gas", MONDAY - DAY, danger={"kind": "gas", "sure": True})
    await answered(database, "trial", "bache", MONDAY - DAY)
    await answered(database, "older", "bache", MONDAY - 9 * DAY)
    await answered(database, "today", "bache", MONDAY)
    await answered(database, "urgent", "me caí en un bache", MONDAY - DAY)
    async with database.begin() as session:
        ticket = {"id": "1", "conversation_id": "urgent", "reason": "emergency", "priority": "emergency", "team": ""}
        ticket |= {"candidates": [], "opened_at": MONDAY, "changed_at": MONDAY, "state": "waiting"}
        await session.execute(insert(Ticket).values(**ticket))
        admitted = {"event_id": "0-9", "at": MONDAY - 2 * DAY, "author": "system", "data": {"trial": True}}
        await session.execute(insert(Message).values(conversation_id="trial", text="Listo", **admitted))
    assert [await sampling(database).draw_due(MONDAY) for _ in range(2)] == [1, 0]
    async with database() as session:
        (row,) = await session.scalars(select(SampledAnswer))
        (week,) = await session.scalars(select(SampleWeek))
    assert (row.conversation_id, row.week, row.chance) == ("c1", date(2026, 11, 16), 1.0)
    assert row.question == "hay un bache, mi fono es +56 9 •••• 4321"
    assert week.strata == {"sure-rare": [1, 1]}


async def test_texts_end_with_their_term_their_conversation_and_its_erasure(database: Sessions) -> None:
    for name in ("judged", "deleted", "erased", "open"):
        await answered(database, name, "bache", MONDAY - DAY)
    drawer, samples = sampling(database), Samples(database)
    await drawer.draw_due(MONDAY)
    async with database.begin() as session:
        judged = SampledAnswer.conversation_id == "judged"
        said = {"verdict": "good", "judged_at": MONDAY}
        await session.execute(update(SampledAnswer).where(judged).values(said))
        await session.execute(delete(Conversation).where(Conversation.id == "deleted"))
        await delete_rows(session, "erased", complaints=True)
    await drawer.forget(MONDAY + DAY)
    assert await kept(database) == {"judged": True, None: False, "open": True}
    await drawer.forget(MONDAY + 15 * DAY)
    assert await kept(database) == {"judged": False, None: False, "open": True}
    await drawer.forget(MONDAY + 40 * DAY)
    assert await kept(database) == {"judged": False, None: False, "open": False}
    assert await samples.next() is None
    assert (await samples.progress()).left == 0


async def kept(sessions: Sessions) -> dict[str | None, bool]:
    async with sessions() as session:
        return {row.conversation_id: row.question is not None for row in await session.scalars(select(SampledAnswer))}


async def test_blocked_conversations_are_neither_drawn_nor_shown(database: Sessions) -> None:
    corrections, samples = Corrections(database), Samples(database)
    for name in ("blocked", "open"):
        await answered(database, name, name, MONDAY - DAY)
    by = await person(database, 7, "Ana Soto")
    await corrections.block("blocked")
    await sampling(database).draw_due(MONDAY)
    assert list(await kept(database)) == ["open"]

    shown = await samples.next()
    assert shown
    await samples.judge(shown.id, Verdict.GOOD, by)
    await corrections.block("open")
    assert await samples.last_of(by) is None
    assert not await samples.judge(shown.id, Verdict.BAD, by)
    async with database.begin() as session:
        await session.execute(update(SampledAnswer).values(verdict=None, judged_by=None, judged_at=None))
    assert await samples.next() is None
    assert (await samples.progress()).left == 0
    await corrections.unblock("open")
    assert await samples.next() == shown


async def test_pools_have_four_and_thirteen_weeks_never_one(database: Sessions) -> None:
    samples = Samples(database)
    await weeks_of(database, 1, bad=1)
    assert await samples.pools() == []
    await weeks_of(database, 3, bad=0, newest=date(2026, 11, 9))
    (four,) = await samples.pools()
    assert (four.weeks, four.judged, round(four.estimate.share, 4)) == (4, 120, round(1 / 120, 4))
    await weeks_of(database, 9, bad=3, newest=date(2026, 10, 19))
    thirteen = (await samples.pools())[1]
    assert (thirteen.weeks, thirteen.judged, round(thirteen.estimate.share, 4)) == (13, 390, round(28 / 390, 4))
    assert await samples.wrong_entries() == [("bache", 28)]


async def test_broken_promise_causes_one_proposal_a_notice_and_a_setting_of_the_answerer(
    redis: Any, database: Sessions, agency: Agency, tmp_path: Path
) -> None:
    promise, notices, by = Promise(database, 5.0), StaffNotices(redis), uuid4()
    async with database.begin() as session:
        for name, roles in ((SUE, ["supervisor"]), (ANA, ["agent"])):
            session.add(Staff(email=name, name=name, roles=roles, teams=[], password_hash="-"))
        await session.flush()
        ids = {one.email: one.id for one in await session.scalars(select(Staff))}
    by = ids[SUE]
    letter = Letter(database, None, agency, "https://chat.losaromos.example/")
    watch = PromiseWatch(promise, lambda: 1.5, ProposalNotifier(database, notices).notify, letter.send)
    await weeks_of(database, 4, bad=3)  # 10 in 100, at least 5.8
    await watch.look()
    await watch.look()
    proposal = await promise.open()
    assert proposal
    assert (proposal.weeks, round(proposal.found, 1), proposal.ratio) == (4, 10.0, 3.0)
    (told,) = await notices.of(str(by))
    assert "10 malas de cada 100" in told.text
    assert await notices.of(str(ids[ANA])) == []
    await update_experience(database, tmp_path)
    assert read_experience(tmp_path).mistake_ratio < 3
    assert [await promise.decide(proposal.id, by, accepted=True) for _ in range(2)] == [True, False]
    await update_experience(database, tmp_path)
    assert read_experience(tmp_path).mistake_ratio == 3
    await watch.look()  # the weeks before the decision are known
    assert await promise.open() is None
    await promise.end(by)
    await update_experience(database, tmp_path)
    assert read_experience(tmp_path).mistake_ratio < 3


@dataclass
class Post:
    """A mail sender that refuses all letters while ``down``."""

    down: bool = True
    way: str = "mail"
    sent: list[tuple[str, Words]] = field(default_factory=list)

    async def send(self, to: str, words: Words) -> None:
        if self.down:
            raise SendingFailed(way=self.way)
        self.sent.append((to, words))


async def test_broken_promise_is_mailed_once_to_staff_who_judge_even_after_a_failure(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    async with database.begin() as session:
        for name, roles in ((SUE, ["supervisor"]), (EDU, ["editor"]), (ANA, ["agent"])):
            session.add(Staff(email=name, name=name, roles=roles, teams=[], password_hash="-"))
    post = Post()
    letter = Letter(database, post, agency, "https://chat.losaromos.example/")
    watch = PromiseWatch(
        Promise(database, 5.0), lambda: 1.5, ProposalNotifier(database, StaffNotices(redis)).notify, letter.send
    )
    await weeks_of(database, 4, bad=3)
    await watch.look()
    assert post.sent == []
    post.down = False
    await watch.look()
    await watch.look()
    assert sorted(to for to, _ in post.sent) == sorted((SUE, EDU))
    words = post.sent[0][1]
    assert words.subject == "Se encontraron más respuestas malas que las prometidas"
    assert "10 malas de cada 100" in words.text
    assert "https://chat.losaromos.example/desk/cifras#bien" in words.text


async def test_slow_mail_server_keeps_no_transaction_open_and_a_proposal_is_mailed_once(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    async with database.begin() as session:
        session.add(Staff(email=SUE, name=SUE, roles=["supervisor"], teams=[], password_hash="-"))
    post = SlowPost()
    letter = Letter(database, post, agency, "https://chat.losaromos.example/")
    watch = PromiseWatch(
        Promise(database, 5.0), lambda: 1.5, ProposalNotifier(database, StaffNotices(redis)).notify, letter.send
    )
    await weeks_of(database, 4, bad=3)
    await sent_once_without_a_transaction(database, post, watch.look)


async def test_kept_promise_proposes_nothing(database: Sessions) -> None:
    await weeks_of(database, 4, bad=2)  # 6.7 in 100, but perhaps 3.4
    assert await Promise(database, 5.0).propose(1.0) is None


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(EDU, "Edu Paz", roles=("editor",))
        await made.hire(SUE, "Sue Lara", roles=("supervisor",))
        await made.hire(ANA, "Ana Soto", roles=("agent",))
        for number in range(3):
            await answered(database, f"c{number}", f"pregunta {number}", MONDAY - DAY)
        await sampling(database).draw_due(MONDAY)
        yield made


async def test_two_people_judge_blind_and_correct_their_own(world: DeskWorld) -> None:
    edu, sue = await world.sign_in_elsewhere(EDU), await world.sign_in_elsewhere(SUE)
    page = (await edu.get(PATH)).text
    assert "pregunta " in page
    assert "0 de 3" in page
    assert not any(words in page for words in ("0,95", "0.95", "bache", "sure-"))
    first = await Samples(world.sessions).next()
    assert first
    await judge(edu, page, first.id, Verdict.BAD)
    late = await judge(sue, (await sue.get(PATH)).text, first.id, Verdict.GOOD)
    assert "Otra persona ya había revisado" in late
    page = (await edu.get(f"{PATH}?corregir=1")).text
    assert first.question in page
    await judge(edu, page, first.id, Verdict.UNSURE)
    async with world.sessions() as session:
        assert (await session.get_one(SampledAnswer, first.id)).verdict == "unsure"
        assert await session.scalar(select(Audit.id).where(Audit.action == "sample_viewed"))
    assert (await Samples(world.sessions).progress()).judged == 1


async def test_unknown_button_decides_nothing(world: DeskWorld) -> None:
    await weeks_of(world.sessions, 4, bad=3, newest=date(2026, 10, 26))
    proposal = await Promise(world.sessions, 5.0).propose(1.5)
    sue = await world.sign_in_elsewhere(SUE)
    token = (await sue.get(PATH)).text.split('name="csrf" value="')[1].split('"')[0]
    assert proposal
    form = {"csrf": token, "id": str(proposal.id)}
    unknown, decided = [await sue.post(CAUTION, data=form | {"que": what}) for what in ("cualquier cosa", "rechazar")]
    assert (unknown.status_code, decided.status_code) == (422, 303)
    assert "No se reconoce el botón." in unknown.text
    async with world.sessions() as session:
        query = select(Audit.detail["decision"].astext).where(Audit.action == "caution_decided")
        assert list(await session.scalars(query)) == ["rechazar"]


async def test_agents_do_not_judge(world: DeskWorld) -> None:
    assert (await (await world.sign_in_elsewhere(ANA)).get(PATH)).status_code == 403


async def judge(client: Any, page: str, id: int, verdict: Verdict) -> str:
    token = page.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": token, "id": str(id), "veredicto": verdict.value}
    answer = await client.post(PATH, data=form, follow_redirects=True)
    assert answer.status_code == 200
    return str(answer.text)
