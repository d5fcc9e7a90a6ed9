"""Simulates the citizens and staff of the screenshots; all names and numbers are invented."""

from __future__ import annotations

from datetime import timedelta

from bot.core.messages import Channel
from bot.record.engine import Sessions
from scripts.demo_town import ANA, BETO, PASSWORD, Town
from tests.acceptance.people import Agent, Citizen
from tests.backlog import asked, fallback, talk

QUESTIONS = ("ola nesesito renobar el carnet de manejar", "cuanto sale sacar carnet nuevo")
POTHOLE = (
    "reventé un neumático en la avenida y quiero que tapen eso",
    "persona",
    "el hoyo lleva como un mes ahí",
)
HELLO = "Hola, soy Ana. Qué mala suerte con el neumático. ¿A qué altura de la avenida está el hoyo?"
WHERE = "frente al 1250, el hoyo está en la pista del paradero"
THANKS = "Gracias, le aviso a la cuadrilla."
LACKING = "Puedes pedirlo por escrito en la Oficina de Partes, con fotos, el presupuesto y el lugar exacto."
UNSURE = "me llegó un papel del aseo, ¿dónde lo pago?"
WAITING = (
    (
        17,
        Channel.WHATSAPP,
        ("donde se paga el aseo de la casa?", "persona", "me llegó una deuda de 2023 y yo compré la casa este año"),
    ),
    (
        12,
        Channel.WEB,
        ("el camión de la basura no pasa hace dos semanas por Los Quillayes", "persona"),
    ),
    (9, Channel.WEB, ("Bonjou, mwen bezwen yon papye pou lekòl pitit mwen", "Pale ak yon moun", "Mèsi, m ap tann")),
    (
        6,
        Channel.TELEGRAM,
        ("quiero sacar patente para un carrito", "Ninguna de estas", "es de sopaipillas, en la plaza"),
    ),
    (
        1,
        Channel.WHATSAPP,
        ("hay un incendio en el pasaje Los Boldos, se ve humo", "ya llamé, salimos todos pero sigue saliendo humo"),
    ),
)
EMERGENCY = ("hay olor a gas en mi casa y me duele la cabeza", "ya salimos, estamos en la vereda")
COMPLAINTS = (
    (
        "quiero reclamar",
        "La luminaria de la esquina lleva tres semanas apagada y de noche no se ve nada",
        "Pasaje Los Boldos con Los Aromos",
        "Sin foto",
        "Enviar reclamo",
    ),
)
COMPLAINT = (
    "quiero reclamar",
    "El camión de la basura botó bolsas en la vereda el martes y nadie las recogió",
    "Los Quillayes 480",
    "Sin foto",
)
# Questions that no entry answers, each as three or more people ask it.
UNWRITTEN = (
    (
        "dónde puedo cargar mi auto eléctrico?",
        "hay cargadores para autos eléctricos en la comuna?",
        "donde se carga un auto electrico",
        "puntos de carga para auto eléctrico",
    ),
    ("arriendan la cancha de noche?", "cuánto sale arrendar la cancha en la noche", "como arriendo la cancha techada"),
)
CALLS = (
    (
        "quiero hablar con una persona por un cobro repetido en la caja",
        "Que me llamen",
        "Sí, de acuerdo",
        "Saltar",
        "9 8765 4321",
        "Me da lo mismo",
    ),
    (
        "quiero hablar con una persona por una carta que me llegó de ustedes",
        "Que me llamen",
        "Sí, de acuerdo",
        "Saltar",
        "marta@ejemplo.cl",
    ),
)


def all_write(town: Town) -> None:
    """Sends the messages of the citizens in WAITING.

    Must run before ``comes_back``, in which Ana signs in: from then on, answers may wait for approval.
    """
    for minutes, channel, messages in WAITING:
        town.talks(*messages, minutes_ago=minutes, channel=channel)


def many_asked_yesterday(town: Town) -> None:
    """Writes yesterday's unanswered questions into the record; the backlog shows them within two minutes."""

    async def write(sessions: Sessions) -> None:
        questions = [text for group in UNWRITTEN for text in group]
        for number, text in enumerate(questions):
            await talk(sessions, f"yesterday-{number}", asked(text), fallback(), ago=timedelta(hours=20 + number))

    town.record(write)


def two_ask_to_be_called(town: Town) -> None:
    """Creates two citizens who request a call-back, which the assistant offers while no agent is at the desk."""
    for messages in CALLS:
        town.talks(*messages, minutes_ago=8)


def some_complain(town: Town) -> None:
    """Creates the complaints of COMPLAINTS."""
    for messages in COMPLAINTS:
        town.talks(*messages, channel=Channel.TELEGRAM)


def beto_attends(town: Town) -> None:
    """Creates a conversation that another agent, Beto, has claimed."""
    conversation = town.talks("¿dónde esterilizan perros?", "persona", minutes_ago=4)
    beto = Agent(town.url, BETO, PASSWORD)
    ticket = town.ticket(conversation)
    beto.claim(ticket)
    beto.reply(ticket, "Te reservé hora para el jueves a las 10:30, en la veterinaria municipal.")
    beto.close()


def emergencies_end(town: Town) -> None:
    """Lets Beto claim, answer and close the emergencies that nobody has claimed."""
    beto = Agent(town.url, BETO, PASSWORD)
    for ticket in [one["id"] for one in beto.board()["waiting"] if one["priority"] == "emergency"]:
        beto.claim(ticket)
        beto.reply(ticket, "Soy Beto. Ya avisé y va gente para allá; quédense lejos y con el teléfono cerca.")
        beto.close_ticket(ticket)
    beto.close()


def comes_back(town: Town) -> None:
    """Creates a citizen whom Ana has attended and who asks again, so that the desk shows the earlier session."""
    citizen = Citizen(town.url)
    for text in ("¿cómo postulo al subsidio del agua?", "persona"):
        citizen.ask(text)
    ana = Agent(town.url, ANA, PASSWORD)
    ticket = str(ana.waiting(citizen.conversation)["id"])
    ana.claim(ticket)
    ana.reply(ticket, "Con tu cartola del Registro Social de Hogares al día puedes postular hoy mismo.")
    ana.close_ticket(ticket)
    ana.close()
    citizen.ask("y si la cuenta está a nombre de mi abuela?")
    citizen.ask("persona")
    citizen.close()
    town.move_back(citizen.conversation, 3)


# A spreadsheet as an agency's staff wrote it.
SHEET = """Preguntas frecuentes 2026;;;
Nº;Consulta frecuente;Respuesta oficial;Categoría
1;¿Dónde reclamo por la cuenta del agua rural?;En la oficina del sistema rural, de lunes a viernes de 9 a 13 horas.;Agua
2;¿Cómo pido un medidor nuevo?;Lleva el carnet y el rol de la propiedad a la oficina.;Agua
3;¿Quién limpia el canal de regadío?;La asociación de canalistas. Llámala en horario de oficina.;Campo
"""
