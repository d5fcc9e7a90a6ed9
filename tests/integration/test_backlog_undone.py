"""Tests that each decision about a group of the backlog can be undone, unless that would harm later changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.desk.editing.text import text_on_disk
from bot.desk.pages.backlog.page import PATH
from bot.desk.pages.backlog.undoing import CannotUndo
from bot.faq.ranking.background import OWN_TOPICS
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.gathering import Gathering
from bot.learning.backlog.groups import Backlog, Group
from bot.record.engine import Sessions
from bot.record.tables import Audit, EntryEdition, EntryRevision
from tests.backlog import action_server, asked, fallback, talk
from tests.desk_world import DeskWorld, served
from tests.integration.entry_desk import EVA, edition, editor, editors, press, save
from tests.integration.recorded import NOW

HOLE, SUIT = "se hundió la vereda entera", "donde arriendo un traje de huaso"
FILE = "calle/bache.md"


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool
) -> AsyncIterator[DeskWorld]:
    async with (
        served(action_server()) as url,
        editors(redis, database, agency, faq_dir, four_eyes=four_eyes, actions_url=url) as made,
    ):
        for text in (HOLE, SUIT):
            for number in range(3):
                await talk(database, f"{text[:6]}-{number}", asked(text), fallback())
        await Gathering(database, Embedding(ActionsEndpoint(url))).gather(NOW)
        yield made


async def waiting(world: DeskWorld) -> set[str]:
    return {one.title for one in await Backlog(world.sessions, world.faq).waiting(NOW)}


async def group(world: DeskWorld, title: str) -> Group:
    return next(one for one in await Backlog(world.sessions, world.faq).waiting(NOW) if one.title == title)


async def decide(world: DeskWorld, browser: httpx.AsyncClient, title: str, what: str, **fields: Any) -> dict[str, Any]:
    items = ",".join(map(str, (await group(world, title)).items))
    answer = await browser.post("/desk/api/backlog", data={"items": items, "que": what, "frase": [title], **fields})
    assert answer.json()["decision"], answer.text
    assert title not in await waiting(world)
    return dict(answer.json())


async def undo(browser: httpx.AsyncClient, done: dict[str, Any]) -> tuple[bool, str]:
    answer = (await browser.post(f"/desk/api/backlog/{done['decision']}/undo")).json()
    return answer["undone"], answer["message"]


def phrases(faq_dir: Path) -> str:
    found = text_on_disk(faq_dir, FILE)
    return found.phrases if found else ""


async def test_published_utterance_is_taken_out_by_a_revision(world: DeskWorld, faq_dir: Path) -> None:
    browser, before = await editor(world), text_on_disk(faq_dir, FILE)
    done = await decide(world, browser, HOLE, "wording", respuesta="bache")
    assert HOLE in phrases(faq_dir)
    assert (await undo(browser, done))[0] is True
    assert text_on_disk(faq_dir, FILE) == before and HOLE in await waiting(world)
    async with world.sessions() as session:
        written = (await session.scalars(select(EntryRevision.phrases).order_by(EntryRevision.id))).all()
        audited = (await session.scalars(select(Audit.action).order_by(Audit.id))).all()
    assert [HOLE in one for one in written[-2:]] == [True, False] and audited[-1] == "backlog_undone"
    assert await undo(browser, done) == (False, "No se puede deshacer: lo decidió otra persona o ya se deshizo.")


async def test_what_others_published_after_the_utterance_stays(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    done = await decide(world, browser, HOLE, "wording", respuesta="bache")
    await press(await editor(world, EVA), done["link"], "publicar", respuesta="De Eva.")
    assert (await undo(browser, done))[0] is True
    found = text_on_disk(faq_dir, FILE)
    assert found is not None and "De Eva." in found.content and HOLE not in found.phrases


async def test_undoing_removes_the_utterance_from_the_draft_of_somebody_else(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    first = await decide(world, browser, SUIT, "wording", respuesta="bache")
    await undo(browser, first)
    await save(await editor(world, EVA), first["link"], 0, respuesta="A medio escribir")
    done = await decide(world, browser, HOLE, "wording", respuesta="bache")
    assert HOLE in (await edition(world)).phrases
    assert (await undo(browser, done))[0] is True
    one = await edition(world)
    assert "A medio escribir" in one.content and HOLE not in one.phrases and one.state == "draft"
    assert "A medio" not in text_on_disk(faq_dir, FILE).content  # type: ignore[union-attr]


async def test_published_utterance_is_not_called_undone_while_a_draft_is_open(world: DeskWorld, faq_dir: Path) -> None:
    browser, eva = await editor(world), await editor(world, EVA)
    done = await decide(world, browser, HOLE, "wording", respuesta="bache")
    await save(eva, done["link"], 0, respuesta="A medio escribir")
    undone, told = await undo(browser, done)
    assert (undone, "borrador abierto" in told) == (False, True)
    assert HOLE in phrases(faq_dir) and HOLE not in await waiting(world)
    assert HOLE in (await edition(world)).phrases
    await press(eva, done["link"], "descartar")
    assert (await undo(browser, done))[0] is True
    assert phrases(faq_dir) == "" and HOLE in await waiting(world)


async def test_undo_that_cannot_write_is_reported_and_can_be_repeated(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    done = await decide(world, browser, HOLE, "wording", respuesta="bache")
    blocked = faq_dir / "calle" / ".bache.md.new"
    blocked.mkdir()  # where the text would be written
    undone, told = await undo(browser, done)
    assert (undone, "no se pudo escribir" in told) == (False, True)
    assert HOLE not in (await edition(world)).phrases and HOLE in phrases(faq_dir)  # as after a kill in between
    assert (await undo(browser, done))[0] is False and HOLE not in await waiting(world)
    blocked.rmdir()
    assert (await undo(browser, done))[0] is True
    assert phrases(faq_dir) == "" and HOLE in await waiting(world)
    assert (await edition(world)).state == "published"


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_utterance_that_waits_for_approval_is_discarded(world: DeskWorld) -> None:
    browser = await editor(world)
    done = await decide(world, browser, HOLE, "wording", respuesta="bache")
    assert (await edition(world)).state == "review"
    assert (await undo(browser, done))[0] is True
    assert (await edition(world)).state == "discarded" and HOLE in await waiting(world)


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_approved_utterance_is_rolled_back_at_once(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    done = await decide(world, browser, HOLE, "wording", respuesta="bache")
    eva = await editor(world, EVA)
    await press(eva, done["link"], "aprobar", hash=(await edition(world)).hash)
    assert HOLE in phrases(faq_dir)
    assert (await undo(browser, done))[0] is True
    assert phrases(faq_dir) == ""


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_text_that_was_never_published_needs_its_approval(world: DeskWorld, faq_dir: Path) -> None:
    browser, eva = await editor(world), await editor(world, EVA)
    done = await decide(world, browser, HOLE, "wording", respuesta="bache")
    await press(eva, done["link"], "aprobar", hash=(await edition(world)).hash)
    await press(browser, done["link"], "enviar", respuesta="Otra respuesta.")
    await press(eva, done["link"], "aprobar", hash=(await edition(world)).hash)
    undone, told = await undo(browser, done)
    assert (undone, "en revisión" in told, HOLE in phrases(faq_dir)) == (True, True, True)
    one = await edition(world)
    assert (one.state, HOLE in one.phrases) == ("review", False)


async def test_undoing_leaves_a_scheduled_text_unchanged(world: DeskWorld) -> None:
    browser = await editor(world)
    first = await decide(world, browser, SUIT, "wording", respuesta="bache")
    await undo(browser, first)
    await save(browser, first["link"], 0, respuesta="Desde marzo.")
    done = await decide(world, browser, HOLE, "wording", respuesta="bache")
    await press(browser, first["link"], "programar", cuando="2030-03-01T09:00")
    undone, told = await undo(browser, done)
    assert (undone, "programada" in told) == (False, True)
    assert HOLE in (await edition(world)).phrases and HOLE not in await waiting(world)


async def test_new_draft_is_discarded_and_can_be_begun_again(world: DeskWorld) -> None:
    browser = await editor(world)
    done = await decide(world, browser, SUIT, "entry", equipo="obras")
    assert (await undo(browser, done))[0] is True
    one = await edition(world)
    assert (one.state, SUIT in await waiting(world)) == ("discarded", True)
    again = await decide(world, browser, SUIT, "entry", equipo="obras")
    assert again["link"] == done["link"] and (await edition(world)).state == "draft"


async def test_draft_in_which_somebody_else_wrote_stays(world: DeskWorld) -> None:
    browser = await editor(world)
    done = await decide(world, browser, SUIT, "entry", equipo="obras")
    await save(await editor(world, EVA), done["link"], 1, respuesta="De Eva.")
    undone, told = await undo(browser, done)
    assert (undone, "alguien más escribió" in told) == (False, True)
    async with world.sessions() as session:
        assert (await session.scalars(select(EntryEdition.state))).all() == ["draft"]


async def test_entry_that_was_published_stays(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    done = await decide(world, browser, SUIT, "entry", equipo="obras")
    fields = {
        "campo-fuente": "https://www.losaromos.example/x",
        "variantes": "traje de huaso",
        "respuesta": "En el club.",
    }
    assert (await press(browser, done["link"], "publicar", **fields)).headers["location"].endswith("publicar")
    undone, told = await undo(browser, done)
    assert (undone, "ya se publicó" in told, CannotUndo("x").why) == (False, True, "x")


async def test_topic_is_taken_off_the_agencys_list(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    first = await decide(world, browser, HOLE, "not_ours", organismo="MOP")
    done = await decide(world, browser, SUIT, "not_ours", organismo="Club de Huasos")
    assert (await undo(browser, done))[0] is True
    rows = (faq_dir / OWN_TOPICS).read_text()
    assert "Huasos" not in rows and "MOP" in rows and SUIT in await waiting(world)
    (faq_dir / OWN_TOPICS).write_text(rows.replace(HOLE, f"{HOLE} | otra forma"))
    undone, told = await undo(browser, first)
    assert (undone, "alguien cambió esa fila" in told) == (False, True)
    assert "otra forma" in (faq_dir / OWN_TOPICS).read_text()


async def test_page_offers_own_decisions_of_the_day_without_its_script(world: DeskWorld) -> None:
    browser, eva = await editor(world), await editor(world, EVA)
    done = await decide(world, browser, HOLE, "ignored")
    assert f'name="decision" value="{done["decision"]}"' in (await browser.get(PATH)).text
    assert 'name="decision"' not in (await eva.get(PATH)).text
    data = {"csrf": eva.headers["X-CSRF-Token"], "que": "deshacer", "decision": str(done["decision"])}
    assert "lo decidió otra persona" in (await eva.post(PATH, data=data)).text
    data["csrf"] = browser.headers["X-CSRF-Token"]
    assert "El grupo vuelve a la lista" in (await browser.post(PATH, data=data)).text
    assert HOLE in await waiting(world)
