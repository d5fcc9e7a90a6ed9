"""Runs a test for all rows of a list at once, since each case of a parametrized test costs two milliseconds."""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest

Test = Callable[..., None]
SHOWN = reprlib.Repr()
SHOWN.maxstring = SHOWN.maxother = 300  # letters of a value; whole entries would hide the other rows
SHOWN.maxlist = SHOWN.maxtuple = SHOWN.maxdict = 20


def each_row(names: str | tuple[str, ...], rows: Iterable[Any] | Callable[[], Iterable[Any]]) -> Callable[[Test], Test]:
    """Returns a decorator like ``pytest.mark.parametrize`` that makes one test, which names every row that fails.

    All rows are run, each of which is a value, or a tuple if there are several names. The rows share the test's
    fixtures; so a test that changes what a fixture gives is parametrized instead. A row must not skip. If ``rows`` take
    long to find, they are a function, which is called when the test runs: all processes import all tests.
    """
    arguments = tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else names
    known = rows if callable(rows) else list(rows)

    def of_all(test: Test) -> Test:
        kept = [one for name, one in inspect.signature(test).parameters.items() if name not in arguments]

        @wraps(test)
        def run(**fixtures: Any) -> None:
            found = known() if callable(known) else known
            given = [(row,) if len(arguments) == 1 else tuple(row) for row in found]
            assert given, "no rows"
            problems = [_problem(test, dict(zip(arguments, row, strict=True)), fixtures) for row in given]
            if failed := [one for one in problems if one]:
                pytest.fail("\n".join([f"{len(failed)} of {len(given)} rows fail", *failed]), pytrace=False)

        run.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]  # pytest reads the fixtures' names here
        return run

    return of_all


def _problem(test: Test, row: dict[str, Any], fixtures: dict[str, Any]) -> str:
    """Returns the row and why its test fails, or '' if it passes."""
    try:
        test(**row, **fixtures)
    except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
        reason = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
        return f"{', '.join(f'{name}={SHOWN.repr(value)}' for name, value in row.items())}\n    {reason}"
    return ""
