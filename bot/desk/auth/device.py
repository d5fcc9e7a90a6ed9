"""Names a browser for its owner, from the User-Agent header."""

from __future__ import annotations

from bot.core.texts import say

# The first mark found decides: the User-Agent of an earlier entry also contains marks of later ones (Edge says Chrome).
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """Returns words such as «Chrome en Windows», or those for an unknown device."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return say("desk.cuenta.dispositivo", navegador=browser, sistema=system)
    return browser or system or say("desk.cuenta.dispositivo_desconocido")
