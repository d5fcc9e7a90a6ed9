"""Tests the preview of a reply after WhatsApp's window, or the reason why it would not be sent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.core.errors.messages import SendLater, SendRefused
from bot.core.events import Event
from bot.core.messages import Author, Channel
from bot.core.texts import area, say
from bot.desk.api.preview import TOO_LONG, WORDED, PreviewApi
from tests.desk_fakes import Browsers, browsing, gate_of, signed_in

CHANNELS_OF = {"7": Channel.WHATSAPP, "9": Channel.TELEGRAM}


class Desk:
    async def ticket_for(self, ticket_id: str, _agent: Any) -> Any:
        channel = CHANNELS_OF.get(ticket_id)
        return SimpleNamespace(ticket=SimpleNamespace(conversation="c", channel=channel)) if channel else None


async def asked(
    text: Any = "hola", *, error: Exception | None = None, ticket: str = "7"
) -> tuple[httpx.Response, list[Event]]:
    events: list[Event] = []

    async def preview(event: Event) -> str:
        events.append(event)
        if error:
            raise error
        return f"Plantilla: {event.text}"

    previews = {Channel.WHATSAPP: preview}
    api = PreviewApi(guard=gate_of(Browsers(signed_in())), desk=Desk(), previews=previews)  # type: ignore[arg-type]
    async with browsing(api) as client:
        return await client.post(f"/desk/api/tickets/{ticket}/preview", json={"text": text}), events


async def test_preview_is_rendered_by_the_channel_in_the_agents_name() -> None:
    answer, (event,) = await asked("  hola\x00 ñ  ")
    assert answer.json() == {"text": "Plantilla: hola ñ", "problem": ""}
    assert (event.author, event.conversation, event.facts.to_data()) == (Author.STAFF, "c", {"name": "Ana Soto"})


async def test_every_refusal_reason_has_a_text() -> None:
    reasons = [TOO_LONG, *WORDED, *area("canales")["fallos"]]
    told = {reason: (await asked(error=SendRefused(reason)))[0].json() for reason in reasons}
    assert {reason for reason, one in told.items() if one["text"]} == set()
    assert {reason for reason, one in told.items() if not one["problem"] or "{" in one["problem"]} == set()


async def test_unreachable_provider_gives_an_error_message() -> None:
    told = (await asked(error=SendLater("busy")))[0].json()
    assert told == {"text": "", "problem": say("desk.ventana.sin_vista")}


@pytest.mark.parametrize("text", ["x" * 8001, None, 7])
async def test_invalid_reply_is_refused(text: Any) -> None:
    answer, events = await asked(text)
    assert (answer.status_code, events) == (422, [])


@pytest.mark.parametrize("ticket", ["8", "9"])
async def test_preview_for_another_teams_or_another_channels_ticket_is_hidden(ticket: str) -> None:
    answer, events = await asked(ticket=ticket)
    assert (answer.status_code, events) == (404, [])
