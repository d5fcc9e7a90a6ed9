"""Creates public notices for tests."""

from __future__ import annotations

import time
from typing import Any

from bot.public_notices.notice import PublicNotice, Severity

HOUR_MS = 3600 * 1000


def public_notice(id: str = "1.1", text: str = "No hay agua en el centro.", **fields: Any) -> PublicNotice:
    """Returns a notice that ends in an hour."""
    now = int(time.time() * 1000)
    given = {"severity": Severity.IMPORTANT, "signed": "La Municipalidad", "signed_at": now}
    return PublicNotice(id, text, **given | {"starts_at": now - 1000, "ends_at": now + HOUR_MS} | fields)
