"""Tests an emergency on every channel, with the agency open and closed for the night, and in another language.

The citizen gets the number to call and no position in the queue, is asked once whether they have called and are safe,
and reads the number again after each message. The desk shows the kind of emergency with top priority, and an alarm
reaches a person by e-mail and SMS.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from bot.agency.model import Agency
from bot.core.event_facts import TicketState
from bot.core.messages import HandoffReason, Priority, Reply
from bot.desk import shapes
from bot.desk.views.dangers import danger_view
from bot.tickets.presence import Presences, Skills
from bot.tickets.ticket import StaffRef, Ticket
from bot.tickets.tickets import Tickets
from tests.agency_hours import OPENS, at_night, by_day
from tests.alarm_peers import PHONE, AlarmPeers, alarm_peers
from tests.channels.behaviours import Stand
from tests.channels.stands import EVERY
from tests.channels.web_stand import WebStand, web_stand
from tests.eventually import eventually

ANA = StaffRef("ana", "Ana")
STANDS = {"web": web_stand, **EVERY}
HOURS = {"day": by_day, "night": at_night}
QUEUE_WORDS = ("en el lugar", "tu lugar", "fila", "volver", "Que me llamen", "Avísame", OPENS)
WAY_BACK = "No es una emergencia"
AGAIN = "Si el peligro sigue, llama ahora al"


@dataclass
class Danger:
    """A citizen in danger on one channel, at a given hour of the agency."""

    stand: Stand
    alarm: AlarmPeers
    number: int = 1

    async def writes(self, text: str, *, until: Callable[[], Any]) -> None:
        self.number += 1
        assert await self.stand.write(text, id=self.number) == 200
        await eventually(until)

    def told(self) -> list[str]:
        """Returns what the citizen reads, without the marks of bold type but with the asterisk of *4141."""
        return [one.text.replace("*", "").replace("```", "").replace("4141", "*4141") for one in self.stand.got()]

    def count(self, words: str) -> int:
        return sum(one.count(words) for one in self.told())

    async def band(self) -> shapes.Danger | None:
        """Returns the red band above the conversation at the desk, or None."""
        state = await self.stand.world.inbox.state(self.stand.conversation)
        return danger_view(state.dangers, self.stand.world.agency)

    async def ticket(self) -> Ticket:
        (ticket,) = await Tickets(self.stand.world.redis).waiting()
        return ticket


@asynccontextmanager
async def in_danger(redis: Any, agency: Agency, channel: str, hour: str) -> AsyncIterator[Danger]:
    """Yields a citizen who already knows the assistant; by day, an agent is on duty."""
    agency = HOURS[hour](agency)
    if hour == "day":
        await Presences(redis).heartbeat(ANA.id, ANA.name, Skills())
    async with (
        STANDS[channel](redis, agency, by_hours=True, calls_back=True) as stand,
        alarm_peers(redis, agency) as alarm,
    ):
        await stand.world.inbox.open(stand.conversation, stand.world.channel.channel, None)
        await redis.hset(f"v:conv:{stand.conversation}", "welcomed", 1)
        yield Danger(stand, alarm)


SUICIDE = ("me quiero morir ya no doy mas", "suicidio", ("*4141", "131"))
GAS = ("hay olor a gas en mi casa", "gas", ("132",))


@pytest.mark.parametrize("channel", STANDS)
@pytest.mark.parametrize(
    ("hour", "danger"), [("day", SUICIDE), ("night", SUICIDE), ("night", GAS)], ids=["day", "night", "gas at night"]
)
async def test_emergency_has_a_dialogue_of_its_own(
    redis: Any, agency: Agency, channel: str, hour: str, danger: tuple[str, str, tuple[str, ...]]
) -> None:
    words, kind, numbers = danger
    async with in_danger(redis, agency, channel, hour) as it:
        await it.writes(words, until=lambda: it.count("¿Estás a salvo?"))
        assert all(it.count(number) for number in numbers)
        ticket, band = await it.ticket(), await it.band()
        assert (ticket.reason, ticket.priority) == (HandoffReason.EMERGENCY, Priority.EMERGENCY)
        assert band and (band.words, band.numbers) == (f"Emergencia: {kind}", list(numbers))
        assert band.protocol == list(agency.emergency_protocols[kind])
        await it.alarm.alarms.send_due()
        subject = f"Emergencia en el chat de Los Aromos: {kind} (n.º {ticket.id})"
        told = ([subject], [PHONE]) if hour == "night" else ([], [])  # by day, the desk has two minutes to take it
        assert (it.alarm.subjects(), [one["To"] for one in it.alarm.twilio.sent]) == told
        again = f"{AGAIN} {' o '.join(numbers)}."
        for number, text in enumerate(("no me contestan", "tengo miedo", "volver", "¿cuánto falta?"), 1):
            await it.writes(text, until=lambda number=number: it.count(again) == number)
        assert it.count("¿Ya llamaste? ¿Estás a salvo?") == 1
        assert [word for word in QUEUE_WORDS for one in it.told() if word in one] == []
        assert (await it.ticket()).id == ticket.id
        assert {choice.title for one in it.stand.got() for choice in one.choices} == {WAY_BACK}
        if isinstance(it.stand, WebStand):  # the page shows a button for each of these numbers
            assert [one["calls"] for one in it.stand.seen if one.get("calls")] == [list(numbers)] * 5


@pytest.mark.parametrize("channel", STANDS)
async def test_citizen_undoes_a_false_emergency_and_a_new_danger_raises_it_again(
    redis: Any, agency: Agency, channel: str
) -> None:
    async with in_danger(redis, agency, channel, "night") as it:
        await it.writes("me quiero morir ya no doy mas", until=lambda: it.count("¿Estás a salvo?"))
        await it.writes("perdón, no es una emergencia", until=lambda: it.count("no te repito los números"))
        before, band = len(it.told()), await it.band()
        assert (await it.ticket()).priority is Priority.EMERGENCY
        assert band and band.words == "Emergencia: suicidio · la persona dice que no es una emergencia"
        await it.writes("¿a qué hora atienden?", until=lambda: it.count("Este es nuestro horario"))
        assert not [one for one in it.told()[before:] if AGAIN in one or "4141" in one]
        await it.writes("volver", until=lambda: it.count("solo ella puede cerrar esta consulta"))
        assert await it.ticket()
        await it.writes("huele a gas, ayuda", until=lambda: it.count("¿Estás a salvo?") == 2)
        await it.writes("sigue saliendo", until=lambda: it.count(f"{AGAIN} 132"))
        band = await it.band()
        assert band and band.words == "Emergencia: gas, suicidio"


@pytest.mark.parametrize("channel", STANDS)
async def test_ordinary_citizen_reads_the_position_or_the_next_opening_at_the_same_hours(
    redis: Any, agency: Agency, channel: str
) -> None:
    async with in_danger(redis, agency, channel, "night") as it:
        await it.writes("persona", until=lambda: it.count("en el lugar 1"))
        assert it.count(OPENS)
        await it.writes("huele a gas, ayuda", until=lambda: it.count("¿Estás a salvo?"))
        before = len(it.told())
        await it.writes("sigue saliendo", until=lambda: it.count(f"{AGAIN} 132"))
        assert not [word for word in QUEUE_WORDS for one in it.told()[before:] if word in one]
        assert (await it.ticket()).priority is Priority.EMERGENCY


@pytest.mark.parametrize("channel", STANDS)
async def test_agent_who_claims_the_emergency_attends_it_alone(redis: Any, agency: Agency, channel: str) -> None:
    async with in_danger(redis, agency, channel, "day") as it:
        await it.writes("me quiero morir ya no doy mas", until=lambda: it.count("¿Estás a salvo?"))
        tickets, ticket = Tickets(redis), await it.ticket()
        await tickets.claim(ticket.id, ANA, Reply("Te atiende Ana."))
        await it.writes("gracias por contestar", until=lambda: it.count("Te atiende Ana."))
        await tickets.reply(ticket.id, ANA, "Estoy contigo.", "r1")
        await eventually(lambda: it.count("Estoy contigo."))
        claimed = await tickets.get(ticket.id)
        assert (it.count(AGAIN), claimed and claimed.state) == (0, TicketState.CLAIMED)


@pytest.mark.parametrize("channel", STANDS)
async def test_citizen_reads_the_emergency_reply_in_their_language(redis: Any, agency: Agency, channel: str) -> None:
    async with in_danger(redis, agency, channel, "night") as it:
        await it.writes("How do I renew my driver's license?", until=lambda: it.count("only answer in Spanish"))
        await it.writes("I need to talk to somebody about it", until=lambda: it.count("We start on"))
        await it.writes("now my house is on fire", until=lambda: it.count("Are you safe?"))
        assert it.count("Call now: 132 or 130.") == 1
        assert it.count("Aléjate del fuego y del humo") == 1  # what only the agency wrote
        await it.writes("they don't answer my call", until=lambda: it.count("still in danger, call now: 132 or 130."))
        assert it.count("¿Estás a salvo?") + it.count(AGAIN) == 0


@pytest.mark.parametrize("channel", STANDS)
async def test_danger_as_the_first_message_reveals_the_language(redis: Any, agency: Agency, channel: str) -> None:
    async with in_danger(redis, agency, channel, "night") as it:
        await it.writes("ça sent le gaz", until=lambda: it.count("en danger, appelez maintenant : 132"))
        band = await it.band()
        assert band and (band.words, band.sure) == ("Posible emergencia: gas", False)
        assert not await Tickets(redis).waiting()
        await it.writes("mon bébé ne respire plus", until=lambda: it.count("Appelez maintenant : 131"))
        assert (await it.ticket()).priority is Priority.EMERGENCY
