"""Tests that every module with decisions is imported by its own test module, and that requests have one limit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.rows import each_row
from tests.source import no_collection, statements

ROOT = Path(__file__).parents[2]
DEFINITION = re.compile(r"^(@|def |async def |class )", re.MULTILINE)
MAYBE_IMPORT = re.compile(r"\b(from|import)\s")
NOTHING_TO_TEST = {
    "actions.replies.aside": "a protocol, and the three fields of what implements it",
    "actions.__main__": "runs actions.serving; tests/rasa and tests/acceptance run it",
    "bot.tuning.__main__": "joins the steps of tuning, which need torch; its steps are tested in test_tuning.py",
    "bot.app.tasks.editing": "starts the tasks of editing, which tests/integration/test_entry_commits.py lets a bot do",
    "bot.desk.entry_routes": "wires the editors' pages, which tests/integration/test_entry_pages.py asks for",
    "bot.desk.figure_routes": "wires the pages of figures, which tests/integration/test_figures_page.py asks for",
    "bot.figures.daily.snapshot": "reads sums and episodes together, as tests/integration/test_figure_rollup.py does",
    "bot.desk.notice_routes": "wires the pages of notices, which tests/integration/test_notices_page.py asks for",
    "bot.desk.crisis.proving": "keeps the proof that tests/integration/test_notice_report.py reads on the page",
    "bot.desk.crisis.report": "reads the page that tests/integration/test_notice_report.py asks for",
    "bot.desk.crisis.spike_book": "closes the alarms whose buttons tests/integration/test_spikes.py presses",
    "bot.desk.crisis.steps": "keeps the ticks that tests/integration/test_notice_report.py sends",
    "bot.desk.pages.notices.services": "the services of the page that tests/integration/test_notices_page.py asks for",
    "bot.desk.pages.notices.spikes": "shows the card that tests/integration/test_spikes.py reads",
    "bot.desk.pages.banning.page": "the page that tests/integration/test_bans.py asks for",
    "bot.desk.pages.removing.api": "the route that tests/integration/test_removing_desk.py asks as an agent",
    "bot.desk.pages.removing.page": "the page that tests/integration/test_removing_desk.py asks for",
    "bot.record.subscription_record": "writes what tests/integration/test_broadcasts.py reads after «avísame»",
    "bot.spikes.examples": "reads the examples that tests/integration/test_spikes.py finds on the card",
    "bot.channels.web.extras": "declares two routes that pass on to Chats",
    "actions.faq": "declares Protocols",
    "bot.backup.erasing": "a step of a restore; tests/integration/test_erasure_restore.py restores with it",
    "bot.rasa.absent": "runs in the environment of Rasa, where tests/rasa/test_absent.py runs it",
    "bot.rasa.command": "runs in the environment of Rasa, where tests/rasa/test_command.py runs it",
}


def modules() -> set[str]:
    """Returns the names of our modules, without the __init__ of packages and without migrations."""
    paths = (path.relative_to(ROOT) for top in ("bot", "actions") for path in (ROOT / top).rglob("*.py"))
    return {
        ".".join(path.with_suffix("").parts)
        for path in paths
        if path.name != "__init__.py" and "migrations" not in path.parts
    }


def imported_by(source: str) -> Iterator[str]:
    """Yields the imports of the source: modules, and names from packages, which may be modules."""
    for node in statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def with_imports(source: str) -> str:
    """Returns the part of the source that contains all imports: the text before the first definition, if possible."""
    found = DEFINITION.search(source)
    head, rest = (source[: found.start()], source[found.start() :]) if found else (source, "")
    in_a_text = head.count('"""') % 2
    return source if in_a_text or MAYBE_IMPORT.search(rest) else head


@cache
def named_by_tests() -> set[str]:
    """Returns the modules that a file under tests/ imports."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    with no_collection():
        return {name for source in sources for name in imported_by(with_imports(source))}


def test_every_module_is_imported_by_a_test_or_has_a_reason() -> None:
    untested = sorted(modules() - named_by_tests() - set(NOTHING_TO_TEST))
    assert untested == [], "give each a test of its own, or a reason in NOTHING_TO_TEST"


def test_each_exempt_module_exists_and_is_really_untested() -> None:
    assert set(NOTHING_TO_TEST) <= modules() - named_by_tests()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import bot.core.logs", {"bot.core.logs"}),
        ("from bot.core.logs import log", {"bot.core.logs", "bot.core.logs.log"}),
        ("from bot.core import logs as told", {"bot.core", "bot.core.logs"}),
        ("def test():\n    from bot.core import logs", {"bot.core", "bot.core.logs"}),
        ("import bot.core\n\ndef test(): import bot.core.logs", {"bot.core", "bot.core.logs"}),
        ("import bot.core\n\n@cache\ndef test():\n    return 'x'", {"bot.core"}),
        ("from . import logs", set()),
        ('"import bot.core.logs"', set()),
    ],
)
def test_import_is_found_anywhere_in_a_file(source: str, names: set[str]) -> None:
    assert set(imported_by(source)) == set(imported_by(with_imports(source))) == names


ASKS = re.compile(r"\bhttpx\.(?:AsyncClient|Client|get|post|head)\(")


def asking() -> list[Path]:
    """Returns the test files that send requests with httpx."""
    return [path for path in (ROOT / "tests").rglob("*.py") if ASKS.search(path.read_text("utf-8"))]


@each_row("path", asking)
def test_requests_of_tests_have_the_limit_of_tests(path: Path) -> None:
    """Checks that no test waits by httpx's default of 5 s, which is too short on a busy machine.

    A client with a transport of its own sends nothing over the network, so it needs no limit.
    """
    calls = [one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.Call)]
    asks = [one for one in calls if ASKS.fullmatch(f"{ast.unparse(one.func)}(")]
    given = [{word.arg for word in one.keywords} & {"timeout", "transport"} for one in asks]
    assert [one.lineno for one, limits in zip(asks, given, strict=True) if not limits] == []


def unguarded(body: list[ast.stmt]) -> bool:
    """Returns whether a statement follows the ``yield`` of ``body`` and is skipped if an exception is raised there."""
    for number, one in enumerate(body):
        if not any(isinstance(node, ast.Yield) for node in ast.walk(one)):
            continue
        if isinstance(one, ast.Try) and one.finalbody:
            return False
        inside = isinstance(one, ast.With | ast.AsyncWith) and unguarded(one.body)
        return number < len(body) - 1 or inside
    return False


def with_context_managers() -> list[Path]:
    """Returns the files of tests that define context managers, but tests/prepare.py, where they report success."""
    files = [path for pattern in ("*.py", "*/*.py") for path in (ROOT / "tests").glob(pattern)]
    found = {path for path in files if "contextmanager" in path.read_text("utf-8")}
    return sorted(found - {ROOT / "tests" / "prepare.py"})


@each_row("path", with_context_managers)
def test_context_managers_of_tests_clean_up_after_a_failure(path: Path) -> None:
    """Otherwise, the workers of a failed test would keep running, and the next tests would fail, too."""
    found = [
        one.name
        for one in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        and any("contextmanager" in ast.unparse(decorator) for decorator in one.decorator_list)
        and unguarded(one.body)
    ]
    assert found == []


def test_pages_are_waited_for_with_functions_since_their_policy_forbids_to_evaluate_an_expression_twice() -> None:
    waits = re.compile(r"wait_for_function\(\s*(?:\"[^\"]*\"|\w+)")
    found = {one for path in (ROOT / "tests").rglob("*.py") for one in waits.findall(path.read_text(encoding="utf-8"))}
    assert [one for one in found if '"' in one and "=>" not in one] == []
