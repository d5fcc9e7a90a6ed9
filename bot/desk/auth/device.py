"""Describes a browser and its system as Spanish text, from the User-Agent header."""

from __future__ import annotations

from bot.core.texts import say

# The first match wins, so the order matters: Edge's User-Agent, for example, also contains "Chrome".
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
    """Returns a description such as «Chrome en Windows», or a text that says that the device is unknown."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return say("desk.cuenta.dispositivo", navegador=browser, sistema=system)
    return browser or system or say("desk.cuenta.dispositivo_desconocido")
