"""Tests that a process reads the certificate authorities once, however many HTTP clients it opens."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest

from bot.core.network import trusted

BOT = Path(__file__).parents[2] / "bot"
CLIENT = re.compile(r"httpx\.AsyncClient\(\s*(.{0,16})")


def test_authorities_are_read_once_and_certificates_are_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_DIR")
    trusted.cache_clear()
    assert trusted() is trusted()
    assert (trusted().verify_mode, trusted().check_hostname) == (ssl.CERT_REQUIRED, True)
    assert trusted().get_ca_certs()


@pytest.mark.parametrize("path", [one for one in BOT.rglob("*.py") if "httpx.AsyncClient(" in one.read_text("utf-8")])
def test_every_client_uses_the_trusted_certificates(path: Path) -> None:
    assert set(CLIENT.findall(path.read_text("utf-8"))) == {"verify=trusted()"}
