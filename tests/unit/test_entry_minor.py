"""Tests which changes of an entry are minor corrections, which go live before a second person has read them."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.desk.editing.minor import FACTS, Fact, is_minor
from bot.desk.editing.text import EntryText
from tests.faq_files import ROOT, written
from tests.rows import each_row

FILE = written("bache", "¿Cómo aviso de un hoyo?", ["hay un hoyo"], extra="vence: 2027-03-31\n")
NUMBER = st.integers(1, 99999).map(str)
DAY, MONTH = st.integers(1, 28), st.sampled_from(["enero", "marzo", "agosto", "diciembre"])
WORDS = st.lists(st.sampled_from(["Tránsito", "no", "gratis", "atiende", "siempre", "en", "la", "oficina"]), min_size=1)
FACTS_OF = {
    Fact.PHONE: st.one_of(
        st.integers(2000_0000, 9999_9999).map(lambda n: f"+56 9 {n // 10000} {n % 10000:04d}"),
        st.integers(200_000, 999_999).map(lambda n: f"600 {n // 1000} {n % 1000:03d}"),
    ),
    Fact.HOUR: st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]}:{at[1]:02d}"),
    Fact.DATE: st.one_of(
        st.tuples(DAY, MONTH).map(lambda one: f"{one[0]} de {one[1]}"),
        st.tuples(DAY, st.integers(1, 12)).map(lambda one: f"{one[0]:02d}-{one[1]:02d}-2027"),
    ),
    Fact.AMOUNT: st.one_of(
        st.integers(1, 999_999).map(lambda n: f"${n:,}".replace(",", ".")), st.integers(1, 99).map(lambda n: f"{n} UTM")
    ),
    Fact.LINK: st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9).map(
        "https://www.losaromos.example/{}".format
    ),
    Fact.ADDRESS: st.tuples(st.sampled_from(["Los Pinos", "El Boldo", "Arturo Prat"]), st.integers(1, 9999)).map(
        lambda one: f"Calle {one[0]} {one[1]}"
    ),
}


def text(answer: str, file: str = FILE) -> EntryText:
    return EntryText(f"{file.partition('Respuesta sobre')[0]}{answer}\n")


@st.composite
def sentences(draw: st.DrawFn) -> tuple[Fact, str, str, str, str]:
    """Draws a kind of fact, two facts of it, and the words around them."""
    fact = draw(st.sampled_from(list(FACTS_OF)))
    return fact, draw(FACTS_OF[fact]), draw(FACTS_OF[fact]), " ".join(draw(WORDS)), " ".join(draw(WORDS))


@settings(max_examples=60)
@given(sentences())
def test_another_fact_of_the_same_kind_is_minor(drawn: tuple[Fact, str, str, str, str]) -> None:
    _, old, new, before, after = drawn
    assume(old != new)
    assert is_minor(text(f"{before} **{old}** {after}."), text(f"{before} **{new}** {after}."))


@settings(max_examples=60)
@given(sentences(), sentences())
def test_fact_of_another_kind_or_no_fact_is_not_minor(one: tuple[Fact, ...], other: tuple[Fact, ...]) -> None:
    assert not is_minor(text(f"{one[3]} {one[1]}."), text(f"{one[3]}."))
    assume(one[0] is not other[0])
    assert not is_minor(text(f"{one[3]} {one[1]}."), text(f"{one[3]} {other[1]}."))


@settings(max_examples=60)
@given(sentences(), WORDS, WORDS)
def test_other_words_are_not_minor(drawn: tuple[Fact, str, str, str, str], words: list[str], others: list[str]) -> None:
    _, old, new, _, _ = drawn
    assume(words != others)
    assert not is_minor(text(f"{' '.join(words)}, {old}."), text(f"{' '.join(others)}, {new}."))


@settings(max_examples=60)
@given(sentences(), st.data())
def test_every_other_character_counts(drawn: tuple[Fact, str, str, str, str], data: st.DataObject) -> None:
    """Checks that a letter inserted anywhere outside the facts is not minor, whatever its neighbours."""
    _, old, _, before, after = drawn
    whole = f"{before} {old} {after}."
    spans = [found.span() for found in FACTS.finditer(whole)]
    place = data.draw(st.integers(0, len(whole)))
    assume(all(not start <= place <= end for start, end in spans))
    assert not is_minor(text(whole), text(f"{whole[:place]}x{whole[place:]}"))


@each_row(
    ("old", "new"),
    [
        ("lunes a jueves 8:30-14:00", "lunes a jueves 9:00-13:30"),
        ("fono 2 2345 6789", "fono 2 2345 0000"),
        ("el **31 de marzo de 2027**", "el **30 de abril de 2027**"),
        ("Cuesta $12.500.", "Cuesta $13.000."),
        ("Cuesta 0,5 UTM.", "Cuesta 0,25 UTM."),
        ("[aquí](https://www.a.example/b?c=1)", "[aquí](https://www.a.example/d)"),
        ("oirs@losaromos.example", "consultas@losaromos.example"),
        ("[aquí](mailto:oirs@a.example)", "[aquí](mailto:consultas@a.example)"),
        ("a.example/b", "a.example/c@d:e"),
        ("[a.example/b](https://a.example/b)", "[a.example/c](https://a.example/c)"),
        ("en Av. Los Pinos 340", "en Pasaje El Boldo 12"),
    ],
)
def test_facts_as_editors_write_them_are_minor(old: str, new: str) -> None:
    assert is_minor(text(old), text(new)) and is_minor(text(new), text(old))


@each_row(
    ("old", "new"),
    [
        ("Puedes pagar en 2 cuotas.", "Puedes pagar en 3 cuotas."),
        ("Cuesta $12.500.", "Es gratis."),
        ("Cuesta $12.500.", "Cuesta 12 UTM, más $500."),
        ("lunes a jueves", "lunes a viernes"),
        ("No se paga.", "Se paga."),
        ("[aquí](https://www.a.example/b)", "[aquí](https://www.b.example/b)"),
        ("[aquí](https://www.a.example/b)", "[allá](https://www.a.example/b)"),
        ("oirs@losaromos.example", "oirs@otra.example"),
        ("[a.example/b](https://a.example/b)", "[b.example/b](https://a.example/b)"),
        ("Paga en losaromos.example/pagar", "Paga en otra.example/x@losaromos.example"),
        ("Paga en https://a.example/b", "Paga en https://b.example/c@a.example"),
        ("[aquí](mailto:a@a.example)", "[aquí](mailto:x@otra.example?cc=a@a.example)"),
        ("[aquí](mailto:a@a.example)", "[aquí](mailto:a@a.example?bcc=x@otra.example)"),
        ("[aquí](mailto:a@a.example)", "[aquí](mailto:x@otra.example,a@a.example)"),
        ("[aquí](mailto:a@a.example)", "[aquí](tel:+56212345678)"),
        ("Llega al final.cuando puedas/quieras", "Llega al final.cuanto puedas/quieras"),
        ("descuento de 20 %", "descuento de 30 %"),
        ("mayores de 60 años", "mayores de 65 años"),
        ("ley 19.925", "ley 18.290"),
        ("hasta 1.50 metros", "hasta 1.80 metros"),
        ("las cuotas 2026-2027", "las cuotas 2027-2028"),
        ("la cuenta 123456789", "la cuenta 987654321"),
        ("en 10 días hábiles", "en 20 días hábiles"),
    ],
)
def test_change_of_a_duty_is_not_minor(old: str, new: str) -> None:
    assert not is_minor(text(old), text(new))


@pytest.mark.parametrize(
    ("old", "new", "minor"),
    [
        ("vence: 2027-03-31", "vence: 2028-03-31", True),
        ("revisado: 2026-11-01", "revisado: 2026-11-28", True),
        ("fuente: https://www.losaromos.example/bache", "fuente: https://www.losaromos.example/calles", True),
        ("fuente: https://www.losaromos.example/bache", "fuente: https://www.otra.example/bache", False),
        ("vence: 2027-03-31\n", "", False),
        ("responsable: OIRS", "responsable: Obras", False),
        ("equipo: atencion", "equipo: transito", False),
        ("  - hay un hoyo", "  - hay un bache", False),
        ("pregunta: ¿Cómo", "pregunta: ¿Dónde", False),
    ],
)
def test_of_the_data_only_dates_and_the_official_page_are_minor(old: str, new: str, minor: bool) -> None:
    assert is_minor(text("Hola."), text("Hola.", FILE.replace(old, new))) is minor


def test_same_text_other_phrases_and_unreadable_files_are_not_minor() -> None:
    same = text("El 31 de marzo.")
    assert not is_minor(same, same)
    assert not is_minor(same, EntryText(text("El 30 de marzo.").content, "un hoyo\n"))
    assert not is_minor(same, EntryText(text("El 30 de marzo.").content, "no responde: un hoyo\n"))
    assert not is_minor(same, EntryText("no es un archivo"))


def test_every_answer_of_the_demo_town_keeps_its_words_outside_facts() -> None:
    """Checks that a changed first word of each answer is detected, with 40 entries of the demo."""
    for path in sorted((ROOT / "data" / "faq").rglob("*.md"))[:40]:
        content = path.read_text(encoding="utf-8")
        body = content.index("\n---\n", 4) + 5
        first = content[body:].split(" ", 1)[0]
        if FACTS.match(first):
            continue
        changed = content[:body] + "X" + content[body:]
        assert not is_minor(EntryText(content), EntryText(changed)), path
