"""Tests that our typed Redis commands match redis-py, which mypy cannot compare."""

from __future__ import annotations

import inspect
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline as RedisPipeline

from bot.store.commands import Pipeline, Reads, Store, Streams
from tests.rows import each_row

IN_ORDER, BY_NAME = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY


def named(command: Any, *kinds: inspect._ParameterKind) -> list[str]:
    return [name for name, one in inspect.signature(command).parameters.items() if one.kind in kinds]


def supervises(*protocols: type) -> list[str]:
    """Returns the names of the protocols' commands, without ``words``, which is our attribute of the client."""
    return sorted({name for one in protocols for name in vars(one) if not name.startswith("_")} - {"words"})


@each_row("name", supervises(Store, Reads, Streams))
def test_client_has_each_command_with_its_arguments(name: str) -> None:
    ours, theirs = (getattr(client, name) for client in (Store, Redis))
    in_order = named(ours, IN_ORDER)
    assert in_order == named(theirs, IN_ORDER)[: len(in_order)]
    assert set(named(ours, BY_NAME)) <= set(named(theirs, IN_ORDER, BY_NAME))


@each_row("name", supervises(Pipeline, Reads))
def test_pipeline_has_each_command(name: str) -> None:
    assert callable(getattr(RedisPipeline, name))
