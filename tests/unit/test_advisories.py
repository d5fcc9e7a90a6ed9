"""Tests that an audit fails if a newer version fixes an advisory, and names the libraries that no service knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts import advisories
from scripts.advisories import Audit, reachable
from tests.small_server import Quiet, serving

CLEAN = {"name": "httpx", "version": "1.0", "vulns": []}
SKIPPED = {"name": "rasa", "skip_reason": "Dependency not found on PyPI"}
BAD = {
    "name": "sanic",
    "version": "21.12",
    "vulns": [{"id": "GHSA-x", "fix_versions": ["22.1"]}, {"id": "GHSA-y", "fix_versions": []}],
}


def test_audited_libraries_without_advisories_pass() -> None:
    audit = Audit.of("bot", [{"dependencies": [CLEAN]}])
    assert (audit.complete, audit.fixable) == (True, 0)
    assert audit.summary() == "requirements/bot.txt: 1 libraries audited, 0 advisories"


def test_library_that_no_service_knows_is_reported_with_the_fix() -> None:
    audit = Audit.of("rasa", [{"dependencies": [CLEAN, SKIPPED]}])
    assert not audit.complete
    assert "NOT audited" in audit.summary()
    assert "Fix: run `make audit` where" in audit.summary()


def test_second_service_may_know_what_the_first_did_not() -> None:
    known = SKIPPED | {"version": "3.6", "vulns": []}
    known.pop("skip_reason")
    assert Audit.of("rasa", [{"dependencies": [SKIPPED]}, {"dependencies": [known]}]).complete


def test_no_answer_at_all_is_incomplete() -> None:
    audit = Audit.of("bot", [{}, {}])
    assert not audit.complete
    assert "NOT audited" in audit.summary()


def test_advisory_with_a_fix_counts_for_libraries_that_can_be_raised_and_is_only_printed_for_others() -> None:
    ours, rasas = (Audit.of(lock, [{"dependencies": [BAD]}]) for lock in ("bot", "rasa"))
    assert (ours.fixable, rasas.fixable) == (1, 0)
    assert "sanic 21.12 has GHSA-x; fixed in 22.1.\n  Fix: raise it in requirements/bot.in" in ours.summary()
    assert "sanic 21.12 has GHSA-x; fixed in 22.1.\n  Rasa needs this version" in rasas.summary()
    assert "GHSA-y; fixed in no version yet." in ours.summary()


@pytest.mark.parametrize(
    ("library", "options", "status"),
    [
        (CLEAN, [], 0),
        (BAD, ["--fixable-only"], 1),
        (BAD | {"vulns": BAD["vulns"][1:]}, [], 0),
        (SKIPPED, [], 1),
        (SKIPPED, ["--fixable-only"], 0),
    ],
)
def test_audit_of_make_check_fails_only_for_what_we_can_repair(
    library: dict[str, object], options: list[str], status: int, tmp_path: Path
) -> None:
    answer = json.dumps({"dependencies": [library]})
    program = tmp_path / "pip-audit"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    program.chmod(0o700)
    assert advisories.main([str(program), *options]) == status


@contextmanager
def service(status: int, body: str) -> Iterator[str]:
    """Serves one response to every request; yields its URL."""

    class Answer(Quiet):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

    with serving(Answer) as url:
        yield url


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [(200, '{"vulns": [{"id": "x"}]}', True), (200, "{}", False), (404, "", False), (200, "<html>", False)],
)
def test_only_a_service_that_knows_a_known_advisory_is_reachable(status: int, body: str, expected: bool) -> None:
    with service(status, body) as url:
        assert reachable(url) is expected


def test_unreachable_service_is_printed_and_does_not_fail_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not reachable("http://127.0.0.1:9")
    monkeypatch.setattr(advisories, "reachable", lambda: False)
    assert advisories.main(["--reachable"]) == 1
    assert "not audited" in capsys.readouterr().out
