"""Tests that converting a file to a form and back gives the same file, and that an edit changes only its lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from bot.desk.editing.form import Form, NotAForm, form_of, with_form
from bot.desk.editing.text import EntryText, text_on_disk
from bot.desk.pages.entries.acting import confirmed
from bot.desk.pages.entries.expiry import NoDate
from bot.desk.pages.entries.posted import Writer, posted
from bot.faq.entries.canonical import canonical
from bot.faq.entries.folder import load_files
from bot.faq.entries.phrases import Phrase, clean
from bot.faq.entries.schema import date_names, field_order
from bot.faq.entries.writing import written
from bot.text.normalize import plain
from tests.conftest import ROOT
from tests.rows import each_row

BY_HAND = """---
# Lo pidió la directora
id: bache
pregunta: '¿Cómo aviso de un "hoyo"?'
equipo:   transito   # los de Tránsito

variantes:   # como lo dice la gente
  - hay un hoyo
  # con faltas
  - "ai un oyo: grande"
  - >-
    se rompió
    la calle
tema: calle
fuente: https://www.losaromos.example/baches
responsable: Dirección de Tránsito
revisado: 2026-11-01
audiencia: {segmento: [adulto-mayor, estudiante]}
vence:
---

Escríbenos.

---
Con la dirección.
"""
PHRASES = "# de la bandeja\nse hundió  # Ana\n\n- la calle se abrió\n"
MIXED = (
    "no responde: quién paga mi rueda  # Eva\nse hundió  # Ana\n\n- No  responde : ya lo avisé\n- la calle se abrió\n"
)
FLOW = BY_HAND.replace(
    "variantes:   # como lo dice la gente\n  - hay un hoyo\n", "variantes: [hay un hoyo, un evento]\n"
)
FLOW = FLOW.replace('  # con faltas\n  - "ai un oyo: grande"\n  - >-\n    se rompió\n    la calle\n', "")
ENTRIES = sorted(path.relative_to(ROOT / "data" / "faq").as_posix() for path in (ROOT / "data" / "faq").rglob("*.md"))
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=30)
LINE = st.one_of(WORDS, st.sampled_from(["- a: b", "¿Qué?", "#uno", "'x", '"', "null", "2026-11-01", "---", "a # b"]))
VALUE = LINE.map(lambda text: " ".join(text.split()))
FILLED = VALUE.filter(bool)
DAY = st.dates().map(str)
BODY = st.lists(LINE, min_size=1, max_size=5).map("\n".join)
FIELDS = st.fixed_dictionaries(
    {
        name: DAY if name in date_names() else FILLED
        for name in field_order()
        if name not in {"variantes", "audiencia", "id"}
    }
).map(lambda fields: {"id": "bache", **fields})
VARIANTS = st.lists(FILLED, min_size=1, max_size=5).map(tuple)
FURTHER = st.lists(WORDS.map(clean).filter(lambda one: bool(one.strip())), max_size=4)
AUDIENCE = st.sampled_from([{}, {"comuna": ("los-aromos",)}, {"segmento": ("a", "b"), "canal": ("web",)}])


def told(form: Form) -> tuple[object, ...]:
    phrases = [(one.text, one.comment) for one in form.phrases]
    denied = [(one.text, one.comment) for one in form.counterexamples]
    return dict(form.fields), form.variants, phrases, denied, form.answer, dict(form.audience)


@pytest.mark.parametrize("phrases", [PHRASES, MIXED], ids=["phrases", "mixed"])
@pytest.mark.parametrize("content", [BY_HAND, FLOW], ids=["block", "flow"])
def test_unchanged_form_of_a_file_by_hand_is_the_same_file(content: str, phrases: str) -> None:
    text = EntryText(content, phrases)
    assert with_form(text, form_of(text)) == text


@each_row("name", ENTRIES)
def test_unchanged_form_of_a_shipped_entry_is_the_same_file(name: str) -> None:
    text = text_on_disk(ROOT / "data" / "faq", name)
    assert text is not None
    assert with_form(text, form_of(text)) == text


@given(FIELDS, VARIANTS, FURTHER, BODY)
def test_unchanged_form_of_any_file_is_the_same_file(
    fields: dict[str, str], variants: tuple[str, ...], further: list[str], body: str
) -> None:
    content = canonical(written({**fields, "variantes": variants}, body).encode()).decode()
    text = EntryText(content, "".join(f"{one}\n" for one in further))
    form = form_of(text)
    assert with_form(text, form) == text
    assert (form.fields["pregunta"], form.variants) == (fields["pregunta"], variants)


@given(
    st.sampled_from([BY_HAND, FLOW]),
    st.sampled_from([PHRASES, MIXED]),
    FIELDS,
    st.sets(st.sampled_from([name for name in field_order() if name not in {"variantes", "audiencia", "id"}])),
    VARIANTS,
    FURTHER,
    FURTHER,
    BODY,
    AUDIENCE,
)
def test_any_change_of_the_form_is_read_back(
    content: str,
    phrases: str,
    fields: dict[str, str],
    changed: set[str],
    variants: tuple[str, ...],
    further: list[str],
    denied: list[str],
    body: str,
    audience: dict[str, tuple[str, ...]],
) -> None:
    text = EntryText(content, phrases)
    before = form_of(text)
    form = Form(
        fields={**before.fields, **{name: fields[name] for name in changed}},
        variants=(*before.variants[:1], *variants, *before.variants[1:]),
        phrases=(*before.phrases[:1], *(Phrase(one) for one in further)),
        answer=body.strip(),
        audience=audience,
        counterexamples=(*(Phrase(one, "Eva", counterexample=True) for one in denied), *before.counterexamples[1:]),
    )
    after = with_form(text, form)
    assert told(form_of(after)) == told(form)
    assert with_form(after, form) == after
    kept = {"# Lo pidió la directora"} if content == BY_HAND else set()
    assert kept <= set(after.content.splitlines())


def through_the_page(form: Form) -> Form:
    """Returns the form after a browser has sent it back unchanged."""
    pairs = [(f"campo-{name}", value) for name, value in form.fields.items() if name != "id"]
    pairs += [("respuesta", form.answer), ("variantes", "\n".join(form.variants)), ("audiencia-mostrada", "1")]
    pairs += [("frases", "\n".join(one.text for one in form.phrases))]
    pairs += [("no_responde", "\n".join(one.text for one in form.counterexamples))]
    pairs += [("audiencia", f"{name}={value}") for name, values in form.audience.items() for value in values]
    sent = FormData([(name, value.replace("\n", "\r\n")) for name, value in pairs])
    return posted(sent, form, Writer("Ana", date(2026, 11, 27)))


@pytest.mark.parametrize("phrases", [PHRASES, MIXED], ids=["phrases", "mixed"])
@pytest.mark.parametrize("content", [BY_HAND, FLOW], ids=["block", "flow"])
def test_form_through_the_page_is_the_same_file_by_hand(content: str, phrases: str) -> None:
    text = EntryText(content, phrases)
    assert with_form(text, through_the_page(form_of(text))) == text


@given(FIELDS, VARIANTS, FURTHER, BODY)
def test_form_through_the_page_is_the_same_file(
    fields: dict[str, str], variants: tuple[str, ...], further: list[str], body: str
) -> None:
    content = canonical(written({**fields, "variantes": variants}, body).encode()).decode()
    text = EntryText(content, "".join(f"{one}  # nota {number}\n" for number, one in enumerate((*further, *further))))
    assert with_form(text, through_the_page(form_of(text))) == text


def test_new_phrases_name_who_added_them_and_known_ones_keep_their_comment() -> None:
    form = form_of(EntryText(BY_HAND, PHRASES))
    sent = FormData([("frases", "se hundió\r\n - una nueva \r\n\r\n")])
    fresh = posted(sent, form, Writer("Ana", date(2026, 11, 27))).phrases
    assert [one.written for one in fresh] == ["se hundió  # Ana", "una nueva  # Ana, desde la página, 2026-11-27"]


def test_proposal_that_a_line_or_the_question_has_in_other_letters_is_not_added_again() -> None:
    form = form_of(EntryText(BY_HAND, PHRASES))
    lines = [("variantes", "Hay un hoyo"), ("frases", "Se hundió"), ("campo-pregunta", "¿Qué hago?")]
    ticked = ["hay un HOYO", "se hundio", "que hago", "hay un socavón", "hay un socavon"]
    sent = FormData([*lines, *(("propuesta", text) for text in ticked)])
    fresh = posted(sent, form, Writer("Ana", date(2026, 11, 27))).phrases
    assert [plain(one.text) for one in fresh] == ["se hundio", "hay un socavon"]


def through(phrases: str, **fields: str) -> str:
    """Returns the phrases file after a browser has posted ``fields``."""
    text = EntryText(BY_HAND, phrases)
    sent = FormData({name: value.replace("\n", "\r\n") for name, value in fields.items()})
    return with_form(text, posted(sent, form_of(text), Writer("Ana", date(2026, 11, 27)))).phrases


def test_counterexample_is_no_utterance_and_a_page_without_its_field_loses_none() -> None:
    form = form_of(EntryText(BY_HAND, MIXED))
    assert [one.text for one in form.phrases] == ["se hundió", "la calle se abrió"]
    assert [one.text for one in form.counterexamples] == ["quién paga mi rueda", "ya lo avisé"]
    assert through(MIXED, respuesta="Otra") == MIXED
    lines = MIXED.splitlines(keepends=True)
    assert through(MIXED, frases="se hundió\nnueva") == "".join(lines[:3]) + (
        "nueva  # Ana, desde la página, 2026-11-27\n" + lines[3]
    )


def test_new_counterexample_follows_the_others_and_names_who_added_it() -> None:
    after = through(MIXED, no_responde="quién paga mi rueda\n- no responde: cuánto demora\nya lo avisé")
    line = "no responde: cuánto demora  # Ana, desde la página, 2026-11-27\n"
    assert after == MIXED.replace("se hundió  # Ana\n", f"{line}se hundió  # Ana\n")
    assert through(MIXED, no_responde="") == "se hundió  # Ana\n\n- la calle se abrió\n"


def test_confirmed_suggestions_become_counterexamples_as_if_the_editor_had_written_them() -> None:
    pairs = [("sugerida", "cuánto demora"), ("sugerida", "quién responde"), ("sugerida", "quién paga mi rueda")]
    text, writer = EntryText(BY_HAND, MIXED), Writer("Ana", date(2026, 11, 27))
    before = [one.written for one in form_of(text).counterexamples]

    def added(*ticked: tuple[str, str]) -> list[str]:
        after = posted(FormData([*pairs, *ticked]), form_of(text), writer)
        return [one.written for one in form_of(with_form(text, after)).counterexamples if one.written not in before]

    assert added() == []
    one = "no responde: quién responde  # Ana, desde la página, 2026-11-27"
    assert added(("no_lo_dice", "quién responde")) == [one]
    every = ["no responde: cuánto demora  # Ana, desde la página, 2026-11-27", one]
    assert (
        added(("no_lo_dice_todas", "1")) == added(("no_lo_dice_todas", "1"), ("no_lo_dice", "quién responde")) == every
    )


def test_counterexample_pasted_among_the_phrases_is_one_and_stays_one_at_the_next_save() -> None:
    pasted = {"frases": "se hundió\n- No responde: ya lo avisé", "no_responde": ""}
    once = through("se hundió\n", **pasted)
    assert once == "se hundió\nno responde: ya lo avisé  # Ana, desde la página, 2026-11-27\n"
    assert through(once, **pasted) == once
    assert through(once, frases=pasted["frases"]) == once


def test_counterexample_written_among_the_variants_is_no_variant() -> None:
    sent = FormData([("variantes", "un hoyo\r\n- No responde: ya pagué\r\nno responde: ya pagué"), ("frases", "")])
    after = posted(sent, form_of(EntryText(BY_HAND, "")), Writer("Ana", date(2026, 11, 27)))
    assert (after.variants, [one.text for one in after.counterexamples]) == (("un hoyo",), ["ya pagué"])


def test_change_of_one_field_changes_one_line() -> None:
    text = EntryText(BY_HAND, PHRASES)
    form = form_of(text)
    after = with_form(text, replace(form, fields={**form.fields, "vence": "2027-03-31"}))
    assert after.content == BY_HAND.replace("vence:\n", "vence: 2027-03-31\n")
    one = with_form(text, replace(form, variants=(*form.variants, "otra")))
    assert one.content == BY_HAND.replace("    la calle\n", "    la calle\n  - otra\n")
    none = with_form(text, replace(form, audience={}))
    assert none.content == BY_HAND.replace("audiencia: {segmento: [adulto-mayor, estudiante]}\n", "")


def test_file_of_a_form_is_an_entry_without_problems(tmp_path: Path) -> None:
    text = EntryText(BY_HAND, PHRASES)
    form = form_of(text)
    fields = {**form.fields, "vence": "2099-03-31", "equipo": "obras", "fuente_nombre": "La muni: baches"}
    after = with_form(text, replace(form, fields=fields))
    folder = load_files(after.files("calle/bache.md"), {"obras": "Obras"})
    assert [problem.message for problem in folder.problems] == []
    assert (folder.entries[0].team, folder.entries[0].source.title) == ("obras", "La muni: baches")


@pytest.mark.parametrize("content", ["", "hola", "---\nid bache\n---\nx\n", "---\nid: a\nsin cierre\n"])
def test_unreadable_file_has_no_form(content: str) -> None:
    with pytest.raises(NotAForm):
        form_of(EntryText(content))


def test_confirmed_entry_has_the_date_of_today_and_expires_later() -> None:
    text = EntryText(BY_HAND.replace("vence:", "vence: 2026-12-01"), PHRASES)
    fields = form_of(confirmed(text, date(2026, 11, 28), "2027-12-01")).fields
    assert (fields["revisado"], fields["vence"]) == ("2026-11-28", "2027-12-01")
    for wrong in ("", "mañana", "2026-11-28"):
        with pytest.raises(NoDate):
            confirmed(text, date(2026, 11, 28), wrong)
