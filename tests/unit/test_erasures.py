"""Tests the list of erased conversations in its file, which several threads and processes write."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from bot.privacy.erasures import FILE, By, Erasure, add_to_list, read_file

EACH = 20


def add(home: Path, of: str) -> None:
    """Adds EACH erasures, all at once."""
    made = [Erasure(f"c{of}-{n}", f"D-{of}-{n}", datetime(2026, 1, 1, tzinfo=UTC), By.STAFF) for n in range(EACH)]
    with ThreadPoolExecutor(EACH) as threads:
        list(threads.map(partial(add_to_list, home), [[one] for one in made]))


def test_no_erasure_is_lost_when_several_are_listed_at_once(tmp_path: Path) -> None:
    processes = [get_context("fork").Process(target=add, args=(tmp_path, of)) for of in "ab"]
    for one in processes:
        one.start()
    for one in processes:
        one.join()
    listed = {one.receipt for one in read_file(tmp_path / FILE)}
    assert listed == {f"D-{of}-{n}" for of in "ab" for n in range(EACH)}
