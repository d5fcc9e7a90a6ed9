"""Formats an alarm in Spanish, without any text of a citizen."""

from __future__ import annotations

from bot.channels.web.answers.shown import topic_title
from bot.core.texts import area, say
from bot.record.tables import Spike
from bot.spikes.history import TOPIC

PATH = "/desk/avisos/alza"  # of the desk's pages of alarms


def headline(spike: Spike) -> str:
    """Returns a sentence that says how many citizens wrote in how many minutes, and about which topic."""
    stream = spike.streams[0]
    kind = "tema" if stream.startswith(TOPIC) else stream
    topic = topic_title(stream.removeprefix(TOPIC))
    return say(f"alzas.titulo.{kind}", n=spike.citizens, minutos=spike.window, tema=topic)


def usual(spike: Spike) -> str:
    """Returns the usual number of citizens in the same window, as Spanish text."""
    expected = round(spike.expected)
    return say("alzas.lo_normal", n=expected) if expected >= 1 else say("alzas.casi_nadie")


def others(spike: Spike) -> str:
    """Returns the other unusual streams, as Spanish text; '' if there are none."""
    names: dict[str, str] = area("alzas")["corrientes"]
    named = [names.get(one) or topic_title(one.removeprefix(TOPIC)) for one in spike.streams[1:]]
    return say("alzas.tambien", cuales=", ".join(named)) if named else ""


def page_of(spike: Spike, public_url: str) -> str:
    """Returns the address of the alarm's page at the desk; '' without a ``public_url``."""
    return f"{public_url.rstrip('/')}{PATH}/{spike.id}" if public_url else ""
