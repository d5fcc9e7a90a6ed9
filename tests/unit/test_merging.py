"""Tests how two people's changes of one draft are compared and merged."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.desk.editing.comparing.merging import Chosen, Part, Take, differing, merged, regions
from bot.desk.editing.form import Form
from bot.faq.entries.phrases import Phrase

BASE = Form(
    {"id": "bache", "pregunta": "¿Un hoyo?", "vence": ""},
    ("hay un hoyo", "la calle se rompió"),
    (Phrase("se hundió", "Ana"),),
    "Escríbenos.\n\n**Plazo:** 5 días.\n\nGracias.",
    {"segmento": ("adulto-mayor",)},
)
LINES = st.lists(st.sampled_from("abcde"), max_size=8)


def test_change_by_one_person_needs_no_choice() -> None:
    mine = replace(BASE, answer=BASE.answer.replace("5 días", "3 días"))
    theirs = replace(BASE, fields=BASE.fields | {"vence": "2027-01-31"}, answer=f"{BASE.answer}\n\nY una foto.")
    parts = differing(BASE, mine, theirs)
    assert [(one.name, one.usual) for one in parts] == [
        ("vence", Take.THEIRS),
        ("respuesta", Take.MINE),
        ("respuesta", Take.THEIRS),
    ]
    joined = merged(BASE, mine, theirs, {})
    assert joined.answer == "Escríbenos.\n\n**Plazo:** 3 días.\n\nGracias.\n\nY una foto."
    assert joined.fields["vence"] == "2027-01-31"


def test_change_by_both_people_needs_a_choice() -> None:
    mine = replace(BASE, answer=BASE.answer.replace("5 días", "3 días"))
    theirs = replace(BASE, answer=BASE.answer.replace("5 días", "8 días"))
    (part,) = differing(BASE, mine, theirs)
    assert part == Part(part.key, "**Plazo:** 5 días.", "**Plazo:** 3 días.", "**Plazo:** 8 días.")
    assert part.usual is None
    for chosen, written in (
        (Chosen(Take.MINE), "**Plazo:** 3 días."),
        (Chosen(Take.THEIRS), "**Plazo:** 8 días."),
        (Chosen(Take.BOTH), "**Plazo:** 8 días.\n\n**Plazo:** 3 días."),
        (Chosen(Take.MINE, " De 3 a 8 días. "), "De 3 a 8 días."),
        (Chosen(), "**Plazo:** 3 días."),
    ):
        assert merged(BASE, mine, theirs, {part.key: chosen}).answer == f"Escríbenos.\n\n{written}\n\nGracias."


def test_part_for_which_nothing_is_written_is_gone() -> None:
    fields = {name: BASE.fields | {"vence": f"2027-0{day}-31"} for day, name in ((1, "mine"), (3, "theirs"))}
    mine = replace(BASE, fields=fields["mine"], answer=BASE.answer.replace("5 días", "3 días"))
    theirs = replace(BASE, fields=fields["theirs"], answer=BASE.answer.replace("5 días", "8 días"))
    choices = {part.key: Chosen(text=" ") for part in differing(BASE, mine, theirs)}
    joined = merged(BASE, mine, theirs, choices)
    assert (joined.answer, joined.fields["vence"]) == ("Escríbenos.\n\nGracias.", "")


def test_paragraph_that_one_editor_removed_is_gone() -> None:
    mine = replace(BASE, answer="Escríbenos.\n\nGracias.")
    assert merged(BASE, mine, BASE, {}).answer == mine.answer


def test_utterances_are_united_without_a_choice() -> None:
    mine = replace(BASE, variants=("hay un hoyo", "ai un oyo"), phrases=(*BASE.phrases, Phrase("un cráter", "Eva")))
    theirs = replace(BASE, variants=(*BASE.variants, "bache"), phrases=())
    joined = merged(BASE, mine, theirs, {})
    assert joined.variants == ("hay un hoyo", "bache", "ai un oyo")
    assert joined.phrases == (Phrase("un cráter", "Eva"),)
    assert differing(BASE, mine, theirs) == []


def test_counterexamples_are_united_without_a_choice() -> None:
    first, added, other = (
        Phrase(text, counterexample=True) for text in ("ya pagué", "me cobraron dos veces", "vencido")
    )
    base = replace(BASE, counterexamples=(first,))
    mine, theirs = replace(base, counterexamples=(first, added)), replace(base, counterexamples=(other,))
    joined = merged(base, mine, theirs, {})
    assert (joined.counterexamples, joined.phrases) == ((other, added), BASE.phrases)
    assert differing(base, mine, theirs) == []


def test_audience_is_taken_as_a_whole() -> None:
    mine = replace(BASE, audience={})
    assert merged(BASE, mine, BASE, {}).audience == {}
    both = replace(BASE, audience={"canal": ("web",)})
    assert merged(BASE, mine, both, {"audiencia": Chosen(Take.THEIRS)}).audience == {"canal": ("web",)}


def test_id_never_changes() -> None:
    assert merged(BASE, replace(BASE, fields=BASE.fields | {"id": "otro"}), BASE, {}).fields["id"] == "bache"


@given(LINES, LINES, LINES)
def test_regions_lose_nothing(base: list[str], mine: list[str], theirs: list[str]) -> None:
    found = list(regions(base, mine, theirs))
    assert [[line for one in found for line in one[place]] for place in range(3)] == [base, mine, theirs]


@given(LINES, LINES)
def test_change_of_one_alone_is_taken_whole(base: list[str], changed: list[str]) -> None:
    before, after = (replace(BASE, answer="\n\n".join(lines)) for lines in (base, changed))
    assert merged(before, after, before, {}).answer == after.answer
    assert merged(before, before, after, {}).answer == after.answer
