"""Implements ``ventanilla whatsapp setup``: creates the content templates for buttons and lists at Twilio.

There is one template for each number of choices. Its text comes from variables, so it suits any question. Variable 1 is
the message; the other variables are the title and id of each button, or the title, description and id of each list
item. Only the label of the button that opens a list is fixed. Within the 24-hour window these templates need no
approval by Meta.
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
    """Returns the request to create a quick reply with ``count`` buttons."""
    actions = [{"type": "QUICK_REPLY", **one} for one in _choices(count, BUTTON_FIELDS)]
    content = {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}}
    return _request(f"ventanilla_botones_{count}", content, count, BUTTON_FIELDS)


def list_template(count: int) -> dict[str, Any]:
    """Returns the request to create a list picker with ``count`` items."""
    picker = {"body": "{{1}}", "button": say("canales.ver_opciones"), "items": _choices(count, ITEM_FIELDS)}
    return _request(f"ventanilla_lista_{count}", {"twilio/list-picker": picker}, count, ITEM_FIELDS)


class Made:
    """The agency's templates: existing templates and templates created now."""

    def __init__(self, templates: Templates) -> None:
        self._before = templates
        self.buttons = dict(templates.buttons)
        self.lists = dict(templates.lists)

    async def make_missing(self, twilio: Twilio) -> None:
        """Creates the missing templates, one per number of choices; raises ApiRefused or httpx.HTTPError."""
        for count in range(1, MAX_BUTTONS + 1):
            if count not in self.buttons:
                self.buttons[count] = await twilio.create_template(button_template(count))
        for count in range(1, MAX_ITEMS + 1):
            if count not in self.lists:
                self.lists[count] = await twilio.create_template(list_template(count))

    def lines(self) -> list[str]:
        """Returns the lines to put into agency.yml; empty if no template was created."""
        after = Templates(self.buttons, self.lists, self._before.answer)
        return [] if after == self._before else [say("whatsapp.cli.pegar"), agency_lines(after)]


def agency_lines(templates: Templates) -> str:
    """Formats the section ``whatsapp`` of agency.yml."""
    lines = ["whatsapp:"]
    for name, sids in (("botones", templates.buttons), ("listas", templates.lists)):
        lines += [f"  {name}:", *(f"    {count}: {sid}" for count, sid in sorted(sids.items()))]
    return "\n".join(lines + ([f"  respuesta: {templates.answer}"] if templates.answer else []))


def setup(settings: WhatsAppSettings, templates: Templates) -> list[str]:
    """Creates the missing templates and returns lines for the terminal.

    If a request fails, the lines list the templates created so far and the error.
    """

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
    """Returns the fields of each choice, with their template variables (from ``{{2}}``)."""
    first = range(2, 2 + count * len(fields), len(fields))
    return [{name: f"{{{{{start + place}}}}}" for place, name in enumerate(fields)} for start in first]


def _request(name: str, types: dict[str, Any], count: int, fields: tuple[str, ...]) -> dict[str, Any]:
    values = ["¿Cuál?", *(SAMPLES[one] for _ in range(count) for one in fields)]
    samples = {str(number): value for number, value in enumerate(values, 1)}
    return {"friendly_name": name, "language": LANGUAGE, "variables": samples, "types": types}
