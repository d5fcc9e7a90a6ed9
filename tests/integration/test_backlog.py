"""Tests the editors' backlog with the record: gathering, groups, decisions, the page, and erasure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select, update

from bot.agency.model import Agency
from bot.core.messages import Candidate
from bot.core.network import ActionsEndpoint
from bot.desk.editing.editions import Editions
from bot.desk.editing.measuring.effect import Effects
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Editor, Origin
from bot.desk.editing.text import text_on_disk
from bot.desk.editing.utterances import EntryUtterances, IsUtterance, NoSuchEntry, NothingNew
from bot.desk.pages.backlog.deciding import Choice, Deciding
from bot.desk.pages.backlog.page import PATH
from bot.faq.ranking.background import OWN_TOPICS, load_background
from bot.learning.backlog import groups
from bot.learning.backlog.decisions import UNTIL, Decisions, Kind
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.gathering import TERM, Gathering
from bot.learning.backlog.groups import Backlog, Group
from bot.learning.backlog.private import private_conversations
from bot.learning.backlog.reading import Source
from bot.learning.proposals import Proposals
from bot.privacy.corrections import Corrections
from bot.privacy.holds import LegalHolds
from bot.record.engine import POOL_SIZE, Sessions
from bot.record.retention import EXPIRED_ACTION
from bot.record.tables import Audit, EntryDocument, EntryEdition, MissingEntry
from bot.record.tables.backlog import BacklogDecision, BacklogItem, BacklogMark
from tests.backlog import action_server, answer, asked, fallback, offer, pressed, rate, talk
from tests.desk_world import DeskWorld, served
from tests.integration.entry_desk import EVA, LEO, editor, editors
from tests.integration.recorded import NOW, person, ticket
from tests.privacy_world import places

SUIT = "donde arriendo un traje de huaso"
SURE = "el hoyo de la plaza nueva"
PAID = "quién me paga la rueda que reventé"


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool
) -> AsyncIterator[DeskWorld]:
    async with (
        served(action_server({SURE: Candidate("poda", "¿Quién poda?", 0.97)})) as url,
        editors(redis, database, agency, faq_dir, four_eyes=four_eyes, actions_url=url) as made,
    ):
        made.actions_url = url  # type: ignore[attr-defined]
        yield made


async def gather(world: DeskWorld) -> list[Group]:
    """Gathers messages as the worker does, and returns the waiting groups."""
    await Gathering(world.sessions, Embedding(ActionsEndpoint(world.actions_url))).gather(NOW)  # type: ignore[attr-defined]
    return await Backlog(world.sessions, world.faq).waiting(NOW)


async def three_ask(world: DeskWorld, text: str = SUIT, **how: Any) -> None:
    for number in range(3):
        await talk(world.sessions, f"{text[:6]}-{number}", asked(text), fallback(), **how)


async def decide(browser: httpx.AsyncClient, group: Group, what: str, **fields: Any) -> dict[str, Any]:
    data = {"items": ",".join(map(str, group.items)), "que": what, "frase": [one.text for one in group.utterances]}
    answer = await browser.post("/desk/api/backlog", data=data | fields)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


async def test_three_citizens_make_a_group_and_two_do_not(world: DeskWorld) -> None:
    await three_ask(world)
    await three_ask(world, "piden vacuna para viajar", ago=timedelta(days=9))
    await talk(world.sessions, "two-1", asked("hay clases de cueca"), fallback())
    await talk(world.sessions, "two-2", asked("hay clases de cueca"), fallback())
    suit, vaccine = await gather(world)
    assert (suit.title, suit.citizens, suit.this_week, suit.week_before) == (SUIT, 3, 3, 0)
    assert (vaccine.this_week, vaccine.week_before) == (0, 3)
    assert suit.sources == ((Source.FALLBACK, 3),)
    assert len(await gather(world)) == 2  # gathering again changes nothing


async def test_small_office_sees_each_question_after_a_week(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("hay clases de cueca gratis", "arreglan lápidas quebradas", "llámame al 9 8765 4321 por la lápida")
    for number, text in enumerate((*texts, "piden vacuna para viajar")):
        await talk(world.sessions, f"one-{number}", asked(text), fallback(), ago=timedelta(days=8))
    await talk(world.sessions, "new", asked("donde arriendo un traje de huaso"), fallback())
    await ticket(world.sessions, "7", "one-0", priority="emergency", reason="emergency")
    await LegalHolds(world.sessions).place("one-3", "Causa 12", date(2030, 1, 1))
    assert [(one.title, one.citizens) for one in await gather(world)] == [(texts[1], 1)]
    monkeypatch.setattr(groups, "FEW_CITIZENS", 1)  # many citizens: three must have asked
    assert await gather(world) == []


@pytest.mark.parametrize(("ago", "by", "groups"), [(61, "staff", 1), (59, "staff", 0), (61, "assistant", 0)])
async def test_what_an_agent_answered_with_an_entry_is_proposed_after_a_minute(
    world: DeskWorld, ago: int, by: str, groups: int
) -> None:
    lines = (asked(SUIT), offer("poda"), asked("otra cosa"), answer("bache", author=by))
    await talk(world.sessions, "c", *lines, ago=timedelta(seconds=ago))
    found = await gather(world)
    assert [(one.labelled, one.entries, one.title) for one in found] == [(True, ("bache",), SUIT)] * groups


async def test_agents_entry_that_was_read_hastens_no_later_reading(world: DeskWorld) -> None:
    await talk(world.sessions, "c", asked(SUIT), answer("bache", author="staff"), ago=timedelta(minutes=5))
    assert len(await gather(world)) == 1
    async with world.sessions.begin() as session:
        conversations = BacklogItem.metadata.tables["conversations"]
        await session.execute(update(conversations).values(last_at=NOW - timedelta(minutes=2)))
    await gather(world)
    async with world.sessions() as session:
        assert await session.scalar(select(BacklogMark.read_up_to)) == NOW - timedelta(minutes=5)


async def test_later_turn_of_a_conversation_changes_its_item(world: DeskWorld) -> None:
    await talk(world.sessions, "c", asked(SUIT), offer("bache", "poda"), ago=timedelta(hours=2))
    await gather(world)
    async with world.sessions() as session:
        assert await session.scalar(select(BacklogItem.source)) == Source.UNCLICKED
    async with world.sessions.begin() as session:
        await session.execute(
            update(BacklogItem.metadata.tables["conversations"]).values(last_at=NOW - timedelta(hours=1))
        )
        row = {"conversation_id": "c", "event_id": "3-0", "at": NOW - timedelta(hours=1), "author": "citizen"}
        table = BacklogItem.metadata.tables["messages"]
        await session.execute(insert(table).values(**row, text="x", data={"button": "bache"}))
    (label,) = await gather(world)
    assert (label.labelled, label.entries, label.title) == (True, ("bache",), SUIT)


async def test_old_questions_are_deleted_and_counted_in_the_audit(world: DeskWorld) -> None:
    await three_ask(world)
    assert len(await gather(world)) == 1
    gathering = Gathering(world.sessions, Embedding(ActionsEndpoint(world.actions_url)))  # type: ignore[attr-defined]
    for _ in range(2):
        await gathering.gather(NOW + timedelta(days=61))
    async with world.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(BacklogItem)) == 0
        told = await session.scalars(select(Audit.detail).where(Audit.action == EXPIRED_ACTION))
        assert list(told) == [{"backlog": 3}]


async def test_nothing_private_is_shown(world: DeskWorld) -> None:
    await three_ask(world)
    assert len(await gather(world)) == 1
    await ticket(world.sessions, "7", f"{SUIT[:6]}-0", priority="emergency", reason="emergency")
    async with world.sessions() as session:
        assert list(await session.scalars(private_conversations())) == [f"{SUIT[:6]}-0"]
    assert await Backlog(world.sessions, world.faq).waiting(NOW) == []  # at once
    await gather(world)
    async with world.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(BacklogItem)) == 2  # and nothing of it stays


async def test_nothing_of_a_conversation_under_legal_hold_is_shown(world: DeskWorld) -> None:
    await three_ask(world)
    await talk(world.sessions, "held", asked("clases de cueca gratis"), fallback())
    ana = await person(world.sessions, 7, "Marta")
    row = {"staff_id": ana, "team": "obras", "question": "clases de cueca gratis", "draft": "En la plaza."}
    async with world.sessions.begin() as session:
        await session.execute(insert(MissingEntry).values(**row, conversation_id="held"))
    for name in ("held", f"{SUIT[:6]}-0"):
        await Corrections(world.sessions).block(name)
    assert await gather(world) == []
    async with world.sessions() as session:
        rows = list(await session.scalars(select(BacklogItem.conversation_id)))
    assert len(rows) == 2 and not {"held", f"{SUIT[:6]}-0"} & set(rows)


async def test_legal_hold_hides_what_was_gathered_before(world: DeskWorld) -> None:
    await three_ask(world)
    assert len(await gather(world)) == 1
    await Corrections(world.sessions).block(f"{SUIT[:6]}-0")
    assert await Backlog(world.sessions, world.faq).waiting(NOW) == []  # at once


async def test_numbers_and_addresses_are_masked_and_never_become_a_utterance(world: DeskWorld) -> None:
    for number in range(3):
        await talk(world.sessions, f"c{number}", asked(f"traje de huaso, soy ana{number}@correo.cl"), fallback())
    (group,) = await gather(world)
    assert "correo" not in group.title.replace("@correo.cl", "") and "ana" not in group.title
    assert [one.usable for one in group.utterances] == [False]
    done = await decide(await editor(world), group, "wording", respuesta="bache")
    assert "Marca al menos una frase" in done["warning"]


async def test_question_that_staff_reported_is_shown_with_their_reply(world: DeskWorld) -> None:
    ana = await person(world.sessions, 7, "Marta")
    await talk(world.sessions, "c", asked("x"))
    row = {"staff_id": ana, "team": "obras", "question": "¿Dónde hay huasos?", "draft": "En la plaza. 9 8765 4321"}
    async with world.sessions.begin() as session:
        await session.execute(insert(MissingEntry).values(**row, conversation_id="c"))
        await session.execute(insert(MissingEntry).values(**row | {"question": "¿Y sin nadie?"}))
    shown = {one.title: one for one in await gather(world)}
    assert shown.keys() == {"¿Dónde hay huasos?", "¿Y sin nadie?"}
    group = shown["¿Dónde hay huasos?"]
    assert [(one.name, one.text) for one in group.replies] == [("Marta", "En la plaza. +56 9 •••• 4321")]
    browser = await editor(world)
    done = await decide(browser, group, "entry", equipo="obras", contestado=group.replies[0].text)
    async with world.sessions() as session:
        draft = (await session.scalars(select(EntryEdition))).one()
    assert 'pregunta: "¿Dónde hay huasos?"' in draft.content and "En la plaza." in draft.content
    assert "equipo: obras" in draft.content
    assert (await browser.get(done["link"])).status_code == 200
    listed = (await browser.get("/desk/faltantes")).text
    assert "¿Y sin nadie?" in listed and "¿Dónde hay huasos?" not in listed
    assert [one.title for one in await gather(world)] == ["¿Y sin nadie?"]


async def test_utterance_is_published_with_its_effect(world: DeskWorld, faq_dir: Path) -> None:
    await three_ask(world, "se hundió la vereda entera")
    (group,) = await gather(world)
    done = await decide(await editor(world), group, "wording", respuesta="bache")
    assert done["message"].startswith("Agregada y publicada")
    assert done["effect"] == ["Antes: No lo sé.", "Ahora: Responde: True"]
    text = text_on_disk(faq_dir, "calle/bache.md")
    assert text is not None and "se hundió la vereda entera  # de las personas, aceptada por Ana" in text.phrases
    assert await gather(world) == []


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_utterance_waits_for_the_second_person(world: DeskWorld, faq_dir: Path) -> None:
    await three_ask(world, "se hundió la vereda entera")
    (group,) = await gather(world)
    done = await decide(await editor(world), group, "wording", otra=world.faq.entries[0].question)
    assert "enviada a revisión" in done["message"]
    async with world.sessions() as session:
        assert await session.scalar(select(EntryEdition.state)) == "review"


async def test_draft_of_somebody_else_is_not_published(world: DeskWorld, faq_dir: Path) -> None:
    for text in ("se hundió la vereda entera", "cráter gigante frente al colegio"):
        await three_ask(world, text)
    first, second = await gather(world)
    browser = await editor(world)
    async with world.sessions() as session:
        document = await session.scalar(select(EntryDocument.id).where(EntryDocument.path == "calle/bache.md"))
    files = {"version": (None, "0"), "respuesta": (None, "A medio escribir")}
    await (await editor(world, EVA)).post(f"/desk/api/entries/{document}/draft", files=files)
    done = await decide(browser, first, "wording", respuesta="bache")
    assert "borrador abierto" in done["message"]
    assert "A medio" not in text_on_disk(faq_dir, "calle/bache.md").content  # type: ignore[union-attr]
    assert second.title in {one.title for one in await gather(world)}


async def test_utterance_of_another_entry_is_only_added_after_a_warning(world: DeskWorld) -> None:
    await three_ask(world, SURE)
    (group,) = await gather(world)
    browser = await editor(world)
    warned = await decide(browser, group, "wording", respuesta="bache")
    assert "se contesta con «¿Quién poda?»" in warned["warning"] and warned["decision"] == 0
    assert len(await gather(world)) == 1
    known = await decide(browser, group, "wording", respuesta="bache", frase="Cuando pasa la basura!")
    assert "ya es una forma de preguntar «¿Qué días pasa" in known["warning"]
    assert (await decide(browser, group, "wording", respuesta="bache", segura="1"))["decision"]


@pytest.mark.parametrize("named", [{}, {"nombre": "Arriendo de trajes"}])
async def test_out_of_scope_topic_goes_to_the_agencys_list(
    world: DeskWorld, faq_dir: Path, named: dict[str, str]
) -> None:
    said = {"organismo": "Club de Huasos", "url": "https://x.example"} | named
    await three_ask(world)
    (group,) = await gather(world)
    browser = await editor(world)
    assert 'name="organismo"' in (await browser.get(PATH)).text
    done = await decide(browser, group, "not_ours", **said)
    assert "lo ve Club de Huasos. Vale en unos minutos." in done["message"]
    topics = load_background(faq_dir.parent, (), faq_dir=faq_dir)
    (topic,) = topics.out_of_scope_topics
    assert (topic.title, topic.body, topic.url, topic.scope) == (
        said.get("nombre", SUIT),
        "Club de Huasos",
        "https://x.example",
        "nacional",
    )
    assert topics.problems == () and (faq_dir / OWN_TOPICS).read_text().count("\n") == 2


async def test_page_without_its_organization_is_not_dropped_silently(world: DeskWorld, faq_dir: Path) -> None:
    await three_ask(world)
    (group,) = await gather(world)
    browser = await editor(world)
    alone = await decide(browser, group, "not_ours", url="https://x.example")
    assert ("sin decir de qué organismo es" in alone["warning"], alone["decision"]) == (True, 0)
    plain = await decide(browser, group, "not_ours", organismo="Club de Huasos", url="http://x.example")
    assert ("tiene que empezar con https://" in plain["warning"], plain["decision"]) == (True, 0)
    assert not (faq_dir / OWN_TOPICS).exists()
    assert (await decide(browser, group, "not_ours", organismo="Club de Huasos", url="www.x.example/trajes"))[
        "decision"
    ]
    (topic,) = load_background(faq_dir.parent, (), faq_dir=faq_dir).out_of_scope_topics
    assert (topic.body, topic.url) == ("Club de Huasos", "https://www.x.example/trajes")


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_with_four_eyes_nobody_alone_tells_citizens_where_else_to_go(world: DeskWorld, faq_dir: Path) -> None:
    await three_ask(world)
    (group,) = await gather(world)
    browser = await editor(world)
    page = (await browser.get(PATH)).text
    assert 'name="nombre"' in page and 'name="organismo"' not in page and 'name="url"' not in page
    done = await decide(browser, group, "not_ours", organismo="Pagos", url="https://otra.example/pagar")
    assert ("lo aprueba otra persona" in done["warning"], done["decision"]) == (True, 0)
    assert not (faq_dir / OWN_TOPICS).exists()
    assert (await decide(browser, group, "not_ours", url="https://otra.example/pagar"))["decision"]
    (topic,) = load_background(faq_dir.parent, (), faq_dir=faq_dir).out_of_scope_topics
    assert (topic.body, topic.url, topic.scope) == ("", "", "")


async def test_topics_that_are_added_at_once_are_all_in_the_list_and_each_only_once(
    world: DeskWorld, faq_dir: Path
) -> None:
    await three_ask(world)
    await three_ask(world, "piden vacuna para viajar")
    groups, browser = await gather(world), await editor(world)
    await asyncio.gather(*(decide(browser, group, "not_ours") for group in groups for _ in range(2 * POOL_SIZE)))
    topics = load_background(faq_dir.parent, (), faq_dir=faq_dir).out_of_scope_topics
    assert sorted(one.title for one in topics) == sorted(group.utterances[0].text for group in groups)


async def test_group_waits_on_when_the_agencys_list_cannot_be_written(world: DeskWorld, faq_dir: Path) -> None:
    await three_ask(world)
    (group,) = await gather(world)
    (faq_dir / OWN_TOPICS).mkdir()
    done = await decide(await editor(world), group, "not_ours")
    assert ("No se pudo escribir en el servidor" in done["warning"], done["decision"]) == (True, 0)
    assert [one.title for one in await gather(world)] == [SUIT]


async def test_ignored_group_comes_back_after_30_days_or_when_undone(world: DeskWorld) -> None:
    await three_ask(world)
    (group,) = await gather(world)
    ana, eva = await editor(world), await editor(world, EVA)
    done = await decide(ana, group, "ignored")
    await talk(world.sessions, "later", asked(f"hola, {SUIT}"), fallback())
    for number in range(2):
        await talk(world.sessions, f"later-{number}", asked(SUIT), fallback())
    assert await gather(world) == []  # neither those nor what means the same
    assert "Otra persona" in (await decide(eva, group, "ignored"))["message"]
    undo = f"/desk/api/backlog/{done['decision']}/undo"
    assert (await eva.post(undo)).json()["undone"] is False
    assert (await ana.post(undo)).json() == {"undone": True, "message": "Deshecho. El grupo vuelve a la lista."}
    assert len(await gather(world)) == 1
    await decide(ana, group, "ignored")
    async with world.sessions.begin() as session:
        await session.execute(update(BacklogDecision).values(until=NOW - timedelta(seconds=1)))
    assert [one.citizens for one in await gather(world)] == [3]  # the three that asked later
    assert UNTIL > TERM


async def test_answers_rated_as_bad_show_the_reason(world: DeskWorld) -> None:
    for number in range(3):
        await talk(world.sessions, f"c{number}", asked("cuanto demoran en tapar"), answer("bache", "r"))
        await rate(world.sessions, f"c{number}", "r", "missing")
    await gather(world)
    page = (await (await editor(world)).get(PATH)).text
    assert "la respuesta no sirvió: 3" in page and "«falta algo»: 3" in page
    assert "¿Cómo aviso" in page or "hoyo en la calle" in page  # the entry that answered is suggested


async def deny(world: DeskWorld) -> tuple[httpx.AsyncClient, dict[str, Any]]:
    """Makes three citizens rate an answer as useless, and an editor add their message as a counterexample.

    Returns the editor's browser and the response.
    """
    for number in range(3):
        await talk(world.sessions, f"c{number}", asked(PAID), answer("bache", "r"))
        await rate(world.sessions, f"c{number}", "r", "other")
    (group,) = await gather(world)
    assert (group.denied, group.entries) == (("bache",), ())
    browser = await editor(world)
    assert "«¿Cómo aviso de un hoyo en la calle?» no responde esto" in unescape((await browser.get(PATH)).text)
    return browser, await decide(browser, group, "counterexample", negada="bache")


async def test_one_click_records_that_an_answer_was_wrong_and_another_undoes_it(
    world: DeskWorld, faq_dir: Path
) -> None:
    browser, done = await deny(world)
    assert done["message"] == "Anotado y publicado: «¿Cómo aviso de un hoyo en la calle?» no responde eso."
    assert done["effect"] == ["Antes: No lo sé.", "Ahora: Responde: True"]
    text = text_on_disk(faq_dir, "calle/bache.md")
    assert text is not None and text.phrases.startswith(f"no responde: {PAID}  # de las personas, aceptada por Ana, ")
    assert await gather(world) == []
    undone = await browser.post(f"/desk/api/backlog/{done['decision']}/undo")
    assert undone.json()["undone"] is True
    assert text_on_disk(faq_dir, "calle/bache.md").phrases == ""  # type: ignore[union-attr]
    assert len(await gather(world)) == 1


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_counterexample_waits_for_the_second_person(world: DeskWorld, faq_dir: Path) -> None:
    _, done = await deny(world)
    assert "enviado a revisión" in done["message"]
    async with world.sessions() as session:
        edition = (await session.scalars(select(EntryEdition))).one()
    assert (edition.state, edition.phrases.startswith(f"no responde: {PAID}  #")) == ("review", True)
    assert text_on_disk(faq_dir, "calle/bache.md").phrases == ""  # type: ignore[union-attr]


async def test_utterance_and_counterexample_of_one_entry_exclude_each_other(world: DeskWorld, faq_dir: Path) -> None:
    editions = Editions(world.sessions)
    publisher = Publisher(world.sessions, faq_dir, four_eyes=False)
    effects = Effects(world.sessions, "")
    utterances = EntryUtterances(world.sessions, editions, publisher, effects, world.faq, four_eyes=False)
    entry = utterances.entry("bache")
    with pytest.raises(IsUtterance):
        await utterances.prepare(entry, ["no es", "HAY un hoyo en mi calle"], "x", counterexamples=True)
    change = await utterances.prepare(entry, ["- no responde: nadie", "quién paga"], "x", counterexamples=True)
    assert change.text.phrases == "no responde: no responde nadie  # x\nno responde: quién paga  # x\n"
    await three_ask(world)
    await talk(world.sessions, "label", asked(SUIT), offer("bache", "poda"), pressed("bache"))
    proposed = Proposals(world.sessions, world.faq)
    assert (len(await gather(world)), len(await proposed.of_entry("bache"))) == (2, 1)
    world.faq.entries = tuple(replace(one, counterexamples=(SUIT,)) for one in world.faq.entries)
    assert await proposed.of_entry("bache") == []
    (group,) = await gather(world)
    warned = await decide(await editor(world), group, "wording", respuesta="bache")
    assert "como algo que «¿Cómo aviso de un hoyo en la calle?» no responde" in warned["warning"]


async def test_label_is_decided_with_its_entry(world: DeskWorld, faq_dir: Path) -> None:
    await talk(world.sessions, "c", asked("se hundió la vereda entera"), offer("bache", "poda"), pressed("bache"))
    await talk(world.sessions, "d", asked("cráter gigante frente al colegio"), answer("bache", author="staff"))
    (group,) = await gather(world)
    assert (group.labelled, group.citizens, group.entries) == (True, 2, ("bache",))
    await decide(await editor(world), group, "wording", respuesta="bache")
    phrases = text_on_disk(faq_dir, "calle/bache.md").phrases  # type: ignore[union-attr]
    assert "se hundió la vereda entera" in phrases and "cráter gigante" in phrases


async def test_page_works_without_its_script_and_only_for_editors(world: DeskWorld) -> None:
    await three_ask(world)
    (group,) = await gather(world)
    browser = await editor(world)
    assert SUIT in (await browser.get(PATH)).text
    data = {"csrf": browser.headers["X-CSRF-Token"], "items": ",".join(map(str, group.items)), "que": "ignored"}
    assert "Ignorado por 30 días" in (await browser.post(PATH, data=data)).text
    leo = await world.sign_in(LEO)
    assert (await leo.get(PATH)).status_code == 403
    assert (await leo.post("/desk/api/backlog", data=data)).status_code == 403
    assert (await browser.post("/desk/api/backlog", data={"que": "x"})).status_code == 422


async def test_erased_citizen_is_gone_from_the_backlog(world: DeskWorld, database_url: str, tmp_path: Path) -> None:
    await three_ask(world)
    (group,) = await gather(world)
    await decide(await editor(world), group, "ignored")
    name = f"{SUIT[:6]}-0"
    await places(world.redis, world.sessions, database_url, tmp_path).data.wipe(name, complaints=False)
    async with world.sessions() as session:
        left = set(await session.scalars(select(BacklogItem.conversation_id)))
    assert left == {f"{SUIT[:6]}-1", f"{SUIT[:6]}-2"}


async def test_entry_gets_no_utterance_twice(world: DeskWorld, faq_dir: Path) -> None:
    editions = Editions(world.sessions)
    publisher = Publisher(world.sessions, faq_dir, four_eyes=False)
    effects = Effects(world.sessions, ActionsEndpoint(""))
    utterances = EntryUtterances(world.sessions, editions, publisher, effects, world.faq, four_eyes=False)
    entry = utterances.entry("como aviso de un hoyo en la calle")
    change = await utterances.prepare(entry, ["- se hundió todo", "Se hundio todo", "hay un hoyo en mi calle"], "x")
    assert change.text.phrases == "se hundió todo  # x\n"
    with pytest.raises(NothingNew):
        await utterances.prepare(entry, ["HAY un hoyo en mi calle"], "x")
    with pytest.raises(NoSuchEntry):
        utterances.entry("¿Quién?")


async def test_utterance_that_loses_a_test_message_waits_in_a_draft(world: DeskWorld, faq_dir: Path) -> None:
    await three_ask(world, "la vereda se pierde en un hoyo")
    (group,) = await gather(world)
    done = await decide(await editor(world), group, "wording", respuesta="bache")
    assert "se perderían mensajes de prueba" in done["message"] and done["link"]
    assert "se pierde" not in text_on_disk(faq_dir, "calle/bache.md").phrases  # type: ignore[union-attr]
    async with world.sessions() as session:
        assert await session.scalar(select(EntryEdition.state)) == "draft"


async def test_without_the_action_server_the_utterance_waits_in_a_draft(world: DeskWorld, faq_dir: Path) -> None:
    editions = Editions(world.sessions)
    publisher = Publisher(world.sessions, faq_dir, four_eyes=False)
    deciding = Deciding(
        decisions=Decisions(world.sessions),
        editions=editions,
        utterances=EntryUtterances(
            world.sessions,
            editions,
            publisher,
            Effects(world.sessions, ActionsEndpoint("")),
            world.faq,
            four_eyes=False,
        ),
        agency=world.agency,
        faq_dir=faq_dir,
        actions=ActionsEndpoint(""),
    )
    await three_ask(world, "se hundió la vereda entera")
    (group,) = await gather(world)
    choice = Choice(group.items, Kind.UTTERANCE, [group.title], entry="bache")
    done = await deciding.decide(choice, Editor(UUID(int=1), "Ana", Origin.PAGE))
    assert (bool(done.decision), done.effect, done.warning) == (True, (), "")
    assert "No se pudo medir" in done.message
    assert group.title not in text_on_disk(faq_dir, "calle/bache.md").phrases  # type: ignore[union-attr]
