"""Content templates for buttons and lists, as Twilio's Content API takes them. Called by ``ventanilla whatsapp setup``.

One for each number of choices; every word in them is a variable, so they serve any question: 1 is the text above, then
for a button its title and id, for a list item its title, what stands below it, and its id. Used within the 24-hour
window they need no approval by Meta.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from bot.agency.whatsapp_templates import MAX_BUTTONS, MAX_ITEMS, Templates
from bot.channels.whatsapp.adapter import account_from
from bot.channels.whatsapp.api import ApiRefused, Twilio
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.core.texts import say

LANGUAGE = "es"
BUTTON_FIELDS = ("title", "id")
ITEM_FIELDS = ("item", "description", "id")
SAMPLES = {"title": "Sí", "id": "id", "item": "Permiso", "description": "Permiso de circulación"}


def button_template(count: int) -> dict[str, Any]:
    """A quick reply with ``count`` buttons."""
    actions = [{"type": "QUICK_REPLY", **one} for one in _choices(count, BUTTON_FIELDS)]
    content = {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}}
    return _request(f"ventanilla_botones_{count}", content, count, BUTTON_FIELDS)


def list_template(count: int) -> dict[str, Any]:
    """A list picker with ``count`` items."""
    picker = {"body": "{{1}}", "button": say("canales.ver_opciones"), "items": _choices(count, ITEM_FIELDS)}
    return _request(f"ventanilla_lista_{count}", {"twilio/list-picker": picker}, count, ITEM_FIELDS)


class Made:
    """The agency's templates, and those made now."""

    def __init__(self, templates: Templates) -> None:
        self._before = templates
        self.buttons = dict(templates.buttons)
        self.lists = dict(templates.lists)

    async def make_missing(self, twilio: Twilio) -> None:
        """Buttons for 1 to 3 choices, lists for 1 to 10. Raises ApiRefused or httpx.HTTPError."""
        for count in range(1, MAX_BUTTONS + 1):
            if count not in self.buttons:
                self.buttons[count] = await twilio.create_template(button_template(count))
        for count in range(1, MAX_ITEMS + 1):
            if count not in self.lists:
                self.lists[count] = await twilio.create_template(list_template(count))

    def lines(self) -> list[str]:
        """What to put into agency.yml; empty when nothing was made."""
        after = Templates(self.buttons, self.lists, self._before.answer)
        return [] if after == self._before else [say("whatsapp.cli.pegar"), agency_lines(after)]


def agency_lines(templates: Templates) -> str:
    """The section ``whatsapp`` to put into agency.yml."""
    lines = ["whatsapp:"]
    for name, sids in (("botones", templates.buttons), ("listas", templates.lists)):
        lines += [f"  {name}:", *(f"    {count}: {sid}" for count, sid in sorted(sids.items()))]
    return "\n".join(lines + ([f"  respuesta: {templates.answer}"] if templates.answer else []))


def setup(settings: WhatsAppSettings, templates: Templates) -> list[str]:
    """Makes what is missing; lines for the terminal. What was made before a failure is told, so that it is not lost."""

    async def done() -> list[str]:
        twilio = Twilio(account_from(settings), settings.twilio_api_url)
        made = Made(templates)
        try:
            await made.make_missing(twilio)
        except ApiRefused as error:
            part, fix = (
                say("whatsapp.partes.plantillas"),
                say("whatsapp.arreglo.twilio", codigo=error.code or error.status),
            )
            return [*made.lines(), say("whatsapp.cli.mal", que=part, arreglo=fix)]
        except httpx.HTTPError as error:
            part, fix = say("whatsapp.partes.plantillas"), say("whatsapp.arreglo.sin_red", error=type(error).__name__)
            return [*made.lines(), say("whatsapp.cli.mal", que=part, arreglo=fix)]
        finally:
            await twilio.close()
        return made.lines() or [say("whatsapp.cli.todo_listo")]

    return asyncio.run(done())


def _choices(count: int, fields: tuple[str, ...]) -> list[dict[str, str]]:
    """Each choice's fields as variables, counted on from 2."""
    first = range(2, 2 + count * len(fields), len(fields))
    return [{name: f"{{{{{start + place}}}}}" for place, name in enumerate(fields)} for start in first]


def _request(name: str, types: dict[str, Any], count: int, fields: tuple[str, ...]) -> dict[str, Any]:
    told = ["¿Cuál?", *(SAMPLES[one] for _ in range(count) for one in fields)]
    samples = {str(number): value for number, value in enumerate(told, 1)}
    return {"friendly_name": name, "language": LANGUAGE, "variables": samples, "types": types}
