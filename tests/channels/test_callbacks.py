"""Tests the call-back dialogue on each channel: a choice may be pressed, numbered or typed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.channels.outgoing.channel import Choice
from bot.core.event_facts import TicketState
from bot.tickets.tickets import Tickets
from tests.channels.behaviours import Stand
from tests.channels.stands import EVERY
from tests.channels.talk import WAYS, Talk


@pytest_asyncio.fixture(params=sorted(EVERY))
async def stand(request: pytest.FixtureRequest, redis: Any, agency: Agency) -> AsyncIterator[Stand]:
    async with EVERY[request.param](redis, agency, calls_back=True) as made:
        await made.world.inbox.open(made.conversation, made.world.channel.channel, None)
        await redis.hset(f"v:conv:{made.conversation}", "welcomed", 1)
        yield made


@pytest.mark.parametrize("way", WAYS)
async def test_call_back_is_requested_by_button_number_or_word(stand: Stand, way: str) -> None:
    talk = Talk(stand)
    await talk.write("persona", until_said="Lugar 1.")
    await talk.choose("Que me llamen", way, until_said="¿Nos autorizas")
    await talk.choose("Sí, de acuerdo", way, until_said="¿De qué quieres")
    await talk.choose("Saltar", way, until_said="Escribe tu teléfono")
    await talk.write("9 7654 3211", until_said="¿Cuándo prefieres")
    await talk.choose("En la tarde", way, until_said="Tu solicitud es la")
    (ticket,) = await Tickets(stand.world.redis).callbacks()
    assert ticket.state is TicketState.CALLBACK
    shown = "\n".join(one.text for one in stand.got())
    assert ("+56 9 •••• 3211" in shown, "7654" in shown) == (True, False)


async def test_each_choice_fits_a_button_of_the_channel(stand: Stand) -> None:
    talk = Talk(stand)
    await talk.write("persona", until_said="Lugar 1.")
    await talk.choose("Que me llamen", "title", until_said="¿Nos autorizas")
    await talk.choose("Sí, de acuerdo", "title", until_said="¿De qué quieres")
    await talk.write("por la patente", until_said="Escribe tu teléfono")
    await talk.write("9 7654 3211", until_said="¿Cuándo prefieres")
    choices: list[Choice] = [choice for one in stand.got() for choice in one.choices]
    assert [choice.title for choice in choices if len(choice.title) > 20 or len(choice.id.encode()) > 64] == []
    assert all(len(one.choices) <= 3 for one in stand.got())


async def test_known_sender_number_is_offered(redis: Any, agency: Agency) -> None:
    async with EVERY["whatsapp"](redis, agency, calls_back=True) as stand:
        stand.citizen = "whatsapp:+56976543211"
        talk = Talk(stand)
        await talk.write("persona", until_said="Lugar 1.")
        await talk.choose("Que me llamen", "press", until_said="¿Nos autorizas")
        await talk.choose("Sí, de acuerdo", "press", until_said="¿De qué quieres")
        await talk.choose("Saltar", "press", until_said="+56 9 •••• 3211")
        await talk.choose("Usar este número", "press", until_said="¿Cuándo prefieres")


async def test_telegram_knows_no_number(redis: Any, agency: Agency) -> None:
    async with EVERY["telegram"](redis, agency, calls_back=True) as stand:
        talk = Talk(stand)
        await talk.write("persona", until_said="Lugar 1.")
        await talk.choose("Que me llamen", "press", until_said="¿Nos autorizas")
        await talk.choose("Sí, de acuerdo", "press", until_said="¿De qué quieres")
        await talk.choose("Saltar", "press", until_said="Escribe tu teléfono")
        assert [choice.title for choice in stand.got()[-1].choices] == ["Cancelar"]
