"""Tests that a lost store counts as complete only after the record restored it."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from bot.conversation.inbox import Inbox
from bot.tickets.approvals import PendingApprovals
from tests.conftest import ROOT
from tests.source import syntax_tree


@pytest.mark.parametrize("made", [Inbox, PendingApprovals])
def test_inbox_and_approvals_require_a_restore(made: Any) -> None:
    with pytest.raises(TypeError, match="restore"):
        made(None)


def test_bot_has_one_inbox_and_one_list_of_approvals() -> None:
    makers = []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if "Inbox(" not in (text := path.read_text(encoding="utf-8")) and "PendingApprovals(" not in text:
            continue
        calls = [node for node in ast.walk(syntax_tree(path)) if isinstance(node, ast.Call)]
        names = [call.func.id for call in calls if isinstance(call.func, ast.Name)]
        makers += [(path.stem, name) for name in names if name in {"Inbox", "PendingApprovals"}]
    assert makers == [("services", "Inbox"), ("services", "PendingApprovals")]
