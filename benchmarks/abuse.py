"""Measures honest citizens while 100 clients abuse the bot: ``python -m benchmarks.abuse [SECONDS]`` (60 by default).

Starts a bot on 127.0.0.1 with real Valkey and PostgreSQL, and with a stub instead of Rasa. HONEST citizens, each with a
different address, keep a socket open and ask a question every PAUSE_S seconds: first alone, then while abusers run in
another process. The abusers open chats and send costly texts, files, bodies that never end, wrong passwords and forged
webhooks; PER_NETWORK of them share an address. Prints the answer times of the honest citizens as 50th, 95th and 99th
percentile in ms, and the responses that the abusers got. Exits with 1 if, during the abuse, more than 5% of the honest
citizens' answers take longer than GOAL_MS, or if an error occurs. The clients share the processors with the bot, so the
times are upper bounds.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.own_postgres import own_postgres
from benchmarks.sockets import Citizen, Measured, listen, percentiles
from tests.bot_process import bot_process

SECONDS = 60.0
ALONE_S = 15.0
HONEST = 20
PAUSE_S = 2.0
PER_NETWORK = 5
EVERY_S = 0.2  # each abuser sends five requests a second
GOAL_MS = 1000
QUESTION = "¿Cómo renuevo mi licencia de conducir si vence este mes?"
COSTLY = (
    "㎯" * 3900,  # each character is six letters once it is normalized
    "x (at) " + "aguion" * 332,  # once slow to mask: the spoken separators of an e-mail address inside one word
    "arroba " + "apunto" * 332,
)
FILE = b"%PDF-1.4 " + bytes(5_000_000)
SETTINGS = {
    "PUBLIC_URL": "https://chat.example",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "TWILIO_WHATSAPP_FROM": "whatsapp:+56200000000",
    "TWILIO_API_URL": "http://127.0.0.1:1",
    "TELEGRAM_TOKEN": "",
}


@dataclass
class Abuser:
    """One abusive client at an address; ``got`` counts the responses to all clients of its kind."""

    client: httpx.AsyncClient
    url: str
    got: Counter[str]

    async def send(self, method: str, path: str, **sent: object) -> httpx.Response | None:
        """Sends a request and counts the answer; returns None if the connection broke."""
        try:
            answer = await self.client.request(method, self.url + path, **sent)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            self.got[type(error).__name__] += 1
            return None
        self.got[str(answer.status_code)] += 1
        return answer

    async def chat(self) -> None:
        """Opens a chat, and uses its token from now on."""
        answer = await self.send("POST", "/api/chat")
        if answer is not None and answer.is_success:
            self.client.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    async def say(self, text: str) -> None:
        body = {"id": f"m-{time.monotonic_ns()}", "text": text}
        await self.send("POST", "/api/chat/messages", json=body)


async def open_chats(abuser: Abuser) -> None:
    await abuser.chat()


async def flood(abuser: Abuser) -> None:
    if "Authorization" not in abuser.client.headers:
        await abuser.chat()
    await abuser.say(random.choice(COSTLY))  # noqa: S311  (no secret)


async def upload(abuser: Abuser) -> None:
    if "Authorization" not in abuser.client.headers:
        await abuser.chat()
        await abuser.say("quiero hablar con una persona")
    query = {"id": f"f-{time.monotonic_ns()}", "name": "a.pdf"}
    await abuser.send("POST", "/api/chat/files", params=query, content=FILE)


async def send_slowly(abuser: Abuser) -> None:
    async def slow() -> object:
        for _ in range(60):
            yield b" "
            await asyncio.sleep(1)

    await abuser.send("POST", "/api/chat/messages", content=slow(), headers={"Content-Length": "60000"})


async def guess(abuser: Abuser) -> None:
    form = {"correo": "admin@ventanilla.local", "clave": f"contraseña {time.monotonic_ns()}"}
    await abuser.send("POST", "/desk/login", data=form, headers={"Origin": abuser.url})


async def forge(abuser: Abuser) -> None:
    form = {"From": "whatsapp:+56911112222", "Body": "soy el alcalde", "MessageSid": "SM1"}
    await abuser.send("POST", "/channels/whatsapp", data=form, headers={"X-Twilio-Signature": "AAAA"})


ABUSE: dict[str, tuple[int, Callable[[Abuser], Awaitable[None]]]] = {
    "open chats": (20, open_chats),
    "flood": (25, flood),
    "send files": (15, upload),
    "send slowly": (15, send_slowly),
    "guess passwords": (15, guess),
    "forge webhooks": (10, forge),
}


async def abuse(url: str, seconds: float) -> dict[str, Counter[str]]:
    """Runs all abusers for ``seconds``; returns the number of each response, by kind of abuser."""
    got = {kind: Counter[str]() for kind in ABUSE}
    number, tasks = 0, []
    for kind, (count, act) in ABUSE.items():
        for _ in range(count):
            address = f"198.51.100.{number // PER_NETWORK + 1}"
            client = httpx.AsyncClient(headers={"X-Forwarded-For": address}, timeout=90)
            tasks.append(asyncio.create_task(repeat(Abuser(client, url, got[kind]), act, seconds)))
            number += 1
    await asyncio.sleep(seconds + 2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return got


async def repeat(abuser: Abuser, act: Callable[[Abuser], Awaitable[None]], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        begun = time.monotonic()
        await act(abuser)
        await asyncio.sleep(max(0.0, EVERY_S - (time.monotonic() - begun)))


async def honest(url: str, number: int) -> ClientConnection:
    address = f"10.0.{number // 200}.{number % 200 + 1}"
    socket = await connect(
        url.replace("http", "ws") + "/api/chat/socket", additional_headers={"X-Forwarded-For": address}
    )
    await socket.send('{"type": "hello"}')
    while json.loads(await socket.recv())["type"] != "welcome":
        pass
    return socket


async def ask(citizen: Citizen, measured: Measured, seconds: float, after: float) -> None:
    await asyncio.sleep(after)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if citizen.waiting:
            measured.errors["no answer in time"] += 1
        citizen.waiting, measured.sent = time.perf_counter(), measured.sent + 1
        message = {"type": "message", "id": f"h-{time.monotonic_ns()}", "text": QUESTION}
        await citizen.socket.send(json.dumps(message))
        await asyncio.sleep(PAUSE_S)


async def honest_for(citizens: list[Citizen], seconds: float) -> Measured:
    """Lets the honest citizens ask for ``seconds``; returns the measured times."""
    measured = Measured()
    listening = [asyncio.create_task(listen(one, measured)) for one in citizens]
    spread = [PAUSE_S * n / len(citizens) for n in range(len(citizens))]
    await asyncio.gather(*(ask(one, measured, seconds, wait) for one, wait in zip(citizens, spread, strict=True)))
    await asyncio.sleep(PAUSE_S)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return measured


def in_time(found: Measured) -> bool:
    """Returns whether 95% of the answers came within GOAL_MS."""
    return bool(found.answers) and sorted(found.answers)[int(len(found.answers) * 0.95)] * 1000 < GOAL_MS


def row(name: str, found: Measured) -> str:
    kept = "yes" if in_time(found) else "no"
    wrong = ", ".join(f"{kind} {count}" for kind, count in found.errors.items()) or "none"
    return f"| {name} | {found.sent} | {percentiles(found.acks)} | {percentiles(found.answers)} | {kept} | {wrong} |"


def table(alone: Measured, beside: Measured, printed: dict[str, dict[str, int]]) -> list[str]:
    """Returns the lines of both tables; ``printed`` is what the process of the abusers printed."""
    clients = sum(count for count, _ in ABUSE.values())
    heads = ["honest citizens", "messages", "ms to the ack", "ms to the answer", "p95 under 1 s", "errors"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [row("alone", alone), row(f"beside {clients} abusers", beside), ""]
    lines += ["| abusers | clients | what they got |", "|---|---|---|"]
    for kind, got in printed.items():
        counted = ", ".join(f"{count} × {what}" for what, count in sorted(got.items()))
        lines.append(f"| {kind} | {ABUSE[kind][0]} | {counted} |")
    return lines


async def measure(url: str, seconds: float) -> bool:
    """Prints the answer times of the honest citizens and what the abusers got; the abuse lasts ``seconds``.

    Returns whether, during the abuse, 95% of the answers to the honest citizens came within GOAL_MS and no error
    occurred.
    """
    citizens = [Citizen(await honest(url, number)) for number in range(HONEST)]
    alone = await honest_for(citizens, ALONE_S)
    command = [sys.executable, "-m", "benchmarks.abuse", "--abusers", url, str(seconds)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    await asyncio.sleep(2)
    beside = await honest_for(citizens, seconds - 4)
    printed, _ = await process.communicate()
    print("\n".join(table(alone, beside, json.loads(printed))), flush=True)  # noqa: T201
    for citizen in citizens:
        await citizen.socket.close()
    return in_time(beside) and not beside.errors


def main() -> None:
    if sys.argv[1:2] == ["--abusers"]:
        print(json.dumps(asyncio.run(abuse(sys.argv[2], float(sys.argv[3])))))  # noqa: T201
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with TemporaryDirectory() as folder:
        home = Path(folder)
        with own_postgres(home) as postgres, bot_process(home, postgres.url, **SETTINGS) as running:
            kept = asyncio.run(measure(running.url, seconds))
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
