"""Content templates for buttons and lists, as Twilio's Content API takes them. Called by ``ventanilla whatsapp setup``.

One for each number of choices; every word in them is a variable, so they serve any question: 1 is the text above, then
for a button its title and id, for a list item its title, what stands below it, and its id. Used within the 24-hour
window they need no approval by Meta.
"""

from __future__ import annotations

from typing import Any

from bot.channels.whatsapp_api import Twilio
from bot.templates import MOST_BUTTONS, MOST_ITEMS, Templates
from bot.texts import say

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


async def make_missing(twilio: Twilio, templates: Templates) -> Templates:
    """The templates with those made that were missing: buttons for 1 to 3 choices, lists for 1 to 10."""
    buttons, lists = dict(templates.buttons), dict(templates.lists)
    for count in range(1, MOST_BUTTONS + 1):
        if count not in buttons:
            buttons[count] = await twilio.create_template(button_template(count))
    for count in range(1, MOST_ITEMS + 1):
        if count not in lists:
            lists[count] = await twilio.create_template(list_template(count))
    return Templates(buttons, lists, templates.answer)


def agency_lines(templates: Templates) -> str:
    """The section ``whatsapp`` to put into agency.yml."""
    lines = ["whatsapp:"]
    for name, sids in (("botones", templates.buttons), ("listas", templates.lists)):
        lines += [f"  {name}:", *(f"    {count}: {sid}" for count, sid in sorted(sids.items()))]
    return "\n".join(lines + ([f"  respuesta: {templates.answer}"] if templates.answer else []))


def _choices(count: int, fields: tuple[str, ...]) -> list[dict[str, str]]:
    """Each choice's fields as variables, counted on from 2."""
    first = range(2, 2 + count * len(fields), len(fields))
    return [{name: f"{{{{{start + place}}}}}" for place, name in enumerate(fields)} for start in first]


def _request(name: str, types: dict[str, Any], count: int, fields: tuple[str, ...]) -> dict[str, Any]:
    told = ["¿Cuál?", *(SAMPLES[one] for _ in range(count) for one in fields)]
    samples = {str(number): value for number, value in enumerate(told, 1)}
    return {"friendly_name": name, "language": LANGUAGE, "variables": samples, "types": types}
