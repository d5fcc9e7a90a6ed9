"""Tests the masking of identifying data: every spelling, similar texts, and the cost of long ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as some
from stdnum.cl import rut

from benchmarks.masking import PUBLIC
from bot.text.masking.address_parts import parts
from bot.text.masking.addresses import addresses
from bot.text.masking.bare_names import bare_names
from bot.text.masking.births import births
from bot.text.masking.called_names import called_names
from bot.text.masking.emails import emails
from bot.text.masking.found import Kind, clause_before
from bot.text.masking.houses import houses
from bot.text.masking.identifiers import records, users
from bot.text.masking.known_names import is_given
from bot.text.masking.masking import by_rules, find, masked
from bot.text.masking.name_extent import name_end
from bot.text.masking.names import names
from bot.text.masking.numbers import national, shown_phone
from bot.text.masking.plates import plates
from tests.rows import each_row


@each_row(
    ("written", "shown"),
    [
        ("mi rut es 12.345.678-5", "mi rut es ••••"),
        ("１２．３４５．６７８－５", "••••"),
        ("1\u200b2.345.678-5 es mío", "•••• es mío"),
        ("12345678 guión 5", "••••"),
        ("carnet 9876543", "carnet ••••"),
        ("soy Ana Soto, fono 9 8765 4321", "soy ••••, fono +56 9 •••• 4321"),
        ("ana.soto@correo.cl", "a•••@correo.cl"),
        ("ana arroba gmail punto com", "••••"),
        ("pagué con la 4111 1111 1111 1111", "pagué con la •••• 1111"),
        ("mi auto es BBCL12", "mi auto es ••••"),
        ("vivo en calle Prat 456 depto 12 y llueve", "vivo en •••• y llueve"),
        ("me llamo juana pérez y quiero hora", "me llamo •••• y quiero hora"),
        ("rut 6.167.910-3 9 9048 5724", "rut •••• +56 9 •••• 5724"),
        ("mi rut es diez millones doscientos mil guion dos", "mi rut es ••••"),
        ("llame al nueve ocho siete seis cinco cuatro tres dos uno", "llame al ••••"),
        ("26878553-1 ese es mi rut", "•••• ese es mi rut"),
        ("pasaporte AB123456", "pasaporte ••••"),
        ("soto guion bajo maria arroba gmail com", "••••"),
        ("vivo en el block 14 depto 302 población Juan Antonio Ríos", "vivo en ••••"),
        ("mis hijos Tomás y Lucas", "mis hijos ••••"),
        ("hablé con Paulina Mora de rentas", "hablé con •••• de rentas"),
        ("Saludos, Carolina Reyes", "Saludos, ••••"),
        (
            "vivo sola con mi abuela en labranza, calle los laureles 340 casa b, es fría",
            "vivo sola con mi abuela en ••••, es fría",
        ),
        ("me cambié de casa, ahora es campamento sector Lircay sitio 12", "me cambié de casa, ahora es ••••"),
        ("habito en Los Canelos 1750, casa E, Condominio Doña Emilia y pido", "habito en •••• y pido"),
        ("vivo en Torre 6 depto 1101, Remodelación San Borja", "vivo en ••••"),
        ("domiciliada en calle Oslo 877, departamento 502, Temuco, pide", "domiciliada en ••••, pide"),
        ("certificado para Bernardo O'Higgins 0421-A que es donde vivo", "certificado para •••• que es donde vivo"),
        ("Eleodoro, 7263915 dígito 4, sitio 12 Pircunche", "••••, ••••, ••••"),
        ("se cortó la luz aquí en Monte Verde, parcela 31", "se cortó la luz aquí en ••••"),
        ("vivo en Cochrane 356, segundo piso", "vivo en ••••"),
        ("el rut de mi mamá ya lo tienen y el mío 231170650", "el rut de mi mamá ya lo tienen y el mío ••••"),
        ("una Hilux roja FZTW-74 fue", "una Hilux roja •••• fue"),
        ("titular J. P. Echeverría", "titular ••••"),
        ("llamen al 45-2-913-407", "llamen al +56 45 •••• 3407"),
    ],
)
def test_datum_is_masked(written: str, shown: str) -> None:
    assert masked(written) == shown


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("vivo en Prat 340, depto 2, Villa Los Ríos, y llueve", "Prat 340, depto 2, Villa Los Ríos"),
        ("vivo en Isla Huar, sector Alfaro", "Isla Huar, sector Alfaro"),
        ("mi casa es de madera", ""),
        ("vivo en Prat 340 metros más allá", ""),
        ("soy del pasaje 4", ""),
    ],
)
def test_address_is_one_span_with_all_its_parts(written: str, found: str) -> None:
    assert "".join(written[start:end] for start, end, _ in addresses(written)) == found


@each_row(
    "written",
    [
        "folio 123456785",
        "son $12.345.678",
        "tengo hora el 12-03-2025 a las 10:30",
        "total una vez se vive, anótame pa la corrida de 10k",
        "la micro no para en el paradero PB1234",
        "¿el correo contacto@muni.cl funciona?",
        "queda cerca del colegio Gabriela Mistral. rut del niño, ¿se pide?",
        "llamé al +56 2 2555 0100",
        "llamé al 225550100 y a oirs@losaromos.example",
        "600 360 7777 o el 133",
        "ley 21.719",
        "hay un hoyo en calle El Boldo 340",
        "vivo en Maipú desde 2010 con 3 hijos",
        "me llamó la atención",
        "soy adulto mayor",
        "reclamo 179-610",
        "soy de la junta de vecinos",
        "la plaza Gabriela Mistral",
        "colegio Alberto Hurtado sin agua",
        "nueve mil quinientos cincuenta y tres pesos",
        "mi hijo nació el domingo",
        "feria de San Joaquín",
        "¿cuánto dura el permiso 2027?",
    ],
)
def test_look_alike_is_left(written: str) -> None:
    assert masked(written, PUBLIC) == written


@given(number=some.integers(1_000_000, 29_999_999), form=some.sampled_from(["{}-{}", "rut {}{}", "{:,}-{}"]))
def test_every_rut_with_a_check_digit_is_masked(number: int, form: str) -> None:
    written = form.format(number, rut.calc_check_digit(str(number))).replace(",", ".")
    assert str(number)[-3:] not in masked(f"es {written} ok")


@given(some.text(max_size=300))
def test_positions_are_those_of_the_text(text: str) -> None:
    found = find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_long_and_hostile_texts_end() -> None:
    for long in ("a" * 9000, "1 " * 4000, "9" * 9000, "vivo en " * 900, "a@" * 4000, "㎯" * 4000, "(" * 8000):
        assert masked(long)


def _found_anew(text: str) -> object:
    find.cache_clear()
    return find(text)


def _costs(text: str, search: Callable[[str], object] = _found_anew) -> Iterator[float]:
    """Yields the processor seconds of three searches, each when it is asked for."""
    for _ in range(3):
        begun = process_time()
        search(text)
        yield process_time() - begun


@each_row("start", ["", "x (at) ", "arroba "])
@each_row("between", ["", " "])
@each_row(
    "token",
    [
        "aguion",
        "aguionbajo",
        "apunto",
        "a.",
        "a-arroba",
        "(punto)",
        "guion",
        "nueve",
        "1-",
        "vivo en a",
        "y ",
        "Ana,",
        "Ana ",
        "Ana 1, ",
        "notificar a ",
        "ficha n° ",
        "nació el ",
        "gracias, A",
        "casilla 1 ",
        "@a.",
        "visa ",
        "calle a ",
        "los a ",
        "en A ",
        "en a 10 depto ",
        "340 de calle ",
        "mil ",
        "patente be ",
        "ka, ",
        "ochenta ",
        "un tal A ",
        "la mamá de A",
        "preguntar por A ",
        "depto 1 ",
        ", ANA",
        "carta a Ana 340 ",
        "basura, Ana 340, ",
        "dire la mia es A",
        "1.234.56-7 ",
        "rut 1.234.56 ",
        "el Negro A ",
        "fecha de nacimiento ",
        "transferí al banco ",
        "mi historia en n° 1 ",
    ],
)
def test_cost_of_a_repeated_token_grows_with_its_length(token: str, between: str, start: str) -> None:
    """Compares two lengths, not times: a text 8 times as long costs about 8 times as much, not 64 or 512 times.

    Only the rules search: the sequence model looks at each word once, whatever it is.
    """
    once = min(_costs((start + (token + between) * 50)[:200], by_rules))
    assert any(cost < 32 * once for cost in _costs((start + (token + between) * 400)[:1600], by_rules))


@each_row("token", ["a", "Ana ", "casilla 1 ", "vivo en a ", "basura, Ana 340, "])
def test_cost_of_the_whole_search_grows_with_the_length(token: str) -> None:
    once = min(_costs((token * 200)[:200]))
    assert any(cost < 32 * once for cost in _costs((token * 1600)[:1600]))


@pytest.mark.parametrize("blank", [" ", "\n", "\u00a0", " \u200b", ", ", ","])
def test_cost_of_blanks_grows_with_their_number(blank: str) -> None:
    """Compares two lengths, as above: blanks at the end of a message, or in its middle, cost as little as letters."""
    once = min(_costs("hola" + blank * 250 + "x"))
    assert any(cost < 64 * once for cost in _costs("hola" + blank * 4000 + "x"))


@pytest.mark.parametrize("link", ["y ", "de la "])
def test_cost_of_links_between_names_grows_with_their_number(link: str) -> None:
    """Compares two lengths, as above: 8 times as many links cost 8 times as much, not 20 times."""
    once = min(_costs(link * (1000 // len(link))))
    assert any(cost < 15 * once for cost in _costs(link * (8000 // len(link))))


def test_data_among_many_blanks_is_found_where_it_is() -> None:
    text = "mi rut es" + " " * 50 + "12.345.678-5" + "\n" * 50 + "soy" + " \u200b" * 30 + "Ana Soto"
    assert [text[one.start : one.end] for one in find(text)] == ["12.345.678-5", "Ana Soto"]


def test_parts_of_the_masking() -> None:
    assert [is_given(word) for word in ("Wladimir", "Jhon", "rosita", "vecina")] == [True, True, True, False]
    assert [national(one) for one in ("+56 9 8765 4321", "09 8765 4321", "22 555 0100")] == [
        "987654321",
        "987654321",
        "225550100",
    ]
    assert shown_phone("322555010") == "+56 32 •••• 5010"
    assert list(plates("formulario BBCL12")) == []
    assert parts("Prat 340, depto 2", 0, "weak") == (17, ["house", "flat"])
    assert name_end("Ana Soto quiere", 0, cue="named") == len("Ana Soto")
    finders = {
        bare_names: "Ana Soto",
        called_names: "un tal Ruperto",
        houses: "calle Prat 340",
        births: "nací el 3/5/1960",
        emails: "a@b.cl",
        records: "ficha médica 12",
        users: "@ana",
    }
    assert all(list(find_in(text)) for find_in, text in finders.items())
    assert next(iter(names("soy Ana Soto")))[:2] == (4, 12)
    assert clause_before("ayer fui; mi fono es 9", 21) == " mi fono es "


def test_found_data_has_its_kind() -> None:
    assert [one.kind for one in find("soy Ana, rut 12.345.678-5")] == [Kind.NAME, Kind.RUT]


@each_row(
    ("written", "shown"),
    [
        ("soy Keiner Urdaneta Villasmil", "soy ••••"),
        ("mi primo Yender Paredes Colina no oye", "mi primo •••• no oye"),
        ("soy J. Manosalva", "soy ••••"),
        ("Gracias,\nYusmary Colmenares", "Gracias,\n••••"),
        ("Ruperta Coñuecar, rut pendiente", "••••, rut pendiente"),
        ("soy Técnico Social", "soy Técnico Social"),
        ("mi hijo Autista Severo", "mi hijo Autista Severo"),
        ("Saludos,\nClub Deportivo Unión Norte", "Saludos,\nClub Deportivo Unión Norte"),
        ("Atte.\nDirección de Tránsito", "Atte.\nDirección de Tránsito"),
        ("Nombre: Certificado de Residencia", "Nombre: Certificado de Residencia"),
        ("Panadería San José, rut en trámite", "Panadería San José, rut en trámite"),
    ],
)
def test_unknown_names_count_after_sure_words_but_trades_and_offices_do_not(written: str, shown: str) -> None:
    assert masked(written) == shown


@each_row(
    ("written", "shown"),
    [
        ("fecha de nacimiento 03-11-1957", "fecha de nacimiento ••••"),
        ("mi mamá nacida el 9 de enero del 52", "mi mamá nacida el ••••"),
        ("nació el 14 de febrero", "nació el 14 de febrero"),  # of any year: says of nobody who it is
        ("me titulé el 15/03/2010", "me titulé el 15/03/2010"),
        ("mi ficha en el consultorio es 104522", "mi ficha en el consultorio es ••••"),
        ("la ficha de postulación 4511", "la ficha de postulación 4511"),
        ("mi visa temporaria es la N° 3882104", "mi visa temporaria es la N° ••••"),
        ("la solicitud de visa n° 3882104", "la solicitud de visa n° ••••"),
        ("mi pasaporte venezolano es el 148223905", "mi pasaporte venezolano es el ••••"),
        ("mi instagram es @la.pao.rep", "mi instagram es ••••"),
        ("en facebook salgo como Toño Villagra", "en facebook salgo como ••••"),
        ("los etiqueté en @MuniLosAromos", "los etiqueté en @MuniLosAromos"),
        ("correo ana@gmail,com", "correo ••••"),
        ("la.negra.1974 arroba hotmail punto com", "••••"),
        ("Enviar a casilla 212, Correo Villarrica", "Enviar a ••••"),
        ("su patente es PP-UU-12", "su patente es ••••"),
        ("patente P F X K 8 2", "patente ••••"),
        ("al 9 8812 4431 o al 2345678", "al +56 9 •••• 4431 o al •••• 5678"),
        ("12345678-9 sin decir qué es", "•••• sin decir qué es"),  # whatever its check digit
        ("r.u.t. 15.420.111 guion 9", "r.u.t. ••••"),
        ("mi rut (el nuevo) 15420111", "mi rut (el nuevo) ••••"),
        ("BIP 40012345-0", "BIP 40012345-0"),
        ("cuenta 12345678 banco falabella", "cuenta •••• 5678 banco falabella"),
        ("código de autorización 4512 0098 3321 7764", "código de autorización 4512 0098 3321 7764"),
        ("anasoto arroba gmail", "••••"),
        ("el fono de la muni 45 2 973 400", "el fono de la muni 45 2 973 400"),
    ],
)
def test_births_records_documents_and_users_are_masked_after_the_word_that_names_them(written: str, shown: str) -> None:
    assert masked(written) == shown


@each_row(
    ("written", "shown"),
    [
        ("SEPULVEDA ROJAS MARIA CRISTINA sin agua", "•••• sin agua"),
        ("Orlando Paillacheo Cayul\nCurarrehue", "••••\nCurarrehue"),
        ("Yolanda, 78 años, vive sola", "••••, 78 años, vive sola"),
        ("mis hijos: Dylan (8), Zoe (5)", "mis hijos: •••• (8), •••• (5)"),
        ("al sobrino Wilkelmar no lo dejan", "al sobrino •••• no lo dejan"),
        ("mi sobrino Wilkelmar no oye", "mi sobrino •••• no oye"),
        ("los vecinos Exigen respuesta", "los vecinos Exigen respuesta"),
        ("denuncio a Rigo Manosalva", "denuncio a ••••"),
        ("denuncio a Aguas Andinas", "denuncio a Aguas Andinas"),
        ("el quiltro se llama Cholo", "el quiltro se llama Cholo"),
        ("Gabriel Boric vino a la plaza", "Gabriel Boric vino a la plaza"),
        ("Neyda: ¿a qué hora abren?", "••••: ¿a qué hora abren?"),
        ("el reclamo de juana pérez no avanza", "el reclamo de •••• no avanza"),
        ("sale más caro", "sale más caro"),
        ("Inés Piedrabuena no contesta", "•••• no contesta"),
        ("Necesito hora para el dentista.\nMaría Piedrabuena", "Necesito hora para el dentista.\n••••"),
    ],
)
def test_names_without_an_announcement_are_masked_and_companies_and_animals_are_not(written: str, shown: str) -> None:
    assert masked(written) == shown


@each_row(
    ("written", "shown"),
    [
        ("se inunda mi casa!! calle Los Peumos 345", "se inunda mi casa!! ••••"),
        ("Los Robles 12, Villa Los Cóndores: sin agua", "••••: sin agua"),
        ("un hoyo en Prat 340 depto 21", "un hoyo en ••••"),
        ("la notaría queda en O'Higgins 560 oficina 21", "la notaría queda en O'Higgins 560 oficina 21"),
        ("me cambié de domicilio de Prat 556 a Lord Cochrane 1002", "me cambié de domicilio de ••••"),
        ("mi vecino de la casa 0457 de calle Los Mañíos", "mi vecino de ••••"),
        ("vivo en Prat 340 entre Lautaro y Bulnes", "vivo en ••••"),
        ("soy Ana Soto de Los Robles 345", "soy •••• de ••••"),
        ("me cambié a los canelos 778", "me cambié a ••••"),
        ("soy de la junta de vecinos n° 12", "soy de la junta de vecinos n° 12"),
        ("soy de la generación 1970", "soy de la generación 1970"),
        ("vivo en el condominio Las Brisas", "vivo en ••••"),
        ("tengo un loteo de 8 parcelas", "tengo un loteo de 8 parcelas"),
        ("retiren la basura en Los Pinos 230", "retiren la basura en ••••"),
    ],
)
def test_home_is_recognized_by_its_flat_or_quarter_and_a_public_place_is_not(written: str, shown: str) -> None:
    assert masked(written) == shown


@each_row(
    ("written", "shown"),
    [
        ("un perro muerto en calle Los Cipreses 1443", "un perro muerto en ••••"),
        ("CORTEN LA RAMA EN PASAJE EL QUILLAY 0237, ES URGENTE", "CORTEN LA RAMA EN ••••, ES URGENTE"),
        ("mi abuelo vive en los canelos mil doscientos cuarenta y cinco", "mi abuelo vive en ••••"),
        ("calle las violetas ochocientos quince, casa ce", "••••"),
        ("el perro del 2045 de calle Aconcagua mordió a mi hijo", "el perro del •••• mordió a mi hijo"),
        ("está en Gral. Bulnes 77, dp 1911, y llueve", "está en ••••, y llueve"),
        ("escombros en Lautaro #1093, esquina Caupolicán, segundo piso", "escombros en ••••"),
        ("soy del depto 402 torre 3 de los condominios El Alba", "soy del ••••"),
        ("certificado de Parcela 17, Camino El Membrillo", "certificado de ••••"),
        ("el gallinero de Lord Cochrane 1188", "el gallinero de ••••"),
        (
            "¿la oficina de licencias de calle San Antonio 450 abre?",
            "¿la oficina de licencias de calle San Antonio 450 abre?",
        ),
        ("la muni de Balmaceda 455 está cerrada", "la muni de Balmaceda 455 está cerrada"),
        ("la oficina no contesta; hay ratas en Los Robles 340", "la oficina no contesta; hay ratas en ••••"),
        ("el hoyo de Los Boldos con Las Parras", "el hoyo de Los Boldos con Las Parras"),
        ("los sesenta mil que pagué por las clases", "los sesenta mil que pagué por las clases"),
        ("Fondo Vecinal 2025 y los decretos 1432", "Fondo Vecinal 2025 y los decretos 1432"),
        ("cierran el pasaje el 31 de octubre", "cierran el pasaje el 31 de octubre"),
        ("la calle está mala hace 200 días", "la calle está mala hace 200 días"),
        ("un hoyo en calle El Boldo 340", "un hoyo en calle El Boldo 340"),
        ("vive en calle El Boldo 340, depto 2", "vive en ••••"),
    ],
)
def test_house_that_nothing_announces_is_masked_and_that_of_an_institution_is_not(written: str, shown: str) -> None:
    assert masked(written, PUBLIC) == shown


@each_row(
    ("written", "shown"),
    [
        ("fono 2 2648 7193, preguntar por Gumercinda", "fono +56 2 •••• 7193, preguntar por ••••"),
        ("firma: Mª Inés Goycoolea E.", "firma: ••••."),
        ("soy la Pame, la mamá del Maxi", "soy la ••••, la mamá del ••••"),
        ("SOY DIRIGENTE, SERGIO HUAIQUIÑIR, Y EXIJO", "SOY DIRIGENTE, ••••, Y EXIJO"),
        ("me dicen la Chola jajaja", "me dicen la •••• jajaja"),
        ("un tal Care Pato vende", "un tal •••• vende"),
        ("una niñita, la Emilita, sola", "una niñita, la ••••, sola"),
        ("Mi vecino Kelvin pone música", "Mi vecino •••• pone música"),
        ("aparece la Sucesión Iturra Pavez", "aparece la Sucesión ••••"),
        ("Leocadio Segundo, pescador artesanal", "••••, pescador artesanal"),
        ("soy el lonko Kallfükura Ñanco, pido", "soy el lonko ••••, pido"),
        ("afectada: Wilda Carrasco Neculqueo", "afectada: ••••"),
        ("soy Yuleidys del Carmen Rondón", "soy ••••"),
        ("ficha clínica FC 0088431", "ficha clínica ••••"),
        ("carnet de extranjería es CE 001584932", "carnet de extranjería es ••••"),
        ("una moto TB 291 sin papeles", "una moto •••• sin papeles"),
        ("la placa es be de burro, ka, ele, erre, treinta y cuatro", "la placa es ••••"),
        ("su numero es 00591 71234508", "su numero es •••• 4508"),
        ("arroba: ele muñoz ochenta y dos arroba yahoo punto cl", "arroba: ••••"),
        ("la vecina Exige respuesta", "la vecina Exige respuesta"),
        ("me dicen la verdad", "me dicen la verdad"),
        ("preguntar por Patentes Comerciales", "preguntar por Patentes Comerciales"),
        ("la mamá del Jardín", "la mamá del Jardín"),
        ("Sucesión Intestada", "Sucesión Intestada"),
        ("Permiso Provisorio, ¿cuánto cuesta?", "Permiso Provisorio, ¿cuánto cuesta?"),
        ("Junta Vecinal, solicito sede", "Junta Vecinal, solicito sede"),
        ("mi tía de Miami", "mi tía de Miami"),
        ("la moto TB 150 nueva", "la moto TB 150 nueva"),
        ("el consultorio Lo Franco", "el consultorio Lo Franco"),
    ],
)
def test_data_of_everyday_speech_are_masked_and_offices_are_not(written: str, shown: str) -> None:
    assert masked(written) == shown
