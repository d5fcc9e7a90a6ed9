"""Simulates a citizen and an agent over the documented HTTP API and the desk's API."""

from __future__ import annotations

import re
import uuid
from itertools import cycle
from typing import Any

import httpx

from bot.core.network import trusted
from tests.eventually import PATIENCE_S, eventually_blocking

NEW_PASSWORD = "una clave bien larga 2026"
# Each citizen has an address of their own, since one address may open a limited number of chats.
HOSTS = cycle(range(1, 255))


class Citizen:
    """A citizen who opens a chat, writes and reads the answers."""

    def __init__(self, url: str) -> None:
        from_elsewhere = httpx.HTTPTransport(verify=trusted(), local_address=f"127.0.1.{next(HOSTS)}")
        self._client = httpx.Client(base_url=url, timeout=PATIENCE_S, transport=from_elsewhere)
        opened = self._client.post("/api/chat").raise_for_status().json()
        self.conversation = opened["conversation"]
        self._client.headers["Authorization"] = f"Bearer {opened['token']}"

    def send(self, text: str, message_id: str = "", button: str = "") -> str:
        """Sends a text, or a click on ``button``, retrying while the service is down; returns the event's id."""
        body = {"id": message_id or str(uuid.uuid4())} | ({"button": button} if button else {"text": text})

        def sent() -> str:
            try:
                answer = self._client.post("/api/chat/messages", json=body)
            except httpx.TransportError:
                return ""
            return "" if answer.status_code == 503 else str(answer.raise_for_status().json()["event_id"])

        return eventually_blocking(sent)

    def events(self, after: str = "0") -> list[dict[str, Any]]:
        answer = self._client.get("/api/chat/messages", params={"after": after}).raise_for_status()
        events: list[dict[str, Any]] = answer.json()["events"]
        return events

    def ask(self, text: str, *, button: str = "") -> list[dict[str, Any]]:
        """Sends a text, or a click on ``button``, and returns the messages of others that follow."""
        return self.wait_reply(self.send(text, button=button))

    def wait_reply(self, after: str) -> list[dict[str, Any]]:
        return eventually_blocking(lambda: [one for one in self.events(after) if one["author"] != "citizen"])

    def close(self) -> None:
        self._client.close()


class Agent:
    """An agent who signs in at the desk, first replacing a one-time password."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._client = httpx.Client(
            verify=trusted(), base_url=url, timeout=PATIENCE_S, follow_redirects=True, headers={"Origin": url}
        )
        page = self._client.post("/desk/login", data={"correo": email, "clave": password}).raise_for_status()
        if page.url.path == "/desk/clave":
            form = {"nueva": NEW_PASSWORD, "repetida": NEW_PASSWORD, "csrf": _csrf(page.text)}
            page = self._client.post("/desk/clave", data=form).raise_for_status()
        self._client.headers["X-CSRF-Token"] = _csrf(page.text)

    def board(self) -> dict[str, Any]:
        board: dict[str, Any] = self._client.get("/desk/api/tickets").raise_for_status().json()
        return board

    def get(self, path: str) -> httpx.Response:
        """Opens a page of the desk, or reads from its API."""
        return self._client.get(path).raise_for_status()

    def press(self, page: str, what: str, **fields: str) -> httpx.Response:
        """Presses the button ``what`` on a page of the desk and returns the page that follows."""
        data = {"csrf": self._client.headers["X-CSRF-Token"], "que": what, **fields}
        return self._client.post(page, data=data).raise_for_status()

    def send(self, path: str, body: dict[str, str]) -> Any:
        """Sends JSON to the desk's API and returns its answer."""
        return self._client.post(path, json=body).raise_for_status().json()

    def claim_next(self) -> None:
        self._client.post("/desk/api/next").raise_for_status()

    def waiting(self, conversation: str) -> dict[str, Any]:
        """Waits until the conversation has a waiting ticket, and returns that ticket."""
        (ticket,) = eventually_blocking(
            lambda: [one for one in self.board()["waiting"] if one["conversation"] == conversation]
        )
        return ticket

    def claim(self, ticket: str) -> httpx.Response:
        return self._client.post(f"/desk/api/tickets/{ticket}/claim")

    def reply(self, ticket: str, text: str) -> None:
        body = {"reply_id": str(uuid.uuid4()), "text": text}
        self._client.post(f"/desk/api/tickets/{ticket}/replies", json=body).raise_for_status()

    def close_ticket(self, ticket: str) -> None:
        self._client.post(f"/desk/api/tickets/{ticket}/close").raise_for_status()

    def close(self) -> None:
        self._client.close()


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"|"csrf": ?"([^"]+)"', page)
    assert found, "the page has no CSRF token"
    return found[1] or found[2]
