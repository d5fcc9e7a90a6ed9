"""Tests the form with which staff send a file; every refusal has a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.core.errors.files import ChannelCarriesNoFile, FileInfected, FileKindRefused, FileTooBig
from bot.core.errors.tickets import TicketNotYours
from bot.core.texts import area
from bot.desk.api.sending import SendingApi, refusal
from bot.handoff.media import Upload
from bot.tickets.tickets import Replied
from tests.desk_fakes import CSRF, Audit, Browsers, browsing, gate_of, signed_in

FORM = {"reply_id": "12345678"}
HINDRANCES = area("desk")["sin_archivos"]
FILE = {"file": ("boleta ñ.pdf", b"%PDF-1.7", "application/pdf")}


@dataclass
class Desk:
    async def ticket_for(self, ticket_id: str, _agent: Any) -> Any:
        return SimpleNamespace(ticket=ticket_id) if ticket_id == "7" else None


@dataclass
class Media:
    """A sender that records what was sent."""

    sent: list[Upload] = field(default_factory=list)
    repeated: bool = False
    refuses: Exception | None = None

    async def send(self, _found: Any, _agent: Any, upload: Upload) -> Replied:
        if self.refuses:
            raise self.refuses
        self.sent.append(upload)
        return Replied("5-0", self.repeated)


async def post(
    media: Media, audit: Audit, ticket: str = "7", *, csrf: str = CSRF, files: Any = FILE, **form: str
) -> httpx.Response:
    api = SendingApi(guard=gate_of(Browsers(signed_in())), desk=Desk(), media=media, audit=audit)  # type: ignore[arg-type]
    async with browsing(api.router()) as client:
        client.headers["x-csrf-token"] = csrf
        return await client.post(f"/desk/api/tickets/{ticket}/files", data=FORM | form, files=files)


async def test_file_is_sent_with_its_text_and_audited_once() -> None:
    media, audit = Media(), Audit()
    answer = await post(media, audit, text=" aquí \x00va ")
    assert answer.json() == {"id": "5-0"}
    assert media.sent == [Upload("boleta ñ.pdf", b"%PDF-1.7", "12345678", "aquí va")]
    media.repeated = True
    await post(media, audit)
    assert audit.actions == ["file_sent"]


@pytest.mark.parametrize(
    ("change", "files"), [({"reply_id": "x"}, FILE), ({"text": "x" * 4001}, FILE), ({}, {"other": FILE["file"]})]
)
async def test_invalid_form_is_refused_without_echoing_it(change: dict[str, str], files: Any) -> None:
    media = Media()
    answer = await post(media, Audit(), files=files, **change)
    assert (answer.status_code, media.sent) == (422, [])
    assert "x" * 100 not in answer.text


async def test_two_files_are_too_many() -> None:
    two = [("file", FILE["file"]), ("file", FILE["file"])]
    assert (await post(Media(), Audit(), files=two)).status_code == 400


async def test_another_agents_ticket_or_another_sites_form_is_refused() -> None:
    media = Media()
    assert (await post(media, Audit(), "8")).status_code == 409
    assert (await post(media, Audit(), csrf="another")).status_code == 403
    assert media.sent == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (FileTooBig(most=2 * 1024 * 1024), 413, "file_too_big"),
        (FileTooBig(), 413, "file_too_big"),
        (FileKindRefused(), 422, "file_kind"),
        (FileInfected(), 422, "file_infected"),
        *((ChannelCarriesNoFile(hindrance=why, channel="whatsapp"), 422, "no_files") for why in HINDRANCES),
        (TicketNotYours(), 409, "not_yours"),
    ],
)
def test_every_refusal_has_a_text(error: Any, status: int, code: str) -> None:
    refused = refusal(error)
    assert (refused.status_code, refused.detail["error"]) == (status, code)  # type: ignore[index]
    assert refused.message and "{" not in refused.message


def test_stated_limit_is_the_channels_own() -> None:
    assert "2" in refusal(FileTooBig(most=2 * 1024 * 1024)).message
