"""Tests what the masking makes of the words around a datum: things with a name, public places, further parts."""

from __future__ import annotations

from bot.text.masking.around.echoes import echoes, with_initials
from bot.text.masking.around.namesakes import is_namesake
from bot.text.masking.around.public_places import is_public
from bot.text.masking.around.reach import widened
from bot.text.masking.masking import masked
from bot.text.masking.units import units
from tests.rows import each_row


def same(*texts: str) -> list[tuple[str, str]]:
    """Returns rows of texts that stay as they are."""
    return [(one, one) for one in texts]


@each_row(
    ("text", "name", "expected"),
    [
        ("el cesfam Enrique Montt no atiende", "Enrique Montt", True),
        ("la fiesta de la Candelaria", "Candelaria", True),
        ("mi perro se perdió, es negro y se llama Facundo", "Facundo", True),
        ("mi perro mordió a mi hijo, se llama Facundo", "Facundo", False),
        ("Rosa Ester, la calle, no la señora", "Rosa Ester", True),
        ("lo mandaron a Chillán", "Chillán", True),
        ("en el almacén La Rosita", "Rosita", True),
        ("el almacén de Rosita", "Rosita", False),
        ("hablé con Rosita", "Rosita", False),
        ("cuéntame jajaja", "jajaja", True),
        ("Rubén Darío es la calle del hoyo", "Rubén Darío", True),
        ("El Rocío, así se llama el local", "El Rocío", True),
        ("soy Ana Soto, la calle está llena de hoyos", "Ana Soto", False),
        ("me llamo Ana Soto, la calle, el pasaje y la plaza", "Ana Soto", False),
        ("firma: Ana Soto, la villa.", "Ana Soto", False),
        ("me lo dijo Juan Pérez, la escuela no abre", "Juan Pérez", False),
        ("le presté a Juan Soto la lancha", "Juan Soto", False),
        ("en la escuela la profesora Marta Rojas", "Marta Rojas", False),
        ("en el pasaje don Luis Soto", "Luis Soto", False),
        ("la escuela Profesora Ema Espinoza", "Ema Espinoza", True),
        ("la beca de Juan Pérez", "Juan Pérez", False),
        ("la posta de Belén", "Belén", True),
        ("la posta de Belén Soto", "Belén Soto", False),
        ("la fiesta de Ana Soto", "Ana Soto", False),
        ("ayer pasó Juan Pérez", "Juan Pérez", False),
        ("el paso Juan Pérez", "Juan Pérez", True),
        ("la dueña del perro que me mordió se llama Rosa Soto", "Rosa Soto", False),
        ("el dueño del perro Juan Pérez", "Juan Pérez", False),
        ("el perro mordió al cartero, se llama Facundo", "Facundo", False),
        ("va la Escuela Ema Espinoza", "Escuela Ema Espinoza", True),
        ("hablé con Carolina Plaza Rojas", "Carolina Plaza Rojas", False),
        ("hablé con Juan Villa Soto", "Juan Villa Soto", False),
        ("va el Colo Colo", "Colo Colo", True),
        ("doña Rosa Espinoza", "Rosa Espinoza", False),
        ("la presidenta del club de cueca Ana Luisa Soto", "Ana Luisa Soto", False),
        ("la presidenta del club de Ana Soto", "Ana Soto", False),
        ("está en el Benjamín Viel", "Benjamín Viel", True),
        ("confío en el Benjamín", "Benjamín", False),
        ("mi mamá está hospitalizada en el Hernán Henríquez", "Hernán Henríquez", True),
        ("a mi hijo lo atendieron ayer en el Félix Bulnes", "Félix Bulnes", True),
        ("deuda en el Luis Mora, abogado", "Luis Mora", False),
        ("la Isidora mi gata se subió a un poste", "Isidora", True),
        ("la Isidora mi hija se cayó", "Isidora", False),
        ("soy la Isidora mi gata se subió a un poste", "Isidora", False),
        ("mi hija la Josefa mi gato la rasguñó", "Josefa", False),
        ("la Isidora, mi gata se subió a un poste", "Isidora", False),
        ("la Isidora\nmi gata se subió a un poste", "Isidora", False),
        ("la Isidora Soto mi gata se subió a un poste", "Isidora Soto", False),
        ("Teresa Soto se llama mi jardín", "Teresa Soto", True),
        ("Teresa Soto se llama mi tía", "Teresa Soto", False),
    ],
)
def test_thing_with_a_persons_name_is_told_from_a_person(text: str, name: str, expected: bool) -> None:
    start = text.index(name)
    assert is_namesake(text, start, start + len(name)) is expected


@each_row(
    ("text", "place", "expected"),
    [
        ("un hoyo en el camino vecinal de San Pedro", "el camino vecinal de San Pedro", True),
        ("a la altura del km 78 de la ruta 11", "km 78 de la ruta 11", True),
        ("vivo en el km 78 de la ruta 11", "km 78 de la ruta 11", False),
        ("Los Maitenes alto, la casita de piedra", "Los Maitenes alto, la casita de piedra", False),
        ("un hoyo en calle Prat", "calle Prat", True),
        ("mi primo vive en calle Prat", "calle Prat", False),
        ("en subida Templeman alto, ahí vivo yo", "subida Templeman alto", False),
        ("en subida Templeman alto. Vivo aquí", "subida Templeman alto", True),
        ("Los Maitenes km 4, comuna de Hualqui", "Los Maitenes km 4, comuna de Hualqui", False),
        ("vivo en Los Maitenes km 4, comuna de Hualqui", "Los Maitenes km 4, comuna de Hualqui", False),
        ("por el expediente Los Pinos 311, folio 4", "expediente Los Pinos 311", False),
        ("por oficio ord. n° 334", "oficio ord. n° 334", False),
        ("por el oficio n° 334", "oficio n° 334", True),
        ("pasaje Los Copihues veinticuatro", "pasaje Los Copihues veinticuatro", False),
        ("pasaje El Canelo mil doscientos tres, urgente", "pasaje El Canelo mil doscientos tres", False),
        ("un hoyo en calle Dos Norte", "calle Dos Norte", True),
        ("en calle Dos", "calle Dos", True),
        ("vea https://www.gob.cl/a y calle Prat 340", "calle Prat 340", False),
        ("va a/340 y calle Prat 340", "calle Prat 340", False),
        ("calle Prat 340", "calle Prat 340", False),
        ("fuente: https://www.gob.cl/temas/3355-bloqueo", "3355-bloqueo", True),
        ("llame al 56 2 2555", "56 2 2555", True),
    ],
)
def test_place_is_public_without_a_number_and_a_word_of_a_house(text: str, place: str, expected: bool) -> None:
    start = text.index(place)
    assert is_public(text, start, start + len(place)) is expected


@each_row(
    ("text", "found", "wide"),
    [
        ("en el km 31 de la D-55", "km 31 de la D-55", "el km 31 de la D-55"),
        ("Alto 4, donde dice se vende miel, soy", "Alto 4", "Alto 4, donde dice se vende miel"),
        ("Prat 340, Calama desde 2016", "Prat 340", "Prat 340, Calama"),
        ("EL QUILLAY 0237, ES URGENTE", "EL QUILLAY 0237", "EL QUILLAY 0237"),
        ("frente a la pila con viento", "frente a la", "frente a la pila"),
        ("hijuelas 1 y 2, gracias", "hijuelas 1", "hijuelas 1 y 2"),
        ("Prat 0421-A que es mía", "Prat 0421-A", "Prat 0421-A"),
    ],
)
def test_address_is_widened_to_what_goes_with_it(text: str, found: str, wide: str) -> None:
    start, end = widened(text, text.index(found), text.index(found) + len(found))
    assert text[start:end] == wide


@each_row(
    ("written", "shown"),
    [
        ("Soy Juan Pérez, la plaza no tiene luz", "Soy ••••, la plaza no tiene luz"),
        ("soy Carolina Plaza Rojas", "soy ••••"),
        ("en la feria doña Rosa Soto, sin permiso", "en la feria doña ••••, sin permiso"),
        ("la posta la doctora Ana Soto no vino", "la posta la doctora •••• no vino"),
        ("el colegio de Tomás Rojas", "el colegio de ••••"),
        ("el colegio de Arturo Prat", "el colegio de Arturo Prat"),
        ("don Francisco salió en la tele", "don Francisco salió en la tele"),
        ("la estatua de don Juan Pablote Soto, mi abuelo", "la estatua de don ••••, mi abuelo"),
        ("mi perro mordió al joven que se llama Juan Soto", "mi perro mordió al joven que se llama ••••"),
        ("perdí mi perro, soy Rigoberto", "perdí mi perro, soy ••••"),
        ("vivo en pasaje Los Copihues veinticuatro", "vivo en ••••"),
        ("me llamo Carolina Fuentes, mi gata está herida", "me llamo ••••, mi gata está herida"),
        ("ME LLAMO CAROLINA FUENTES, MI GATA ESTÁ HERIDA", "ME LLAMO ••••, MI GATA ESTÁ HERIDA"),
        ("me llamo carolina fuentes, mi gata está herida", "me llamo ••••, mi gata está herida"),
        ("Me llamo Carolina Fuentes\nmi gata está herida", "Me llamo ••••\nmi gata está herida"),
        ("Soy Juan Soto, mi perro se perdió", "Soy ••••, mi perro se perdió"),
        (
            "quisiera esterilizar, me llamo Rosa Ñanco, mi perrita tiene 2 años",
            "quisiera esterilizar, me llamo ••••, mi perrita tiene 2 años",
        ),
        ("Nombre: Ana Reyes\nMi perro está enfermo", "Nombre: ••••\nMi perro está enfermo"),
        ("reclamo por mi vecino Juan Soto mi perro mordió", "reclamo por mi vecino •••• mi perro mordió"),
        (
            "secretaria junta de vecinos 23 Rosa Elvira Muñoz, ya jubilada",
            "secretaria junta de vecinos 23 ••••, ya jubilada",
        ),
        (
            "Representante del comité de vivienda Luisa Catrileo Mora, rut 12.345.678-5",
            "Representante del comité de vivienda ••••, rut ••••",
        ),
        ("presidenta del club de cueca Ana Luisa Soto", "presidenta del club de cueca ••••"),
        ("soy del grupo de apoyo Sandra Mella", "soy del grupo de apoyo ••••"),
        ("la escuela de fútbol Diego Muñoz abusa de los niños", "la escuela de fútbol •••• abusa de los niños"),
        ("en el grupo de whatsapp Patricia Lagos insulta", "en el grupo de whatsapp •••• insulta"),
        ("en el taller de cerámica Ana Soto me trató mal", "en el taller de cerámica •••• me trató mal"),
        ("estafa del comité de allegados Rodrigo Ferrada", "estafa del comité de allegados ••••"),
        ("confío en el Carlos Vera", "confío en el ••••"),
        ("creo en el Pedro Torres pero no en el alcalde", "creo en el •••• pero no en el alcalde"),
        ("pensaba en el Manuel Ortiz cuando falleció", "pensaba en el •••• cuando falleció"),
        ("trabaja en el Raúl Vega, o sea con él", "trabaja en el ••••, o sea con él"),
        ("firmado yasna", "firmado ••••"),
        ("quedó firmado domingo", "quedó firmado domingo"),
        ("necesito que wladimir me llame", "necesito que •••• me llame"),
        ("necesito que tránsito me llame", "necesito que tránsito me llame"),
        ("lo atropelló Luis Tapia, mi perro murió", "lo atropelló ••••, mi perro murió"),
        ("mi hija Josefa, mi gato la rasguñó", "mi hija ••••, mi gato la rasguñó"),
        ("la Isidora mi gata se subió a un poste", "la Isidora mi gata se subió a un poste"),
    ],
)
def test_name_beside_a_thing_and_home_in_words_are_masked(written: str, shown: str) -> None:
    assert masked(written) == shown


def test_name_is_found_again_but_not_that_of_a_street() -> None:
    text = "nos dijo Moisés que Moisés vive en calle Moisés"
    assert list(echoes(text, [(9, 15)])) == [(9, 15), (20, 26)]


def test_initials_belong_to_a_name() -> None:
    assert with_initials("con Evelyn T. y otra", 4, 10) == 13


@each_row(
    ("text", "found"),
    [
        ("frente al 1765 de Ercilla y más", ["1765 de Ercilla"]),
        ("la casa 3 de la ex estación de Villaseca", ["casa 3 de la ex estación de Villaseca"]),
        ("el lote 3 de enero", []),
    ],
)
def test_home_is_found_by_its_number_before_its_place(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end, _ in units(text)] == found


@each_row(
    ("written", "shown"),
    [
        ("mi ficha en la posta es la HC 20417", "mi ficha en la posta es la ••••"),
        ("y mi ficha? num F-00319-RUR, posta", "y mi ficha? num ••••, posta"),
        ("el folio de mi ficha es 55120983", "el folio de mi ficha es 55120983"),
        ("vea https://www.gob.cl/fichas/3409 ahí", "vea https://www.gob.cl/fichas/3409 ahí"),
        ("expediente de residencia, número RT-2023-0881574", "expediente de residencia, número ••••"),
        ("certificado de residencia, solicitud 44120091", "certificado de residencia, solicitud 44120091"),
        ("mi usuario no_te_olvido", "mi usuario ••••"),
        ("con el usuario ana77 no entro", "con el usuario •••• no entro"),
        ("mi historia en el cesfam es la 20417", "mi historia en el cesfam es la ••••"),
        ("mi residencia 2024-R-12345", "mi residencia ••••"),
        ("mi usuario del portal es maruca_cerro", "mi usuario del portal es ••••"),
        ("permiso, piloto Ana Soto, 19.03.1990", "permiso, piloto ••••, ••••"),
        ("tiene 2-6-38 de nacimiento", "tiene •••• de nacimiento"),
        ("nacida el 30 del 6 del 79", "nacida el ••••"),
        ("transfieran los 2 bonos al banco chile 1780024519", "transfieran los 2 bonos al banco chile •••• 4519"),
        ("un choque con la DL 91 44 recién", "un choque con la •••• recién"),
        (
            "mi fecha de nacimiento sale mal, no es 12, es 21-02-1958",
            "mi fecha de nacimiento sale mal, no es 12, es ••••",
        ),
        (
            "la fecha de nacimiento que sale en mi carnet es 21-02-1958",
            "la fecha de nacimiento que sale en mi carnet es ••••",
        ),
        *same(
            "la fecha de nacimiento la tengo bien, mi cita es el 12-03-2026",
            "certificado con fecha de nacimiento y la hora es el 15 de marzo de 2026",
            "solicité corregir fecha de nacimiento y la audiencia es el 4 de mayo de 2026",
            "el trámite de fecha de nacimiento errada, la entrevista es el 14-01-2026",
            "me depositaron el 30 de octubre en banco estado 137000",
            "me transfirieron 2 bonos al banco estado 185000",
            "me abonaron 2 cuotas banco estado 128900",
            "el abono de 2024 en banco estado 180.000 no llegó",
            "transferencia 45 banco bci operación 1234567890",
            "un usuario ds49 postula",
            "el usuario covid19 no sirve",
            "el usuario tramo_b de fonasa",
            "el usuario no_responde",
            "ficha FOLIO 45678",
            "mi historia de vida tiene 15000 páginas",
            "mi ficha tiene 15000 hojas",
            "reclamo por residencia 2024-R-12345",
        ),
        ("auto FX 2014 mal estacionado", "auto •••• mal estacionado"),
        ("camión ZT 2015", "camión ••••"),
        ("mi auto AB 2010 lo robaron", "mi auto •••• lo robaron"),
        ("el permiso del auto y la DJ 2022", "el permiso del auto y la DJ 2022"),
        ("anita arroba gmail.com.Saludos", "••••.Saludos"),
        ("juan arroba empresa.cl.Gracias", "••••.Gracias"),
        ("correo ana arroba temuco.cl.Rut 12.345.678-5", "correo ••••.Rut ••••"),
        ("ana (arroba) empresa (punto) cl.Gracias", "••••.Gracias"),
        ("escríbame a ana arroba gmail punto com.gracias", "escríbame a ••••.gracias"),
        ("ana arroba gmail.com.cl", "••••"),
        ("anita arroba gmail.com.Es urgente", "•••• urgente"),
        ("anita arroba gmail.com.Estoy enferma", "••••.Estoy enferma"),
        ("anita arroba gmail.es.com.cl", "••••"),
        ("están en mi insta @telares.nahuelq", "están en mi insta ••••"),
        ("mi celular niña ocho cuatro cinco uno cero nueve siete dos", "mi celular niña ••••"),
    ],
)
def test_records_documents_users_births_plates_and_phones_of_everyday_speech_are_masked(
    written: str, shown: str
) -> None:
    assert masked(written) == shown
