"""Tests that an audit of the libraries that asked nobody is told as such, and fails."""

from __future__ import annotations

from scripts.advisories import Audit

CLEAN = {"name": "httpx", "version": "1.0", "vulns": []}
SKIPPED = {"name": "rasa", "skip_reason": "Dependency not found on PyPI"}
BAD = {
    "name": "sanic",
    "version": "21.12",
    "vulns": [{"id": "GHSA-x", "fix_versions": ["22.1"]}, {"id": "GHSA-y", "fix_versions": []}],
}


def test_audited_libraries_without_advisories_pass() -> None:
    audit = Audit.of("bot", [{"dependencies": [CLEAN]}])
    assert audit.passed
    assert audit.told() == "requirements/bot.txt: 1 libraries audited, 0 advisories"


def test_library_that_nobody_knows_is_not_audited_and_fails_with_the_fix() -> None:
    audit = Audit.of("rasa", [{"dependencies": [CLEAN, SKIPPED]}])
    assert not audit.passed
    assert "NOT audited" in audit.told()
    assert "Fix: run `make audit` where" in audit.told()


def test_second_service_may_know_what_the_first_did_not() -> None:
    known = SKIPPED | {"version": "3.6", "vulns": []}
    known.pop("skip_reason")
    assert Audit.of("rasa", [{"dependencies": [SKIPPED]}, {"dependencies": [known]}]).passed


def test_no_answer_at_all_fails() -> None:
    audit = Audit.of("bot", [{}, {}])
    assert not audit.passed
    assert "NOT audited" in audit.told()


def test_advisories_fail_and_name_the_fix() -> None:
    audit = Audit.of("rasa", [{"dependencies": [BAD]}])
    assert not audit.passed
    assert "sanic 21.12 has GHSA-x; fixed in 22.1." in audit.told()
    assert "GHSA-y; fixed in no version yet" in audit.told()
