"""Tests homes without the word for a street, RUTs with a digit too few, and names beside an article or «rut»."""

from __future__ import annotations

import pytest

from bot.text.masking.identifiers import miswritten_ruts
from bot.text.masking.masking import masked
from tests.rows import each_row


@each_row(
    ("written", "shown"),
    [
        ("la dire es Manuel Montt 340 blok C depto 204, hay una fuga", "la dire es ••••, hay una fuga"),
        ("mi direc: Carlos Condell 89", "mi direc: ••••"),
        (
            "llegó una carta a Ramón Barros Luco 6120 dirigida a otra persona",
            "llegó una carta a •••• dirigida a otra persona",
        ),
        (
            "no llega la cuenta del aseo a Vieja Imperial 4410; la mandan lejos",
            "no llega la cuenta del aseo a ••••; la mandan lejos",
        ),
        ("¿qué dirección es esa? la mía es Pedro Montt 2231 y no sé", "¿qué dirección es esa? la mía es •••• y no sé"),
        ("la boleta la mandan a Ricardo Cumming 1022", "la boleta la mandan a ••••"),
        ("la boleta del agua a Carlos Montebruno 77 no llega", "la boleta del agua a •••• no llega"),
        ("vean a mi mamá, Galvarino 716, está sola", "vean a mi mamá, ••••, está sola"),
        ("dirección: Orompello 640 b", "dirección: ••••"),
        ("fuga de agua: Aníbal Zañartu 1218 esquina con la plaza", "fuga de agua: ••••"),
        ("Manuel Bulnes 2210: no pasó el camión de la basura", "••••: no pasó el camión de la basura"),
        ("hay un hoyo en la vereda por Independencia 845", "hay un hoyo en la vereda por ••••"),
        ("tocan música en las acacias 19 todos los sábados", "tocan música en •••• todos los sábados"),
        ("ruidos en los lingues 77-A y nadie viene", "ruidos en •••• y nadie viene"),
    ],
)
def test_street_without_its_word_is_masked_where_a_home_is_spoken_of(written: str, shown: str) -> None:
    assert masked(written) == shown


@each_row(
    "written",
    [
        "llamamos a Carabineros 133 por los ruidos del vecino",
        "llamé por el perro a Tenencia 133",
        "hay basura en la Ruta 5 Sur y los vecinos no pueden pasar",
        "la Plaza 21 de Mayo está llena de basura",
        "los vecinos piden la Línea 3",
        "Formulario 22 y domicilio",
        "la Población 11 de Septiembre sigue sin aseo",
        "la Escuela Lautaro 123 tiene perros",
        "talleres en la Casa del Mayor, Freire 233, para vecinos",
        "vivo en Arica, Ley 21442 de copropiedad",
        "el trámite de la Dirección de Obras, expediente 311/2024",
        "mi domicilio es ese. Parte N° 20871, citación pendiente",
        "vecinos, Bono Invierno 2300",
        "basura: Etapa 120",
        "le mandé a don Pedro los papeles, Ticket 45231",
        "domicilio comercial: Picarte 800 local 5",
        "mi vecino tiene una Yamaha FZ 250",
        "ruidos en los locales 10",
        "me llegaron las boletas en Excel 97",
        "me mandaron a Tesorería 3 veces por el aseo",
        "vivo en Ñuñoa, Decreto Supremo 594, ¿aplica?",
        "llegó la carta a la bandeja, Ordinario 2214",
        "gritos en los recreos 10",
    ],
)
def test_public_place_or_paper_with_a_number_is_left(written: str) -> None:
    assert masked(written).replace("don ••••", "don Pedro") == written


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("puse 20.338.91-4 en la página", "puse •••• en la página"),
        ("mi RUN es 12.776.045-4 y el de mi señora 13.215.88-3 creo", "mi RUN es •••• y el de mi señora •••• creo"),
        ("mi rut... ay no, 16.503.9448 o así", "mi rut... ay no, •••• o así"),
        ("su carnet 7845122 LP está vencido", "su carnet •••• está vencido"),
        ("el rol 20.338.91-4", "el rol 20.338.91-4"),
        ("la superficie es 16.503.9448", "la superficie es 16.503.9448"),
        ("la versión 1.234.56-7", "la versión 1.234.56-7"),
        ("al 22 345 6700 de ustedes no contestan", "al 22 345 6700 de ustedes no contestan"),
        ("al 22 345 6700 de mi hija", "al +56 2 •••• 6700 de mi hija"),
    ],
)
def test_rut_with_a_digit_too_few_or_too_many_is_masked(written: str, shown: str) -> None:
    assert masked(written) == shown


def test_miswritten_rut_without_a_dash_needs_a_word_for_it() -> None:
    assert list(miswritten_ruts("16.503.9448")) == []
    assert [(start, end) for start, end, _ in miswritten_ruts("rut 16.503.9448")] == [(4, 15)]


@each_row(
    ("written", "shown"),
    [
        ("el niño dylan caniullan rut pendiente", "el niño •••• rut pendiente"),
        ("mi hija yasna perdió el rut", "mi hija •••• perdió el rut"),
        ("el que pone música es el Peluca González", "el que pone música es el ••••"),
        ("en el puente del Negro Flores", "en el puente del Negro Flores"),
        ("aparece no pagado. Cecilia Urrejola M.", "aparece no pagado. ••••."),
        ("la nana: Felicidad Choque Condori, boliviana", "la nana: ••••, boliviana"),
        ("queda por Américo Vespucio", "queda por Américo Vespucio"),
        ("el show de Américo sigue en pie", "el show de Américo sigue en pie"),
        (
            "prestan libros de Isabel Allende y de Marcela Serrano",
            "prestan libros de Isabel Allende y de Marcela Serrano",
        ),
        ("yo no me llamo así", "yo no me llamo así"),
    ],
)
def test_nickname_initial_and_lower_case_before_rut_belong_to_a_name_and_an_author_does_not(
    written: str, shown: str
) -> None:
    assert masked(written) == shown
