"""A store that was lost counts as complete only when the record has brought back what it holds."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from bot.conversation.inbox import Inbox
from bot.tickets.approvals import PendingApprovals
from tests.conftest import ROOT


@pytest.mark.parametrize("made", [Inbox, PendingApprovals])
def test_nobody_can_forget_how_a_lost_store_is_filled(made: Any) -> None:
    with pytest.raises(TypeError, match="restore"):
        made(None)


def test_the_bot_has_one_mailbox_and_one_list_of_proposals() -> None:
    makers = []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        names = [call.func.id for call in calls if isinstance(call.func, ast.Name)]
        makers += [(path.stem, name) for name in names if name in {"Inbox", "PendingApprovals"}]
    assert makers == [("services", "Inbox"), ("services", "PendingApprovals")]
