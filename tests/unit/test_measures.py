"""Tests the measures of a notice: their combination, the hours they change, and the measures of the packs."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from actions.replies.answers import FaqReplies
from bot.agency.model import load_agency
from bot.cli.faq import demo_names
from bot.conversation.change import Change
from bot.conversation.state import state_from
from bot.core.messages import (
    Button,
    Candidate,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Priority,
    Provenance,
    Reply,
)
from bot.core.settings import ROOT
from bot.desk.crisis.pack_check import pack_problems
from bot.desk.crisis.pack_measures import MeasuresFile, all_of, known_measures
from bot.desk.crisis.packs import packs
from bot.desk.views.measure_words import MeasureWords
from bot.faq.answering.decision import Decision as FaqDecision
from bot.handoff.hours import OpeningHours, ServiceHours
from bot.handoff.open_now import changed_opening, open_now, usual_openings
from bot.public_notices.board import NoticeBoard
from bot.public_notices.hours import changes_of
from bot.public_notices.measures import Effects, Kind, Measure
from bot.public_notices.notice import NoticeSet, PublicNotice, Severity
from bot.turns.danger import DangerNotices
from bot.turns.notices.inserter import NoticeInserter
from bot.turns.outcome import Decision, Turn
from bot.turns.queue.entering import Finishing
from tests.faq_entry import BASE
from tests.notices import public_notice

AGENCY = load_agency(ROOT / "agency.yml")
ZONE = ZoneInfo(AGENCY.timezone)
CLOSED, LATE = Measure(Kind.HOURS), Measure(Kind.HOURS, "social", "09:00-21:00")


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


def ms(written: str) -> int:
    return int(at(written).timestamp() * 1000)


def board_of(
    *measures: Measure, start: str = "2026-11-23T11:00", end: str = "2026-11-24T10:00", **fields: object
) -> NoticeBoard:
    times = {"starts_at": ms(start), "ends_at": ms(end)}
    return NoticeBoard(NoticeSet.of([public_notice(measures=measures, **times, **fields)]))


def test_of_two_contradicting_measures_the_first_counts_and_the_strictest_caution() -> None:
    words = (Measure(Kind.OVERLOAD, value="Uno."), Measure(Kind.OVERLOAD, value="Dos."))
    cautions = (Measure(Kind.CERTAINTY, value="90"), Measure(Kind.CERTAINTY, value="95"))
    changed = (Measure(Kind.CHANGED, "poda", "Hoy no."), Measure(Kind.CHANGED, "poda", "Mañana."))
    found = Effects.of((*words, *cautions, *changed, Measure(Kind.WITHDRAWN, "bache")))
    assert (found.overload, found.certainty, found.calls_back) == ("Uno.", 0.95, False)
    assert found.answers == {"poda": "Hoy no.", "bache": ""}


@pytest.mark.parametrize(
    ("team", "entry", "words", "is_first"),
    [
        ("seguridad", "", "hola", True),
        ("obras", "poda", "hola", True),
        ("obras", "", "mi mamá está con DIALISIS", True),
        ("obras", "", "quiero hablar con alguien", False),
        ("obras", "", "análisis", False),
    ],
)
def test_citizens_go_first_by_team_matter_or_words(team: str, entry: str, words: str, is_first: bool) -> None:
    measures = (
        Measure(Kind.FIRST_TEAM, "seguridad"),
        Measure(Kind.FIRST_ENTRY, "poda"),
        Measure(Kind.FIRST_WORDS, value="diálisis, oxígeno"),
    )
    inserter = NoticeInserter(AGENCY, NoticeBoard(NoticeSet.of([public_notice(measures=measures)])))
    candidates = (Candidate(entry, "", 0.5), Candidate("poda", "", 0.2)) if entry else ()
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team=team, candidates=candidates)
    first = inserter.first_in_line(handoff, words).priority
    assert first == (Priority.HIGH if is_first else Priority.NORMAL)
    urgent = replace(handoff, priority=Priority.EMERGENCY)
    assert inserter.first_in_line(urgent, words) == urgent


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T10:59", True),
        ("2026-11-23T11:00", False),
        ("2026-11-24T09:59", False),
        ("2026-11-24T10:00", True),
    ],
)
def test_closed_from_the_start_of_the_notice_until_its_end(moment: str, is_open: bool) -> None:
    assert OpeningHours.from_agency(AGENCY, board=board_of(CLOSED)).is_open(at(moment)) is is_open


def test_next_opening_is_when_the_notice_ends() -> None:
    hours = OpeningHours.from_agency(AGENCY, board=board_of(CLOSED))
    assert hours.next_opening(at("2026-11-23T12:00")) == at("2026-11-24T10:00")
    assert hours.closing(at("2026-11-23T10:00")) == at("2026-11-23T11:00")


def test_team_has_the_changes_for_all_teams_followed_by_its_own() -> None:
    found = changes_of(board_of(LATE, CLOSED), "social")
    assert [len(one.spans) for one in found] == [0, 1]
    assert [len(one.spans) for one in changes_of(board_of(LATE, CLOSED), "obras")] == [0]


def test_own_hours_of_a_team_prevail_also_on_a_holiday() -> None:
    holiday = {"start": "2026-12-25T08:00", "end": "2026-12-26T00:00"}
    service = ServiceHours(AGENCY, board_of(CLOSED, LATE, **holiday))
    assert service.of("social").is_open(at("2026-12-25T20:30"))
    assert not service.of("social").is_open(at("2026-12-25T08:30"))
    assert not service.of("obras").is_open(at("2026-12-25T09:30"))


def test_most_severe_notice_decides_the_hours() -> None:
    mild, grave = board_of(Measure(Kind.HOURS, "", "08:00-23:00")), board_of(CLOSED, id="2.1", severity=Severity.GRAVE)
    both = NoticeBoard(NoticeSet.of([*mild.known.notices, *grave.known.notices]))
    assert not OpeningHours.from_agency(AGENCY, board=both).is_open(at("2026-11-23T12:00"))
    assert OpeningHours.from_agency(AGENCY, board=mild).is_open(at("2026-11-23T22:00"))


def test_drill_changes_nothing() -> None:
    board = NoticeBoard(NoticeSet.of([public_notice(measures=(CLOSED, Measure(Kind.CALL_BACK)), drill=True)]))
    now = datetime.now(UTC)
    assert (board.effects.calls_back, changed_opening(AGENCY, board, now)) == (False, "")
    assert open_now(AGENCY, now, board) == open_now(AGENCY, now)


def test_answer_about_the_hours_gives_those_of_the_crisis() -> None:
    board = NoticeBoard(NoticeSet.of([public_notice(measures=(CLOSED,))]))
    opening = changed_opening(AGENCY, board, datetime.now(UTC))
    assert opening.startswith("Cerrado")
    usual = ("Abierto, cierra a las 14:00",)
    inserter = NoticeInserter(AGENCY, board, opening=lambda: opening, usual_openings=lambda: usual)
    for before, after in (
        ("**Abierto, cierra a las 14:00.**\n\nAtendemos así.", f"**{opening}.**\n\nAtendemos así."),
        ("Sobre x:\n\n**Abierto, cierra a las 14:00.**\n\nAsí.", f"Sobre x:\n\n**{opening}.**\n\nAsí."),
        ("Sobre x:\n\nAtendemos así.", f"**{opening}.**\n\nSobre x:\n\nAtendemos así."),
    ):
        (said,) = inserter.current(Turn((Reply(before, provenance=proof(AGENCY.hours_entry)),))).replies
        assert said.text == after


@pytest.mark.parametrize("follows", [False, True])
@pytest.mark.parametrize("also", [None, "poda"])
def test_answer_of_the_action_server_never_has_two_openings(follows: bool, also: str | None) -> None:
    now = datetime.now(UTC)
    board = NoticeBoard(NoticeSet.of([public_notice(measures=(CLOSED,))]))
    hours = replace(BASE, id=AGENCY.hours_entry, body="Atendemos así.")
    other = replace(BASE, id=also) if also else None
    decision = FaqDecision("answer", entry=hours, also=other, follows=follows)
    made = FaqReplies(AGENCY, lambda: now).for_decision(decision, now.date())
    replies = tuple(Reply(one.text, provenance=one.provenance) for one in made)
    usual, opening = open_now(AGENCY, now).words, changed_opening(AGENCY, board, now)
    assert f"**{usual}.**" in replies[0].text
    inserter = NoticeInserter(AGENCY, board, None, lambda: opening, lambda: usual_openings(AGENCY, now))
    text = inserter.current(Turn(replies)).replies[0].text
    first = text.split("\n\n")[0]
    assert (text.count(opening), first == f"**{opening}.**") == (1, not follows and not also)
    assert usual == opening or usual not in text
    assert "Atendemos así." in text


def proof(entry: str) -> Provenance:
    return Provenance(entry, "v1", "Rosa", "2026-11-01", 0.99)


class CallbackStub:
    """Replaces the call-back dialogue: asks for a call-back in one sentence."""

    def begun(self, team: str) -> Decision:
        return Decision((Reply(f"¿Te llama {team}?"),), Change(form=team))


async def place(_handoff: Handoff, _now: datetime, _language: str = "") -> Reply:
    return Reply("lugar {posicion}")


@pytest.mark.parametrize(
    ("handoff", "last", "form"),
    [
        (Handoff(HandoffReason.ASKED_HUMAN, team="obras"), "¿Te llama obras?", "obras"),
        (Handoff(HandoffReason.ASKED_HUMAN, team="nadie"), "¿Te llama atencion?", "atencion"),
        (Handoff(HandoffReason.PRIVACY_REQUEST, team="obras"), "lugar {posicion}", None),
        (Handoff(HandoffReason.ASSISTANT_ERROR, Priority.HIGH, "obras"), "lugar {posicion}", None),
    ],
)
async def test_call_back_takes_the_place_of_the_queue_only_for_usual_requests(
    handoff: Handoff, last: str, form: str | None
) -> None:
    board = NoticeBoard(NoticeSet.of([public_notice(measures=(Measure(Kind.CALL_BACK),))]))
    entering = Finishing(AGENCY, place, DangerNotices(AGENCY), NoticeInserter(AGENCY, board), CallbackStub())  # type: ignore[arg-type]
    decision = await entering.finished(Turn(handoff=handoff))
    assert (decision.replies[-1].text, decision.change.form) == (last, form)
    assert decision.handoff is not None and decision.handoff.team in AGENCY.teams


async def test_group_gets_its_place_instead_of_the_offer_of_a_call_back() -> None:
    board = NoticeBoard(NoticeSet.of([public_notice(measures=(Measure(Kind.CALL_BACK),))]))
    entering = Finishing(AGENCY, place, DangerNotices(AGENCY), NoticeInserter(AGENCY, board), CallbackStub())  # type: ignore[arg-type]
    said = CitizenMessage("c1", Channel.TELEGRAM, "m1", "una persona", at=1, shared=True)
    decision = await entering.finished(Turn(handoff=Handoff(HandoffReason.ASKED_HUMAN, team="obras")), said)
    assert (decision.replies[-1].text, decision.change.form) == ("lugar {posicion}", None)


def test_withdrawn_and_changed_answers_lose_their_proof_and_others_stay() -> None:
    measures = (Measure(Kind.WITHDRAWN, "bache"), Measure(Kind.CHANGED, "poda", "Hoy no."))
    inserter = NoticeInserter(AGENCY, NoticeBoard(NoticeSet.of([public_notice(measures=measures)])))
    replies = tuple(Reply(f"de siempre {one}", provenance=proof(one)) for one in ("bache", "poda", "tne"))
    said = inserter.current(Turn(replies)).replies
    assert [one.text for one in said] == [AGENCY.say("respuesta_retirada"), "Hoy no.", "de siempre tne"]
    assert [bool(one.provenance) for one in said] == [False, False, True]


@pytest.mark.parametrize(
    "notice", [public_notice(measures=(Measure(Kind.WITHDRAWN, "bache"),)), public_notice(entries=("bache",))]
)
def test_withheld_answer_is_not_quoted_either(notice: PublicNotice) -> None:
    inserter = NoticeInserter(AGENCY, NoticeBoard(NoticeSet.of([notice])))
    button, offered = Button("¿Un hoyo?", "/choose_entry"), (Candidate("bache", "¿Un hoyo?", 0.5),)
    quoting = Reply("Eso dice arriba: «Avisa aquí.»", quotes=("bache",))
    described = Reply("- ¿Un hoyo? Avisa aquí.", (button,), offered=offered, quotes=("bache", "poda"))
    other = Reply("Eso dice arriba: «Se poda.»", quotes=("poda",))
    first, offer, last = inserter.current(Turn((quoting, described, other))).replies
    assert (first.notice or first.text) == (notice.id if notice.entries else AGENCY.say("respuesta_retirada"))
    assert (offer.text, offer.buttons, offer.offered) == (AGENCY.say("duda_otra_vez"), (button,), offered)
    assert last == other


@pytest.mark.parametrize("grave", [Measure(Kind.CHANGED, "poda", "Hoy no."), Measure(Kind.WITHDRAWN, "poda")])
def test_of_two_notices_about_an_answer_the_more_severe_counts(grave: Measure) -> None:
    both = {Measure(Kind.CHANGED, "poda", "Hoy no."), Measure(Kind.WITHDRAWN, "poda")}
    (mild,) = both - {grave}
    severe = public_notice("2.1", severity=Severity.GRAVE, measures=(grave,))
    board = NoticeBoard(NoticeSet.of([public_notice(measures=(mild,)), severe]))
    assert board.effects.answers == {"poda": grave.value}


def test_notice_in_place_of_an_answer_prevails_over_its_withdrawal() -> None:
    notice = public_notice(measures=(Measure(Kind.WITHDRAWN, "poda"),), entries=("poda",))
    inserter = NoticeInserter(AGENCY, NoticeBoard(NoticeSet.of([notice])))
    said = inserter.current(Turn((Reply("Se poda siempre.", provenance=proof("poda")),))).replies
    message = CitizenMessage("c1", Channel.WEB, "m1", "¿podan?", at=0)
    (told,) = inserter.first(Decision(said), message, state_from({}, notices_off=False)).replies
    assert told.notice == notice.id


def test_packs_name_teams_and_entries_that_exist_and_say_what_they_change() -> None:
    entries = {path.stem for path in (ROOT / "data" / "faq").rglob("*.md")}
    words = MeasureWords(AGENCY)
    for name, pack in packs(ROOT / "data").items():
        measures = pack.measures()
        assert measures == known_measures(measures, AGENCY.teams, entries), name
        assert len({one.key for one in measures}) == len(measures) >= 3
        told = [words.of(one) for one in measures]
        assert not [one for one in told if "{" in one or one.startswith("avisos.")]
        assert all(words.of(one, drill=True).startswith("PRUEBA · ") for one in measures)


def test_changed_new_and_removed_packs_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "crisis").mkdir()
    file = tmp_path / "crisis" / "a.yml"

    def titles() -> dict[str, str]:
        return {name: one.titulo for name, one in packs(tmp_path).items()}

    for number, title in enumerate(("Uno", "Dos"), 1):
        file.write_text(f"titulo: {title}\naviso: Y\n", encoding="utf-8")
        os.utime(file, (number, number))
        assert titles() == {"a": title}
    file.with_name("b.yml").write_text("titulo: Tres\naviso: Y\n", encoding="utf-8")
    assert titles() == {"a": "Dos", "b": "Tres"}
    file.unlink()
    assert titles() == {"b": "Tres"}


def test_check_advises_about_names_that_do_not_exist_and_refuses_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "crisis").mkdir()
    text = "titulo: X\naviso: Y\nreemplaza: [otra]\nmedidas: {retira: [poda, nada], fila: {saturada: 'A las [hora]'}}\n"
    (tmp_path / "crisis" / "a.yml").write_text(text, encoding="utf-8")
    (tmp_path / "crisis" / "b.yml").write_text("titulo: X\n", encoding="utf-8")
    problems = pack_problems(tmp_path, AGENCY.teams, {"poda"})
    assert [(one.file[-5:], one.field, one.severity.value) for one in problems] == [
        ("a.yml", "medidas", "consejo"),
        ("a.yml", "medidas", "consejo"),
        ("a.yml", "reemplaza", "consejo"),
        ("b.yml", "", "error"),
    ]
    assert (
        pack_problems(ROOT / "data", AGENCY.teams, {path.stem for path in (ROOT / "data" / "faq").rglob("*.md")}) == []
    )


def test_check_does_not_report_the_demos_teams_and_entries_to_a_new_agency() -> None:
    own = ({"clinica"}, {"horario", "contacto"})
    assert len(pack_problems(ROOT / "data", *own)) > 10
    assert pack_problems(ROOT / "data", *own, demo_names(ROOT)) == []


@pytest.mark.parametrize(
    "written",
    [{"certeza": 30}, {"horario": {"todas": ["tarde"]}}, {"primero": {"palabras": ["a, b"]}}, {"nada": 1}],
)
def test_pack_with_an_invalid_measure_is_refused(written: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MeasuresFile.model_validate(written)


def test_unknown_teams_and_entries_are_left_out() -> None:
    written = MeasuresFile.model_validate({"horario": {"nadie": [], "todas": []}, "retira": ["poda", "otra"]})
    assert known_measures(written.read(), {"obras"}, {"poda"}) == (CLOSED, Measure(Kind.WITHDRAWN, "poda"))


def test_approved_measure_prevails_over_the_file() -> None:
    approved, file = Measure(Kind.OVERLOAD, value="Aprobado."), Measure(Kind.OVERLOAD, value="Del archivo.")
    assert all_of((approved,), (file, CLOSED)) == (approved, CLOSED)


def test_measures_travel_in_the_set_and_change_its_version() -> None:
    with_measures = NoticeSet.of([public_notice(measures=(CLOSED, LATE), signed_at=1)])
    without = NoticeSet.of([replace(with_measures.notices[0], measures=())])
    assert NoticeSet.from_json(with_measures.to_json()) == with_measures
    assert with_measures.version != without.version
