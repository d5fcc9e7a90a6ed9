"""Takes screenshots of pages in Chromium as WebP files, which are a tenth of the size of equally sharp PNG files."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Locator, Page, StorageState

from tests.browser.desk_page import AT_REST

QUALITY = 80
PATIENCE_MS = 30_000
DESKTOP, PHONE = (1360, 850), (390, 844)
Scheme = Literal["light", "dark"]
THEMES: tuple[Scheme, ...] = ("light", "dark")


@dataclass
class Camera:
    """Writes screenshots to ``folder``; ``zone`` is the browser's time zone.

    Keeps one signed-in session per e-mail address.
    """

    browser: Browser
    folder: Path
    zone: str
    _signed_in: dict[str, StorageState] = field(default_factory=dict)

    def open(self, size: tuple[int, int], scheme: Scheme = "light", *, who: str = "") -> Page:
        """Opens a page in a new browser context, signed in as ``who`` (an e-mail address; '' to stay signed out)."""
        width, height = size
        context: BrowserContext = self.browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=2 if width < 600 else 1.5,
            locale="es-CL",
            timezone_id=self.zone,
            color_scheme=scheme,
            reduced_motion="reduce",
            storage_state=self._signed_in.get(who),
        )
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()

    def keep_session(self, who: str, page: Page) -> None:
        self._signed_in[who] = page.context.storage_state()

    def shoot(self, page: Page, name: str, *, of: Locator | None = None, margin: int = 0, most: int = 2000) -> None:
        """Writes a WebP screenshot of the visible page, or of the element ``of`` with ``margin`` pixels around it.

        The element's image is at most ``most`` pixels high.
        """
        page.wait_for_load_state()
        page.evaluate(AT_REST)
        wanted: dict[str, object] = {"format": "webp", "quality": QUALITY}
        if of is not None:
            box = of.bounding_box()
            assert box, name  # noqa: S101
            wanted["clip"] = {
                "x": max(0, box["x"] - margin),
                "y": max(0, box["y"] - margin),
                "width": box["width"] + 2 * margin,
                "height": min(most, box["height"] + 2 * margin),
                "scale": 1,
            }
        taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", wanted)
        (self.folder / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))
