"""Measures the latencies that people notice: ``python -m benchmarks.moments``.

Prints the median and 90th percentile in milliseconds of: looking up a message in the lexicon, masking personal data in
the longest messages, acknowledging a WhatsApp message while no worker runs (Twilio waits 15 s), and answering a
question. For the last measurement it starts the whole demo system with the tests' home folder.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.agency.model import load_agency
from bot.agency.whatsapp_templates import Templates
from bot.faq.words.lexicon import load_lexicon
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.valkey import valkey_part, valkey_url
from bot.store.client import open_redis
from bot.text.masking.masking import masked
from tests.acceptance.people import Citizen
from tests.channels.whatsapp_stand import ANSWER, BUTTONS, LISTS, whatsapp_stand
from tests.home import HOME, ROOT
from tests.system import installed

TIMES = 40
PASSWORD = "benchmark"  # noqa: S105
MESSAGE = "ola nesesito renobar el carnet de manejar de mi papi, cuanto sale y donde saco ora pa la muni"
QUESTIONS = ("¿Cómo renuevo mi licencia de conducir?", "ola kiero saver a q ora pasa el camion de la basura")
LONGEST = ("a" * 4000, "a@" * 2000, "1 (" * 1300, "9" * 4000, "." * 4000 + "@")


def shown(what: str, times: list[float]) -> None:
    """Prints a row of the table; ``times`` are seconds."""
    slow = sorted(times)[len(times) * 9 // 10]
    sys.stdout.write(f"| {what} | {1000 * statistics.median(times):.2f} | {1000 * slow:.2f} |\n")
    sys.stdout.flush()


def timed(work: Callable[[], object]) -> float:
    """Runs ``work`` and returns the seconds it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def acknowledged(redis_url: str) -> list[float]:
    """Returns the seconds until Twilio gets the response to each of TIMES messages, while no worker runs."""
    redis, times = open_redis(redis_url, "s" * 40), []
    async with whatsapp_stand(
        redis, load_agency(ROOT / "agency.yml"), work=False, templates=Templates(BUTTONS, LISTS, ANSWER)
    ) as stand:
        for number in range(1, TIMES + 1):
            began = time.perf_counter()
            await stand.write(f"pregunta {number}", id=number)
            times.append(time.perf_counter() - began)
    await redis.aclose()
    return times


def answered(url: str) -> list[float]:
    """Returns the seconds from sending each question to receiving the answer; a new citizen asks each question."""
    times = []
    for number in range(TIMES // 4):
        citizen = Citizen(url)
        times.append(timed(partial(citizen.ask, QUESTIONS[number % len(QUESTIONS)])))
        citizen.close()
    return times


def main() -> None:
    """Prints a Markdown table of all measurements."""
    sys.stdout.write("| what | median, ms | 9 of 10 within, ms |\n|---|---|---|\n")
    lexicon = load_lexicon(ROOT / "data")
    lexicon.usual(MESSAGE)
    shown("lexicon, a message", [timed(lambda: lexicon.usual(MESSAGE)) for _ in range(TIMES)])
    shown("hiding a contact, the longest messages", [timed(partial(masked, text)) for text in LONGEST])
    port = free_port()
    with TemporaryDirectory() as folder:
        running = Running(valkey_part(Path(folder), port, PASSWORD))
        running.wait_healthy()
        shown("acknowledgement to Twilio", asyncio.run(acknowledged(valkey_url(port, PASSWORD))))
        running.stop()
    with installed(HOME, ROOT / "data" / "faq") as installation:
        shown("an answer, through everything", answered(installation.url))


if __name__ == "__main__":
    main()
