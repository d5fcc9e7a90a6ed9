"""Tests how entries that wait for approval are grouped, checked together and shown."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.agency.model import Agency
from bot.desk.editing.approving.checking import DraftChecks, Unchecked
from bot.desk.editing.approving.review_queue import TOGETHER, InReview, sendings
from bot.desk.editing.record import OwnText
from bot.desk.editing.text import EntryText
from bot.desk.pages.approving.cards import cards, question_of, reason_of
from tests.faq_files import write_folder, written

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
TODAY = date(2026, 11, 30)
QUESTION = "¿Dónde pago?"


def waiting(
    writer: str, after: timedelta, text: EntryText | None = None, published: EntryText | None = None
) -> InReview:
    return InReview(
        document=uuid.uuid4(),
        path="calle/pago.md",
        text=text or EntryText(written("pago", QUESTION, ["donde pago", "pagar en la caja"])),
        published=published,
        writer=writer,
        authors=(),
        sent_at=NOON + after,
        publish_at=None,
        is_stale=False,
        is_unseen_on_disk=False,
    )


def test_what_one_writer_sent_together_is_one_group() -> None:
    soon = TOGETHER / 2
    times = (("Ana", 0 * soon), ("Eva", soon), ("Ana", 2 * soon), ("Ana", 4 * soon), ("Ana", 7 * soon))
    groups = sendings([waiting(*each) for each in times])
    assert [(some[0].writer, len(some)) for some in groups] == [("Ana", 3), ("Eva", 1), ("Ana", 1)]


def test_drafts_are_checked_with_each_other_and_with_the_published_entries(tmp_path: Path, agency: Agency) -> None:
    checks = DraftChecks(write_folder(tmp_path, ["bache"]), agency.teams)
    one = Unchecked("calle/pago.md", EntryText(written("pago", QUESTION, ["donde pago"])))
    same = Unchecked(
        "caja/pago.md", EntryText(written("pago", QUESTION, ["pagar"]).replace("tema: calle", "tema: caja"))
    )
    lacking = Unchecked("calle/hora.md", EntryText("---\nid: hora\n---\n"))
    assert checks.errors([one], TODAY) == [[]]
    assert [bool(found) for found in checks.errors([one, same], TODAY)].count(True) == 1  # the same id twice
    assert [bool(found) for found in checks.errors([one, lacking], TODAY)] == [False, True]
    assert (one.target, same.target, lacking.target) == ("calle/pago.md", "caja/pago.md", "calle/hora.md")


def test_card_shows_all_of_a_text_that_would_be_published(tmp_path: Path, agency: Agency) -> None:
    checks = DraftChecks(write_folder(tmp_path, []), agency.teams)
    text = EntryText(written("pago", QUESTION, ["donde pago", "pagar"]), "no responde: ya pagué\n")
    new = waiting("Ana", timedelta(), text)
    (card,) = cards([new], agency, checks)
    assert (card.question, card.diff, card.may_be_approved) == (QUESTION, "", True)
    assert (card.utterances, card.counterexamples) == (["pagar"], ["ya pagué"])  # the question itself is above
    assert "Respuesta sobre pago." in card.answer
    assert {"Página oficial", "Unidad responsable", "Tema"} <= {label for label, _ in card.facts}
    assert card.value == f"{new.document} {text.hash}" and question_of(new) == QUESTION
    (changed,) = cards([replace(new, published=EntryText(text.content.replace("OIRS", "Rentas")))], agency, checks)
    assert "Rentas" in re.sub("<[^>]+>", "", changed.diff) and "<ins>" in changed.diff


def test_card_of_a_text_that_must_be_compared_cannot_be_ticked(tmp_path: Path, agency: Agency) -> None:
    checks = DraftChecks(write_folder(tmp_path, []), agency.teams)
    (stale,) = cards([replace(waiting("Ana", timedelta()), is_stale=True)], agency, checks)
    (edited,) = cards([replace(waiting("Ana", timedelta()), is_unseen_on_disk=True)], agency, checks)
    assert (stale.may_be_approved, edited.may_be_approved) == (False, False)
    assert "se publicó otro texto" in stale.stopped and "cambió en el disco" in edited.stopped


def test_reason_of_an_error_is_in_spanish_even_if_it_is_unknown() -> None:
    assert reason_of(OwnText()) == "La aprueba otra persona, no quien la escribió."
    assert reason_of(RuntimeError("x")) == "No se pudo. Ábrela para ver por qué."
