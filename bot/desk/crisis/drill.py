"""Prepares a drill: drafts a notice that begins by saying that it is a test, which staff then publish and lift."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.crisis.book import NoticeBook, Person
from bot.desk.crisis.form import NoticeForm
from bot.public_notices.notice import Severity
from bot.record.engine import Sessions

HOURS = 1


def drill_form(agency: Agency) -> NoticeForm:
    """Returns a drill's notice; it has no utterances, so that citizens' real questions are answered as usual."""
    return NoticeForm(say("avisos.texto_simulacro"), Severity.INFO, agency.name, HOURS, drill=True)


async def prepare_drill(sessions: Sessions, agency: Agency) -> int:
    """Saves a drill's draft and returns its number."""
    by = Person(None, say("avisos.linea_de_comandos"))
    return (await NoticeBook(sessions).add(drill_form(agency), by)).number
