"""Tests how Lua scripts are assembled and called, and their headers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.core.errors.contents import ScriptUnreadable
from bot.store import keys
from bot.store.key_families import KeyFamily
from bot.store.prelude import definitions, prelude
from bot.store.scripts import LIBRARIES, LUA, NOTING, LuaFile, Script, Source, load, script_names
from scripts.redis_tables import PAGE, page
from tests.rows import each_row

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = script_names()
LIBRARY_NAMES = script_names(LUA / LIBRARIES)
LIBRARY_TESTS = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "lua").glob("test_*.py"))
DEFINED = re.compile(r"^local function (\w+)", re.MULTILINE)
CALLED = re.compile(r"(?<![.:\w])([a-z_]+)\(")
LUA_WORDS = {"and", "elseif", "for", "function", "if", "in", "not", "or", "return", "until", "while"}
LUA_FUNCTIONS = {"ipairs", "pairs", "pcall", "tonumber", "tostring", "type", "unpack"}
HEADER = "-- Does something.\n-- @args {args}\n-- @returns 1\n-- @include {include}\n\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Writes three libraries, two of which include others."""
    (tmp_path / LIBRARIES).mkdir()
    for name, include in (("one", ""), ("two", "one"), ("three", "one, two")):
        text = f"-- Knows {name}.\n-- @include {include}\n\nlocal function {name}() end\n"
        (tmp_path / LIBRARIES / f"{name}.lua").write_text(text)
    return tmp_path


def script(folder: Path, code: str = "return 1\n", *, args: str = "a", include: str = "") -> Source:
    (folder / "probe.lua").write_text(HEADER.format(args=args, include=include) + code)
    return Source.assemble("probe", folder)


def functions(name: str) -> list[str]:
    return DEFINED.findall(LuaFile.read(LUA / LIBRARIES, name).code)


def test_libraries_are_included_once_and_before_their_users(folder: Path) -> None:
    assert DEFINED.findall(script(folder, include="three, one").text) == ["one", "two", "three"]


def test_second_line_with_the_same_tag_continues_it(folder: Path) -> None:
    source = script(folder, args="a, b:number\n-- @args c")
    assert [one.name for one in source.file.args] == ["a", "b", "c"]


@pytest.mark.parametrize("include", ["nowhere", "../probe"])
def test_unknown_library_is_found_at_load(folder: Path, include: str) -> None:
    with pytest.raises(ScriptUnreadable):
        script(folder, include=include)


def test_library_that_includes_itself_is_found_at_load(folder: Path) -> None:
    (folder / LIBRARIES / "one.lua").write_text("-- Knows one.\n-- @include two\n")
    with pytest.raises(ScriptUnreadable):
        script(folder, include="one")


@pytest.mark.parametrize(
    "text",
    [
        "return 1\n",
        "-- @args a\n-- @returns 1\nreturn 1\n",
        "-- Does.\n-- @returns 1\nreturn 1\n",
        "-- Does.\n-- @args a\nreturn 1\n",
        "-- Does.\n-- @args a:list\n-- @returns 1\nreturn 1\n",
        "-- Does.\n-- @argument a\n-- @returns 1\nreturn 1\n",
    ],
)
def test_missing_or_wrong_header_is_found_at_load(folder: Path, text: str) -> None:
    (folder / "probe.lua").write_text(text)
    with pytest.raises(ScriptUnreadable):
        Source.assemble("probe", folder)


def test_unknown_script_is_found_at_load() -> None:
    with pytest.raises(ScriptUnreadable):
        load("nowhere")


def test_only_used_code_is_sent() -> None:
    assert prelude("return WORK") == "local WORK = 'v:work'"
    assert (
        prelude("sent_key(a, b)") == "local function sent_key(channel, id) return 'v:sent:' .. channel .. ':' .. id end"
    )
    assert prelude("return RANKS.high") == "local RANKS = {emergency = 0, high = 1, callback = 2, normal = 3}"
    assert prelude("return 1") == ""


async def test_arguments_keep_their_types(folder: Path, redis: Redis) -> None:
    code = "return cjson.encode({a .. 'x', b + 1, c, d.e, f == nil})\n"
    source = script(folder, code, args="a, b:number, c:flag, d:json, f:json")
    given = {"a": "1", "b": 2, "c": True, "d": {"e": ["ñ"]}, "f": None}
    assert await redis.eval(source.text, 0, *source.arguments(given)) == '["1x",3,true,["ñ"],true]'


@pytest.mark.parametrize(
    "arguments", [{}, {"ticket": "7"}, {"ticket": "7", "staff": "ana", "who": "x"}, {"ticket": "7", "owner": "ana"}]
)
async def test_wrong_parameter_names_are_refused_before_the_call(redis: Redis, arguments: dict[str, str]) -> None:
    with pytest.raises(TypeError, match="takes ticket, staff"):
        await Script(redis, "wake")(**arguments)


async def test_script_is_loaded_again_after_a_restart(redis: Redis) -> None:
    allow = Script(redis, "limit_rate")
    answers = []
    for _ in range(2):
        answers.append(await allow(uses=[("x", 1, 1)], seconds=9, conversation="", id=""))
        await redis.script_flush()
    assert answers == [1, 0]


async def test_valkey_understands_every_script(redis: Redis) -> None:
    problems = {name: await problem_of(redis, name) for name in SCRIPTS}
    assert {name: problem for name, problem in problems.items() if problem} == {}


async def problem_of(redis: Redis, name: str) -> str:
    try:
        await redis.script_load(load(name).text)
    except ResponseError as error:
        return str(error)
    return ""


@each_row("name", SCRIPTS)
def test_every_called_function_exists(name: str) -> None:
    text = re.sub(r"'[^'\n]*'", "''", load(name).text)
    known = {*DEFINED.findall(text), *re.findall(r"local function (\w+)", text), *LUA_WORDS, *LUA_FUNCTIONS}
    parameters = {one.strip() for found in re.findall(r"function \w*\(([^)]*)\)", text) for one in found.split(",")}
    assert set(CALLED.findall(text)) - known - parameters == set()


@each_row("name", SCRIPTS)
def test_every_argument_of_a_script_is_used_and_hides_no_name(name: str) -> None:
    source = load(name)
    names = {one.name for one in source.file.args}
    assert {one for one in names if not re.search(rf"\b{one}\b", source.file.code)} == set()
    assert (
        names & ({function for library in LIBRARY_NAMES for function in functions(library)} | set(definitions()))
        == set()
    )


@each_row("path", sorted(LUA.rglob("*.lua")))
def test_files_are_short_and_have_a_description(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    longest = 100 if path.parent.name == LIBRARIES else 75
    assert len(text.splitlines()) <= longest
    assert re.match(r"-- [A-Z][a-z]+s .+\.\n", text)
    assert "{{" not in text
    assert "ARGV" not in text
    assert re.findall(r"['\"]v:", text) == []


def test_no_library_function_has_the_name_of_another() -> None:
    names = [function for library in LIBRARY_NAMES for function in functions(library)]
    assert sorted(names) == sorted(set(names))


def test_every_library_function_has_a_test() -> None:
    names = [function for library in LIBRARY_NAMES for function in functions(library)]
    assert [name for name in names if f'"{name}"' not in LIBRARY_TESTS] == []


def test_every_script_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    assert [name for name in SCRIPTS if f'"{name}")' not in code] == []


def test_every_library_is_used() -> None:
    files = [LuaFile.read(path.parent, path.stem) for path in LUA.rglob("*.lua")]
    assert set(LIBRARY_NAMES) == {NOTING, *(name for file in files for name in file.includes)}


def test_python_contains_no_lua() -> None:
    assert [path for path in (ROOT / "bot").rglob("*.py") if "redis.call" in path.read_text(encoding="utf-8")] == []


def test_redis_keys_are_unique() -> None:
    patterns = [key.pattern if isinstance(key, KeyFamily) else str(key) for key in keys.catalogue()]
    assert len(patterns) == len(set(patterns))
    assert keys.sent_key("web", "SM1") == "v:sent:web:SM1"
    with pytest.raises(ValueError, match="zip"):
        keys.sent_key("web")


def test_docs_page_is_up_to_date() -> None:
    """After a change of keys or scripts, run ``python -m scripts.redis_tables``."""
    assert PAGE.read_text(encoding="utf-8") == page()
