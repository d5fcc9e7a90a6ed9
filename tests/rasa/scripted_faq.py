"""Runs an action server with a tiny FAQ and scripted decisions: ``python -m tests.rasa.scripted_faq``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from actions.server import build_server
from actions.serving import ActionsAddress
from bot.agency.model import load_agency
from bot.faq.answering.context import Context
from bot.faq.publishing.effect import Effect, Origin
from tests.unit.actions_fakes import FakeAsk, FakeDecision, FakeEntry, FakeMatter, candidates

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = {
    id: FakeEntry(id, question=f"¿Y {id}?", body=f"Así es {id}.")
    for id in ("licencia-renovar", "permiso-circulacion", "patente", "solo-whatsapp", "pgu", "gratuidad")
}
# Entries with another answer for one value of ``segmento``.
DEPENDS = {"pgu": "adulto-mayor", "gratuidad": "estudiante"}


@dataclass(frozen=True)
class ScriptedAnswerer:
    """An answerer that decides by single words of the message."""

    entries = tuple(ENTRIES.values())

    def answer(self, text: str, *, today: date, context: Context) -> FakeDecision:
        if "cuesta" in text and context.previous:
            return self._answers(context.previous, follows=True)
        if found := next((id for id in DEPENDS if id in text), None):
            return self.chosen(found, today=today, context=context)
        if "divorci" in text:
            return FakeDecision("refer", out_of_scope_topic=FakeMatter())
        if "permiso" in text:
            return FakeDecision("clarify", candidates("permiso-circulacion", "patente"))
        if "licencia" in text and "patente" in text:
            return self._answers("licencia-renovar", also=ENTRIES["patente"])
        if "licencia" in text:
            whatsapp = context.audience.get("canal") == "whatsapp"
            return self._answers("solo-whatsapp" if whatsapp else "licencia-renovar")
        return FakeDecision("handoff")

    def chosen(self, id: str, *, today: date, context: Context) -> FakeDecision:
        if id not in DEPENDS:
            return self._answers(id)
        segment = context.audience.get("segmento")
        if segment is None:
            return FakeDecision("clarify", candidates(id), asks=FakeAsk(id, "segmento", tuple(DEPENDS.values())))
        body = f"{id}: {'especial' if segment == DEPENDS[id] else 'general'}"
        return FakeDecision("answer", candidates(id), FakeEntry(id, body=body))

    def _answers(self, id: str, also: FakeEntry | None = None, follows: bool = False) -> FakeDecision:
        return FakeDecision("answer", candidates(id), ENTRIES[id], also=also, follows=follows)


class ScriptedFaq:
    """A FAQ that never changes."""

    answerer = ScriptedAnswerer()

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    def compared(self, text: str, name: str, content: bytes, beside: bytes) -> tuple[list[str], list[str] | None]:
        return [f"before: {text}"], [f"{name}: {text}"] if content else None

    def effect(self, name: str, content: bytes, beside: bytes, asked: Sequence[str]) -> Effect | None:
        return Effect((), {Origin.ASKED: len(asked)}) if content else None


if __name__ == "__main__":
    address = ActionsAddress()
    server = build_server(load_agency(ROOT / "agency.yml"), ScriptedFaq(), address.token.get_secret_value())
    server.run(host=address.host, port=address.port, single_process=True, access_log=False, motd=False)
