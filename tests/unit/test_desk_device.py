"""Tests naming a browser as its owner would, whatever else its user agent contains."""

from __future__ import annotations

import pytest

from bot.core.texts import say
from bot.desk.auth.device import device_words
from tests.rows import each_row

MOZILLA = "Mozilla/5.0"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
IPHONE = "(iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@each_row(
    ("user_agent", "browser", "system"),
    [
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", "Chrome", "Windows"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/140.0.0.0", "Edge", "Windows"),
        (f"{MOZILLA} (Windows NT 10.0) {CHROME} Safari/537.36 OPR/120.0.0.0", "Opera", "Windows"),
        (f"{MOZILLA} (Linux; Android 15; SM-S921B) SamsungBrowser/28.0 {CHROME}", "Samsung Internet", "Android"),
        (f"{MOZILLA} (Linux; Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox", "Android"),
        (f"{MOZILLA} {IPHONE} Version/18.0 Mobile/15E148 Safari/604.1", "Safari", "iPhone"),
        (f"{MOZILLA} {IPHONE} CriOS/140.0.0.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"),
        (f"{MOZILLA} {IPHONE} FxiOS/140.0 Mobile/15E148 Safari/604.1", "Firefox", "iPhone"),
        (f"{MOZILLA} {IPHONE} EdgiOS/140.0 Version/18.0 Safari/604.1", "Edge", "iPhone"),
        (f"{MOZILLA} (iPad; CPU OS 12_5 like Mac OS X) Version/12.1 Safari/604.1", "Safari", "iPad"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari", "Mac"),
        (f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36", "Chrome", "ChromeOS"),
        (f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
    ],
)
def test_browser_and_system_are_those_of_the_device(user_agent: str, browser: str, system: str) -> None:
    assert device_words(user_agent) == say("desk.cuenta.dispositivo", navegador=browser, sistema=system)


@pytest.mark.parametrize("user_agent", ["", "curl/8.0", "<script>", "x" * 10_000])
def test_empty_user_agent_is_unknown(user_agent: str) -> None:
    assert device_words(user_agent) == say("desk.cuenta.dispositivo_desconocido")


def test_partly_known_device_is_named_by_the_known_part() -> None:
    assert device_words("Firefox/140.0 (Haiku)") == "Firefox"
    assert device_words("lynx (Windows)") == "Windows"
