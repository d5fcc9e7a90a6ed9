"""Simulates a citizen in a dialogue on any channel, who presses a choice, types its number or types its title."""

from __future__ import annotations

from tests.channels.behaviours import Stand
from tests.eventually import eventually

WAYS = ("press", "number", "title")


class Talk:
    """Sends a citizen's messages in a dialogue, and waits after each for the expected text."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.number = 0

    async def write(self, text: str, *, until_said: str) -> None:
        self.number += 1
        await self.stand.write(text, id=self.number)
        await self.hears(until_said)

    async def choose(self, title: str, way: str, *, until_said: str) -> None:
        offered = next(one.choices for one in reversed(self.stand.got()) if one.choices or title in one.text)
        self.number += 1
        if way == "press" and offered:
            await self.stand.press(next(one for one in offered if one.title == title), id=self.number)
        else:
            await self.stand.write(self.place(title) if way == "number" else title, id=self.number)
        await self.hears(until_said)

    def place(self, title: str) -> str:
        last = self.stand.got()[-1]
        titles = [one.title for one in last.choices] or [
            line.partition(". ")[2] for line in last.text.splitlines() if line[:1].isdigit()
        ]
        return str(titles.index(title) + 1)

    async def hears(self, words: str) -> None:
        await eventually(lambda: any(words in one.text.replace("*", "") for one in self.stand.got()), 20)
