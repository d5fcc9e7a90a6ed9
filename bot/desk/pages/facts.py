"""Builds the JSON that a page embeds for its scripts: the account, limits, and all texts."""

from __future__ import annotations

import hmac
import json
from typing import Any
from uuid import UUID

from bot.agency.model import Agency
from bot.core.channels import text_limits
from bot.core.secrets.encryption import Secrets, derived_key
from bot.core.texts import area
from bot.desk.api.tickets import MAX_REPLY_CHARACTERS
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import SignedIn


def page_texts(agency: Agency) -> dict[str, str]:
    """Returns the texts of the desk's page, with the assistant's name filled in."""
    texts = area("desk")["pagina"] | area("mesa")["pagina"]
    return {key: text.replace("{asistente}", agency.assistant) for key, text in texts.items()}


def draft_key(secret: str, staff_id: UUID) -> str:
    """Returns the account's key, 64 hexadecimal digits, that encrypts what the desk keeps in a tab of the browser."""
    key = derived_key(Secrets.of(secret).current, "drafts in the browser")
    return hmac.digest(key, str(staff_id).encode(), "sha256").hex()


def facts_json(signed_in: SignedIn, agency: Agency, secret: str = "") -> str:
    """Returns shapes.PageFacts as JSON, escaped for embedding in an HTML element.

    With ``secret`` (VENTANILLA_SECRET), the page can keep drafts in its tab.
    """
    facts: dict[str, Any] = {
        "csrf": signed_in.csrf_token,
        "staff": str(signed_in.staff.id),
        "rights": signed_in.staff.rights,
        "draft_key": draft_key(secret, signed_in.staff.id) if secret else "",
        "me": signed_in.staff.name,
        "idle_minutes": signed_in.idle_minutes,
        "max_reply": MAX_REPLY_CHARACTERS,
        "channel_limits": text_limits(),
        "reassign": may(signed_in.staff, Permission.REASSIGN),
        "default_team": agency.default_team,
        "texts": page_texts(agency),
    }
    return json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
