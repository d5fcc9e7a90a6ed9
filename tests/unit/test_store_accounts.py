"""Tests that the accounts of Valkey may run what the program runs, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from bot.store.accounts import BACKUP, BOT, COMMANDS, CONNECTING, HEALTH, UNNAMED, account_lines
from bot.store.scripts import LUA

CALL = re.compile(r"redis\.p?call\(\s*'(\w+)'(?:, '([A-Z]+)')?")
PARENTS = {"xinfo", "xgroup", "script", "config", "client"}  # commands with commands of their own
NO_COMMANDS = {"__aenter__", "__aexit__", "__call__", "execute", "words", "aclose", "pipeline", "register_script"}
SCRIPTS = {"evalsha", "script|load"}  # what register_script sends
DANGEROUS = {"config", "debug", "eval", "failover", "flushall", "flushdb", "keys", "module", "monitor", "replicaof"}
DANGEROUS |= {"acl", "bgsave", "client|kill", "cluster", "function", "migrate", "restore", "save", "shutdown", "swapdb"}


def scripts_commands() -> set[str]:
    found = (pair for path in LUA.rglob("*.lua") for pair in CALL.findall(path.read_text(encoding="utf-8")))
    return {(f"{name}|{sub}" if name.lower() in PARENTS else name).lower() for name, sub in found}


def clients_commands() -> set[str]:
    written = ast.parse(Path("bot/store/commands.py").read_text(encoding="utf-8"))
    classes = [one for one in written.body if isinstance(one, ast.ClassDef)]
    methods = {f.name for one in classes for f in one.body if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)}
    names = {"del" if one == "delete" else one for one in methods - NO_COMMANDS}
    return {one.replace("_", "|") if one.split("_")[0] in PARENTS else one for one in names}


def test_bots_account_may_run_exactly_what_the_scripts_and_the_client_run() -> None:
    used = scripts_commands() | clients_commands() | SCRIPTS
    assert set(COMMANDS[BOT]) - set(CONNECTING.split()) == used - set(CONNECTING.split())


def test_redis_commands_of_the_debugging_page_are_allowed() -> None:
    told = re.findall(r"\bv ([A-Z]+)(?: ([A-Z]+))?", Path("docs/debugging.md").read_text(encoding="utf-8"))
    named = {(f"{name}|{sub}" if name.lower() in PARENTS else name).lower() for name, sub in told}
    assert len(named) > 10
    assert named - set(COMMANDS[BOT]) == set()


def test_only_the_backups_account_copies_and_none_commands_the_server() -> None:
    assert not [(name, one) for name, may in COMMANDS.items() for one in may if one in DANGEROUS]
    copying = {"sync", "psync", "replconf"}
    assert {name for name, may in COMMANDS.items() if copying & set(may)} == {BACKUP}


def test_nobody_opens_the_account_with_whose_rights_valkey_reads_its_file_again() -> None:
    assert UNNAMED == "user default reset off ~* &* +@all"


def test_line_of_an_account_holds_no_password_and_begins_from_nothing() -> None:
    unnamed, line = account_lines({HEALTH: "very-secret"})
    assert unnamed == UNNAMED
    assert line.startswith("user ventanilla_health reset on #")
    assert "very-secret" not in line
    assert "resetkeys" in line
