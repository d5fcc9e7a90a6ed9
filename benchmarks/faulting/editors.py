"""Simulates an editor who repeatedly changes the answer of one entry at the desk's pages and publishes the entry."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from pathlib import Path

import httpx

from bot.desk.pages.entries.list_page import PATH
from tests.desk_world import PASSWORD

TIMEOUT_S = 15.0
EDIT_EVERY_S = 10.0
WRITTEN = "Respuesta de prueba"
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
LINK = re.compile(rf'href="({PATH}/[0-9a-f-]{{36}})"')
VERSION = re.compile(r'name="version" value="(\d+)"')


class Editor:
    """An editor with a browser, who signs in again after each error; ``counted`` counts the edits by outcome."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._client = httpx.AsyncClient()
        self._page = ""
        self._number = 0
        self.counted: Counter[str] = Counter()
        self.newest: list[str] = []  # the last confirmed answer, and the answers tried since then

    async def work(self, ending: asyncio.Event) -> None:
        while not ending.is_set():
            try:
                await self._edit()
            except (httpx.HTTPError, _Refused) as error:
                self.counted[str(error) if isinstance(error, _Refused) else type(error).__name__] += 1
                self._client.headers.pop("X-CSRF-Token", None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EDIT_EVERY_S):
                    await ending.wait()
        await self._client.aclose()

    def lost(self, folder: Path) -> list[str]:
        """Returns a line if no file in ``folder`` has the last confirmed answer or an answer tried since then."""
        if "published" not in self.counted:
            return []
        texts = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.md"))
        return [] if any(one in texts for one in self.newest) else [f"{self._page}: {self.newest[0]}"]

    async def _edit(self) -> None:
        if "X-CSRF-Token" not in self._client.headers:
            await self._sign_in()
        shown = VERSION.search(await self._get(self._page))
        self._number += 1
        answer = f"{WRITTEN} {self._number:04}."
        form = {"version": (None, shown[1] if shown else "0"), "respuesta": (None, answer)}
        saved = await self._client.post(self._page.replace(PATH, "/desk/api/entries") + "/draft", files=form)
        if not saved.is_success:
            raise _Refused(f"draft: HTTP {saved.status_code}")
        # As a minor correction, whose effect on citizens' messages is not measured.
        data = {"csrf": self._client.headers["X-CSRF-Token"], "que": "corregir", "version": saved.json()["version"]}
        self.newest.append(answer)
        done = await self._client.post(self._page, data=data)
        if done.status_code != httpx.codes.SEE_OTHER or "hecho=corregir" not in done.headers["location"]:
            raise _Refused(f"publishing: HTTP {done.status_code}")
        self.counted["published"] += 1
        self.newest = [answer]

    async def _sign_in(self) -> None:
        await self._client.aclose()
        self._client = httpx.AsyncClient(base_url=self._url, headers={"Origin": self._url}, timeout=TIMEOUT_S)
        entered = await self._client.post("/desk/login", data={"correo": f"{self._name}@x.cl", "clave": PASSWORD})
        if entered.status_code != httpx.codes.SEE_OTHER:
            raise _Refused(f"sign-in: HTTP {entered.status_code}")
        listed = await self._get(PATH)
        token, link = TOKEN.search(listed), LINK.search(listed)
        if token is None or link is None:
            raise _Refused("no list")
        self._client.headers["X-CSRF-Token"], self._page = token[1], self._page or link[1]

    async def _get(self, path: str) -> str:
        answer = await self._client.get(path)
        if not answer.is_success:
            raise _Refused(f"page: HTTP {answer.status_code}")
        return answer.text


class _Refused(Exception):
    """Raised if the desk refuses a request; the text names the request and the status."""
