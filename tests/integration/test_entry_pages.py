"""Tests the editors' pages over HTTP: list, new entry, autosave, publishing, four-eyes, schedule and history."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from bot.agency.model import Agency
from bot.desk.editing.listing import Listing
from bot.desk.editing.text import EntryText, text_on_disk
from bot.desk.pages.entries.entry_page import MAX_BODY_BYTES
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.merge_page import packed
from bot.faq.entries.folder import load_folder
from bot.record.engine import Sessions
from bot.record.tables import AnswerRating, EntryDocument, EntryRevision, Message
from tests.desk_world import DeskWorld
from tests.eventually import eventually
from tests.faq_files import QUESTIONS, written
from tests.integration.entry_desk import EVA, LEO, address, edition, editor, editors, look, press, save
from tests.integration.recorded import NOW, conversation

LIST = PATH


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool
) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, faq_dir, four_eyes=four_eyes) as made:
        yield made


async def test_list_shows_every_entry_and_finds_by_words_topic_and_state(world: DeskWorld) -> None:
    browser = await editor(world)
    page = (await browser.get(LIST)).text
    assert all(question in page for question, *_ in QUESTIONS.values())
    found = (await browser.get(LIST, params={"q": "pavimento"})).text
    assert "hoyo en la calle" in found and "camión de la basura" not in found
    assert "Ninguna respuesta calza" in (await browser.get(LIST, params={"estado": "expired"})).text


async def test_list_shows_use_opinions_and_files_with_errors(world: DeskWorld, faq_dir: Path) -> None:
    await conversation(world.sessions, "c")
    said = {"conversation_id": "c", "author": "assistant", "text": "x", "at": NOW}
    proof = {"provenance": {"entry": "bache", "version": "v"}}
    async with world.sessions.begin() as session:
        for number in range(7):
            await session.execute(insert(Message).values(**said, event_id=f"{number}-9", data=proof))
    async with world.sessions.begin() as session:
        for answer, useful in (("1", True), ("2", True), ("3", False)):
            row = {"conversation_id": "c", "answer": answer, "at": NOW, "entry": "bache", "version": "v", "reason": ""}
            await session.execute(insert(AnswerRating).values(**row, useful=useful))
    (faq_dir / "calle" / "chip.md").write_text(
        written("chip", "¿Chip?", ["x"]).replace("revisado: 2026", "revisado: 26")
    )
    await look(world, faq_dir)
    page = (await (await editor(world)).get(LIST)).text
    assert '<td data-name="Respondida">7</td><td data-name="¿Sirvió?">2 sí, 1 no</td>' in page
    assert re.search(r'<a href="/desk/respuestas/[0-9a-f-]+">calle/chip.md, línea 10:</a>', page)
    assert "Con error (1)" in page


async def test_list_shows_when_an_entry_was_confirmed_before_its_file_is_read(world: DeskWorld) -> None:
    listing, monday = Listing(world.sessions, world.faq), NOW.date()
    known = {one.path: one.reviewed for one in await listing.all(monday)}
    world.faq.entries = ()  # as right after a first publication
    assert {one.path: one.reviewed for one in await listing.all(monday)} == known and None not in known.values()


async def test_old_counts_are_shown_while_they_are_counted_again(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await conversation(world.sessions, "c")
    listing, monday = Listing(world.sessions, world.faq), NOW.date()
    assert {one.answered for one in await listing.all(monday)} == {0}
    said = {"conversation_id": "c", "event_id": "1-9", "author": "assistant", "text": "x", "at": NOW}
    async with world.sessions.begin() as session:
        await session.execute(insert(Message).values(**said, data={"provenance": {"entry": "bache", "version": "v"}}))
    assert {one.answered for one in await listing.all(monday)} == {0}
    monkeypatch.setattr("bot.desk.editing.listing.COUNTS_FRESH_S", -1.0)
    assert {one.answered for one in await listing.all(monday)} == {0}

    async def counted() -> bool:
        return {one.answered for one in await listing.all(monday)} == {0, 1}

    await eventually(counted)


async def test_two_thousand_entries_are_listed_in_pages(world: DeskWorld) -> None:
    browser, (sample, *_) = await editor(world), world.faq.entries
    paths = [f"tema-{number % 15}/e{number}.md" for number in range(2000)]
    async with world.sessions.begin() as session:
        await session.execute(insert(EntryDocument), [{"path": path, "published_hash": "x"} for path in paths])
    world.faq.entries = tuple(
        replace(sample, id=f"e{number}", path=path, question=f"¿Qué es {number}?") for number, path in enumerate(paths)
    )
    answer = await browser.get(LIST, params={"q": "qué es", "pagina": 20})
    assert "2000 respuestas" in answer.text and "Página 20 de 20" in answer.text and "Siguientes" not in answer.text
    assert answer.text.count('data-name="Pregunta"') == 100


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_only_editors_open_the_pages(world: DeskWorld, method: str) -> None:
    page = await address(world)
    leo = await world.sign_in(LEO)
    token = {"csrf": leo.headers["X-CSRF-Token"]}
    assert (await leo.request(method, page, data=token if method == "POST" else None)).status_code == 403
    assert (await save(leo, page, 0)).status_code == 403


async def test_page_shows_the_form_the_channels_and_no_yaml(world: DeskWorld) -> None:
    page = (await (await editor(world)).get(await address(world))).text
    assert "Respuesta sobre bache." in page and "variantes:" not in page and "pregunta:" not in page
    assert page.count('<div class="bubble">') == 3
    assert "hay un hoyo en mi calle\nel pavimento está roto" in page


async def test_change_is_saved_while_writing_and_published(world: DeskWorld, faq_dir: Path) -> None:
    browser, page = await editor(world), await address(world)
    first = (await save(browser, page, 0, respuesta="Llama al **131**.")).json()
    assert (first["version"], first["problems"]) == (1, [])
    assert "<ins>" in first["diff"] and "131</a></strong>" in first["previews"][0]["bubbles"][0]
    second = await save(browser, page, 1, **{"respuesta": "Llama al **132**.", "frases": "se hundió\n- la vereda"})
    assert second.json()["version"] == 2
    assert "132" not in text_on_disk(faq_dir, "calle/bache.md").content  # type: ignore[union-attr]
    done = await press(browser, page, "publicar")
    assert (done.status_code, done.headers["location"]) == (303, f"{page}?hecho=publicar")
    text = text_on_disk(faq_dir, "calle/bache.md")
    assert text is not None and "Llama al **132**.\n" in text.content
    assert re.fullmatch(r"se hundió  # Ana, desde la página, [\d-]+\nla vereda  # Ana, .*\n", text.phrases)
    assert "Publicada" in (await browser.get(page)).text


async def test_suggestions_that_the_answer_does_not_say_are_published_as_counterexamples(
    world: DeskWorld, faq_dir: Path
) -> None:
    browser, page = await editor(world), await address(world)
    shown = (await browser.get(page)).text
    suggested = re.findall(r'name="sugerida" value="([^"]*)"', shown)
    assert '<details class="aside" id="unsaid" open>' in shown and len(suggested) > 10
    assert shown.index('name="no_lo_dice_todas"') > shown.rindex('name="sugerida"')  # read before the tick for all
    await press(browser, page, "publicar", no_lo_dice_todas="1", sugerida=suggested[:9])
    text = text_on_disk(faq_dir, "calle/bache.md")
    assert text is not None
    assert [re.sub("  #.*", "", one) for one in text.phrases.splitlines()] == [
        f"no responde: {unescape(one)}" for one in suggested[:9]
    ]
    shown = (await browser.get(page)).text
    assert re.findall(r'name="sugerida" value="([^"]*)"', shown) == suggested[9:]
    assert '<details class="aside" id="unsaid">' in shown


async def test_second_editor_never_overwrites_the_first(world: DeskWorld) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    assert (await save(ana, page, 0, respuesta="De Ana.")).status_code == 200
    late = await save(eva, page, 0, respuesta="De Eva.")
    assert (late.status_code, late.json()["detail"]["error"]) == (409, "outdated")
    assert "Ana guardó cambios" in late.json()["detail"]["message"]
    pressed = await eva.post(page, data={"csrf": eva.headers["X-CSRF-Token"], "que": "publicar", "version": "0"})
    assert "Dos personas cambiaron esto" in pressed.text
    assert "De Ana." in (await edition(world)).content


async def test_text_that_was_refused_is_in_the_history_though_nobody_joins_it(world: DeskWorld) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    await save(ana, page, 0, respuesta="De Ana.")
    for text in ("De Eva.", "De Eva, un segundo después."):
        late = await save(eva, page, 0, respuesta=text)
    assert "queda además en el historial" in late.json()["detail"]["message"]
    data = {"csrf": eva.headers["X-CSRF-Token"], "que": "comparar", "version": "0", "respuesta": "De Eva, al irse."}
    assert "Dos personas cambiaron esto" in (await eva.post(page, data=data)).text
    async with world.sessions() as session:
        texts = select(EntryRevision.author_name, EntryRevision.content).order_by(EntryRevision.id)
        rows = (await session.execute(texts)).all()
    kept = [content.rpartition("---\n")[2].strip() for name, content in rows if name == "Eva"]
    assert kept == ["De Eva.", "De Eva, al irse."]
    assert "De Ana." in (await edition(world)).content
    assert "Eva" in (await ana.get(page)).text


async def compared(browser: httpx.AsyncClient, page: str, base: str, **fields: str) -> dict[str, str]:
    """Presses «Comparar» with a draft that began with ``base``; returns the form's fields for merging."""
    data = {"csrf": browser.headers["X-CSRF-Token"], "que": "comparar", "version": "0", "base": base} | fields
    shown = (await browser.post(page, data=data)).text
    assert "Dos personas cambiaron esto" in shown
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown)
    return {name: unescape(value) for name, value in hidden} | {"que": "juntar"}


async def test_two_drafts_are_joined_and_both_are_kept(world: DeskWorld) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    base = unescape(re.search(r'name="base" value="([^"]*)"', (await eva.get(page)).text)[1])  # type: ignore[index]
    await save(ana, page, 0, respuesta="De Ana.", frases="de ana", **{"campo-vence": "2030-01-31"})
    fields = await compared(eva, page, base, respuesta="De Eva.", frases="de eva")
    late = await save(ana, page, 1, respuesta="De Ana, otra vez.")  # while Eva chooses
    assert late.status_code == 200
    choice = {"de-respuesta#0": "both", "de-vence": "theirs"}
    again = await eva.post(page, data=fields | choice)
    assert "Dos personas cambiaron esto" in again.text and "otra vez" in again.text
    joined = await eva.post(page, data=fields | choice | {"version": "2"})
    assert (joined.status_code, joined.headers["location"]) == (303, f"{page}?hecho=juntar")
    made = await edition(world)
    assert "De Ana, otra vez.\n\nDe Eva." in made.content and "vence: 2030-01-31" in made.content
    assert re.findall(r"^de (ana|eva)", made.phrases, re.MULTILINE) == ["ana", "eva"]
    async with world.sessions() as session:
        kept = " ".join(await session.scalars(select(EntryRevision.content)))
    assert "De Ana, otra vez.\n" in kept and "De Eva.\n" in kept


async def test_part_that_is_written_anew_as_nothing_is_removed(world: DeskWorld) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    base = unescape(re.search(r'name="base" value="([^"]*)"', (await eva.get(page)).text)[1])  # type: ignore[index]
    await save(ana, page, 0, respuesta="Vale.\n\nCosto: 7.", **{"campo-vence": "2030-01-31"})
    fields = await compared(eva, page, base, respuesta="Vale.\n\nCosto: 6.", **{"campo-vence": "2030-03-31"})
    shown = {"de-vence": "text", "texto-vence": "", "de-respuesta#0": "text", "texto-respuesta#0": "Vale."}
    assert (await eva.post(page, data=fields | shown)).status_code == 303
    made = (await edition(world)).content
    assert "vence" not in made and made.endswith("---\nVale.\n")


async def test_first_words_over_a_text_that_was_published_meanwhile_are_compared_with_it(
    world: DeskWorld, faq_dir: Path
) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    shown = (await eva.get(page)).text
    hidden = dict(re.findall(r'name="(base|publicada)" value="([^"]*)"', shown))
    await press(ana, page, "publicar", respuesta="De Ana.")
    late = await save(eva, page, 0, publicada=hidden["publicada"], **{"campo-fuente_nombre": "De Eva"})
    assert (late.status_code, late.json()["detail"]["error"]) == (409, "outdated")
    assert "Ana guardó cambios" in late.json()["detail"]["message"]
    mine = {"respuesta": "Respuesta sobre bache.", "campo-fuente_nombre": "De Eva"}
    fields = await compared(eva, page, unescape(hidden["base"]), **mine)
    joined = await eva.post(page, data=fields | {"de-fuente_nombre": "mine", "de-respuesta#0": "theirs"})
    assert joined.headers["location"] == f"{page}?hecho=juntar"
    made = (await edition(world)).content
    assert "De Ana." in made and "De Eva" in made


async def test_comparison_shows_no_html_of_a_draft(world: DeskWorld) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    await save(ana, page, 0, respuesta="<b>De Ana</b>")
    data = {"csrf": eva.headers["X-CSRF-Token"], "que": "comparar", "version": "0", "respuesta": "<i>De Eva</i>"}
    odd = [b64encode(some).decode() for some in (b"{", b'["a", "b"]', b"[1]", b"\xff")]
    for base in ("", "x", packed(EntryText("no es una respuesta")), *odd):
        shown = (await eva.post(page, data=data | {"base": base})).text
        assert "Dos personas" in shown and "<b>De Ana" not in shown and "<i>De Eva" not in shown


async def test_entry_with_errors_is_not_published(world: DeskWorld, faq_dir: Path) -> None:
    browser, page = await editor(world), await address(world)
    saved = (await save(browser, page, 0, **{"campo-fuente": "http://x", "campo-revisado": ""})).json()
    assert {one["field"] for one in saved["problems"] if one["severity"] == "error"} == {"fuente", "revisado"}
    refused = await press(browser, page, "publicar")
    assert (
        refused.status_code == 422
        and "«Confirmada el» está en blanco. Escríbelo en la pestaña «Datos»." in refused.text
        and "tres guiones" not in refused.text
        and "Todavía no se puede. Corrige lo que dice «Antes de publicar»" in refused.text
    )
    assert "http://x" not in text_on_disk(faq_dir, "calle/bache.md").content  # type: ignore[union-attr]


async def test_new_entry_begins_with_the_site_as_source_and_a_mark_that_nobody_can_publish(world: DeskWorld) -> None:
    browser = await editor(world)
    made = await browser.post(
        PATH, data={"csrf": browser.headers["X-CSRF-Token"], "pregunta": "¿Hay hielo?", "tema": "Muelle"}
    )
    page = made.headers["location"]
    shown = unescape((await browser.get(page)).text)
    assert f'name="campo-fuente" type="text" value="{world.agency.site}"' in shown
    assert "[[completar: la respuesta]]" in shown
    refused = await press(browser, page, "publicar", variantes="venden hielo")
    assert (refused.status_code, "Falta completar: la respuesta." in refused.text) == (422, True)
    await press(browser, page, "guardar", **{"campo-fuente": "www.puerto.example/hielo", "respuesta": "Sí."})
    assert 'value="https://www.puerto.example/hielo"' in (await browser.get(page)).text
    assert (await press(browser, page, "publicar")).status_code == 303


async def test_new_entry_is_written_tried_and_published_in_another_topic(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    form = {"csrf": browser.headers["X-CSRF-Token"], "pregunta": "¿Quién poda los árboles?", "tema": "Áreas verdes"}
    page = (await browser.post(LIST, data=form)).headers["location"]
    fields = {"respuesta": "Aseo.", "variantes": "hay que podar", "campo-fuente": "https://x.example/poda"}
    await press(browser, page, "guardar", **fields)
    shown = (await browser.get(page)).text  # nothing is published yet to be equal to, or to go back to
    assert 'data-nothing="Todavía no se ha publicado nada."' in shown and 'value="reponer"' not in shown
    await press(browser, page, "publicar")
    assert 'data-nothing="Igual a lo publicado."' in (await browser.get(page)).text
    await look(world, faq_dir)
    listed = (await browser.get(LIST)).text
    assert text_on_disk(faq_dir, "areas-verdes/quien-poda-los-arboles.md") is not None and "Áreas verdes" in listed
    assert '<option value="Áreas verdes"></option>' in listed
    saved = await save(browser, page, 0, **{"campo-tema": "aseo"})
    assert saved.json()["problems"] == []
    done = await press(browser, page, "publicar", **{"campo-tema": "aseo", "campo-pregunta": "¿Y los árboles?"})
    assert done.status_code == 303
    assert text_on_disk(faq_dir, "aseo/quien-poda-los-arboles.md") is not None
    assert load_folder(faq_dir, world.agency.teams).problems == ()


async def test_refused_new_entry_keeps_what_was_typed_and_leads_to_the_one_that_exists(world: DeskWorld) -> None:
    browser = await editor(world)
    form = {"csrf": browser.headers["X-CSRF-Token"], "pregunta": "¿Quién poda los árboles?", "tema": "Áreas verdes"}
    page = (await browser.post(LIST, data=form)).headers["location"]
    again = await browser.post(LIST, data=form)
    assert (again.status_code, f'{page}">¿Quién poda los árboles?</a></p>' in again.text) == (422, True)
    assert all(f'value="{one}"' in again.text for one in ("¿Quién poda los árboles?", "Áreas verdes"))
    signs = await browser.post(LIST, data=form | {"pregunta": "¿?"})
    assert (signs.status_code, "llevan letras, no solo signos" in signs.text) == (422, True)


async def test_any_revision_can_be_restored(world: DeskWorld, faq_dir: Path) -> None:
    browser, page = await editor(world), await address(world)
    before = text_on_disk(faq_dir, "calle/bache.md")
    await press(browser, page, "publicar", respuesta="Mal escrito.")
    async with world.sessions() as session:
        query = select(EntryRevision.id).where(EntryRevision.hash == before.hash)  # type: ignore[union-attr]
        first = await session.scalar(query)
    assert (await press(browser, page, "volver", revision=str(first))).status_code == 303
    await press(browser, page, "publicar")
    assert text_on_disk(faq_dir, "calle/bache.md") == before


async def test_edit_on_disk_is_seen_before_it_is_replaced(world: DeskWorld, faq_dir: Path) -> None:
    browser, page = await editor(world), await address(world)
    await save(browser, page, 0, respuesta="De la página.")
    (faq_dir / "calle" / "bache.md").write_text(written("bache", "¿Del disco?", ["hay un hoyo"]))
    await look(world, faq_dir)
    refused = await press(browser, page, "publicar")
    assert refused.status_code == 422 and "desde el disco" in refused.text
    assert (await press(browser, page, "seguir")).status_code == 303
    assert (await press(browser, page, "publicar")).status_code == 303
    assert "De la página." in text_on_disk(faq_dir, "calle/bache.md").content  # type: ignore[union-attr]


async def test_page_names_the_errors_of_the_file_on_the_disk(world: DeskWorld, faq_dir: Path) -> None:
    browser, page, file = await editor(world), await address(world), faq_dir / "calle" / "bache.md"
    assert "quedó con errores" not in (await browser.get(page)).text
    shown = dict(re.findall(r'name="(publicada|disco_visto)" value="(\w*)"', (await browser.get(page)).text))
    file.write_text(file.read_text().replace("revisado: 2026", "revisado: 26"))
    await look(world, faq_dir)
    found = (await browser.get(page)).text
    assert "quedó con errores" in found and '/desk/respuestas/archivo?ruta=calle/bache.md"' in found
    assert (await save(browser, page, 0, respuesta="De la página.", **shown)).status_code == 200
    refused = await press(browser, page, "publicar")
    assert refused.status_code == 422 and "desde el disco" in refused.text


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_nothing_is_sent_that_is_unchanged_or_approved(world: DeskWorld) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    unchanged = await press(ana, page, "enviar")
    assert unchanged.status_code == 422 and "No hay cambios que publicar" in unchanged.text
    await press(ana, page, "enviar", respuesta="De Ana.")
    await press(eva, page, "aprobar_solo", hash=(await edition(world)).hash)
    assert re.search(r'value="enviar" hidden', (await ana.get(page)).text)
    kept = await press(ana, page, "enviar", respuesta="De Ana.")
    assert (kept.headers["location"], (await edition(world)).state) == (f"{page}?hecho=aprobar_solo", "approved")
    await press(ana, page, "enviar", respuesta="De Ana, otra vez.")
    assert (await edition(world)).state == "review"


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_second_person_approves_exactly_what_was_sent(world: DeskWorld, faq_dir: Path) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    await press(ana, page, "enviar", respuesta="De Ana.")
    digest = (await edition(world)).hash
    own = await press(ana, page, "aprobar", hash=digest)
    assert own.status_code == 422 and "otra persona" in own.text
    assert (await press(ana, page, "publicar")).status_code == 422
    await save(ana, page, (await edition(world)).version, respuesta="De Ana, otra vez.")
    assert (await press(eva, page, "aprobar", hash=digest)).status_code == 422
    await press(ana, page, "enviar")
    assert (await press(eva, page, "aprobar", hash=(await edition(world)).hash)).status_code == 303
    assert "De Ana, otra vez." in text_on_disk(faq_dir, "calle/bache.md").content  # type: ignore[union-attr]


async def test_draft_can_be_discarded_and_discussed(world: DeskWorld) -> None:
    browser, page = await editor(world), await address(world)
    await save(browser, page, 0, respuesta="Algo.")
    await press(browser, page, "comentar", comentario="¿Y el <b>plazo</b>?")
    assert "¿Y el &lt;b&gt;plazo&lt;/b&gt;?" in (await browser.get(page)).text
    await press(browser, page, "descartar")
    assert (await edition(world)).state == "discarded"
    assert 'id="open-edition" hidden' in (await browser.get(page)).text


@pytest.mark.parametrize("id", ["x", "00000000-0000-0000-0000-000000000000"])
async def test_unknown_entry_is_reported(world: DeskWorld, id: str) -> None:
    assert (await (await editor(world)).get(f"{LIST}/{id}")).status_code == 404


async def test_trial_without_the_action_server_is_reported(world: DeskWorld) -> None:
    browser, page = await editor(world), await address(world)
    tried = await browser.post(page.replace(LIST, "/desk/api/entries") + "/try", json={"text": "hay un hoyo"})
    assert tried.status_code == 503 and "no contestó" in tried.json()["detail"]["message"]


async def test_huge_form_is_refused_and_the_largest_entry_is_not(world: DeskWorld) -> None:
    browser, page = await editor(world), await address(world)
    assert (await save(browser, page, 0, respuesta="á" * MAX_BODY_BYTES)).status_code == 413
    assert (
        await save(browser, page, 0, respuesta="á" * 30_000, frases="\n".join(["á" * 150] * 200))
    ).status_code == 200
