"""Keeps texts of people in the memory of a process for a few minutes only.

The first text that is kept starts a timer, which deletes all kept texts after FORGET_AFTER_S seconds, whether or not
the process works meanwhile. So a text is in a cache for at most that long.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from contextlib import ExitStack
from functools import lru_cache, update_wrapper
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

FORGET_AFTER_S = 300.0

Result = TypeVar("Result")
Value = TypeVar("Value")


class _Due:
    """The caches that contain texts, and whether the timer that empties them runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clears: dict[int, Callable[[], None]] = {}

    def add(self, cache: object, clear: Callable[[], None]) -> None:
        """Registers ``cache``, to be emptied by ``clear`` when the timer ends; starts the timer if none runs.

        Empties the cache immediately if no timer can start, as in a process without memory for another thread.
        """
        if id(cache) in self._clears:  # without the lock, as most calls end here
            return
        with self._lock:
            if self._clears or _started(self.empty):
                self._clears[id(cache)] = clear
                return
        clear()

    def empty(self) -> None:
        """Empties every cache, even if one of them fails."""
        with self._lock:
            clears, self._clears = self._clears, {}
        with ExitStack() as stack:
            for clear in clears.values():
                stack.callback(clear)


def _started(empty: Callable[[], None]) -> bool:
    timer = threading.Timer(FORGET_AFTER_S, empty)
    timer.daemon = True
    try:
        timer.start()
    except RuntimeError:
        return False
    return True


_due = _Due()
_caches: WeakValueDictionary[int, Brief[Any] | BriefTexts[Any]] = WeakValueDictionary()


def forget_texts() -> None:
    """Empties all caches now."""
    _due.empty()


def _after_fork() -> None:
    """Empties the caches of a forked process, which has the texts of its parent and no timer.

    Empties all caches, since another thread may have been about to register one when the process was forked.
    """
    global _due
    _due = _Due()
    for cache in list(_caches.values()):
        cache.forget()


os.register_at_fork(after_in_child=_after_fork)


class Brief(Generic[Result]):
    """A function with an ``lru_cache``, whose results are forgotten after FORGET_AFTER_S at the latest."""

    def __init__(self, function: Callable[..., Result], maxsize: int) -> None:
        update_wrapper(self, function)
        self._cached = lru_cache(maxsize=maxsize)(function)
        self.cache_info, self.cache_clear = self._cached.cache_info, self._cached.cache_clear
        self.forget = self.cache_clear
        _caches[id(self)] = self

    def __call__(self, *args: Hashable) -> Result:
        result = self._cached(*args)
        _due.add(self, self.cache_clear)  # after it is stored: a timer that ends in between would miss it
        return result


def briefly_cached(maxsize: int) -> Callable[[Callable[..., Result]], Brief[Result]]:
    """Returns a decorator of a function, like ``lru_cache``."""
    return lambda function: Brief(function, maxsize)


class BriefTexts(dict[str, Value]):
    """Values of the newest ``most`` texts; each is forgotten after FORGET_AFTER_S at the latest."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        _caches[id(self)] = self

    def keep(self, text: str, value: Value) -> Value:
        """Keeps and returns ``value``; forgets the oldest texts beyond the number ``most``.

        Takes no lock, which a forked process would inherit locked; each of its steps is atomic in the interpreter.
        """
        self[text] = value
        for oldest in list(self)[: -self._most]:
            self.pop(oldest, None)  # a timer or another thread may have forgotten it
        _due.add(self, self.forget)
        return value

    def forget(self) -> None:
        self.clear()
