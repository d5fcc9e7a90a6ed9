"""Loads the Lua scripts in lua/ and runs them.

A file begins with comments: its purpose, then tags. A script has ``@args`` and ``@returns``; ``@include`` names the
libraries in lua/lib that the file uses. A second line with the same tag continues its list. An argument may have a
type, as in ``name:type``: ``number``; ``flag`` for a bool; ``json`` for any JSON value (nil for None). Key names and
constants come from Python (prelude.py).

What people wrote is encrypted before it is sent (words.py): ``words`` is a string and ``sealed`` a JSON value in which
the fields with words are encrypted. Such a script also notes the id of the key, in the same step, so that a later start
without that key is refused. The words are bound to the conversation of the argument ``conversation``, ``archived``,
``ticket`` or ``approval``.

A script is atomic: if this process is killed, either all of the script takes effect or nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.errors.contents import ScriptUnreadable
from bot.store import keys
from bot.store.client import Store
from bot.store.prelude import prelude

LUA = Path(__file__).parent / "lua"
LIBRARIES = "lib"
TAGS = frozenset({"args", "returns", "include"})
DECODED = {
    "": "ARGV[{n}]",
    "number": "tonumber(ARGV[{n}])",
    "flag": "ARGV[{n}] == '1'",
    "json": "ARGV[{n}] ~= '' and cjson.decode(ARGV[{n}]) or nil",
    "words": "ARGV[{n}]",
    "sealed": "ARGV[{n}] ~= '' and cjson.decode(ARGV[{n}]) or nil",
}
JSON = frozenset({"json", "sealed"})
WITH_WORDS = frozenset({"words", "sealed"})
NOTING = "words"  # the library that notes the key


@dataclass(frozen=True)
class Argument:
    """A named argument of a script; ``kind`` is its type, '' for a string."""

    name: str
    kind: str = ""

    @classmethod
    def parse(cls, written: str) -> Argument:
        name, _, kind = written.partition(":")
        return cls(name, kind)

    def encode(self, value: Any) -> Any:
        """Encodes a value as the script expects it in ARGV."""
        if self.kind in JSON:
            return "" if value is None else json.dumps(value)
        return int(value) if self.kind == "flag" else value


@dataclass(frozen=True)
class LuaFile:
    """A Lua file, split into the fields of its header and its code."""

    name: str
    about: str
    args: tuple[Argument, ...]
    returns: str
    includes: tuple[str, ...]
    code: str

    @classmethod
    def read(cls, folder: Path, name: str) -> LuaFile:
        """Reads and parses ``folder``/``name``.lua.

        Raises ScriptUnreadable if the file is missing or its header is invalid.
        """
        path = folder / f"{name}.lua"
        if not path.is_file():
            raise ScriptUnreadable(file=name, problem="no such file")
        text = path.read_text(encoding="utf-8")
        about, tags = _header(name, text)
        return cls(
            name=name,
            about=about,
            args=tuple(Argument.parse(one) for one in _listed(tags.get("args", ""))),
            returns=tags.get("returns", ""),
            includes=tuple(_listed(tags.get("include", ""))),
            code=re.sub(r"^\s*(--.*)?\n", "", text, flags=re.MULTILINE),  # without comments and empty lines
        )


@dataclass(frozen=True)
class Source:
    """The text of a script as sent to Redis: definitions from Python, libraries, arguments, and the script's code."""

    file: LuaFile
    text: str

    @classmethod
    def assemble(cls, name: str, folder: Path = LUA) -> Source:
        """Reads and assembles the script ``name`` in ``folder``. Raises ScriptUnreadable."""
        file = LuaFile.read(folder, name)
        if not file.args or not file.returns or any(one.kind not in DECODED for one in file.args):
            raise ScriptUnreadable(file=name, problem="@args or @returns")
        noting = ""
        if _words_of(file):
            file = replace(file, includes=(*file.includes, NOTING))
            noting = f"note_words_key(ARGV[{len(file.args) + 1}])\n"
        libraries = "".join(one.code for one in _libraries(folder, file))
        body = libraries + _locals(file.args) + noting + file.code
        return cls(file, f"-- {name}.lua\n{prelude(body)}\n{body}")

    def arguments(self, given: dict[str, Any]) -> list[Any]:
        """Encodes ``given`` as a list in the order of ``@args``.

        Raises TypeError if an argument is missing or unknown.
        """
        wanted = [one.name for one in self.file.args]
        if given.keys() != set(wanted):
            raise TypeError(f"{self.file.name}.lua takes {', '.join(wanted)}; it was given {', '.join(given)}")
        return [one.encode(given[one.name]) for one in self.file.args]


class Script:
    """A script that is called with keyword arguments and run by its digest (EVALSHA).

    If Redis has lost the script, for example in a restart, redis-py loads it again.
    """

    def __init__(self, redis: Store, name: str) -> None:
        self._redis = redis
        self._source = load(name)
        self._sealed = _words_of(self._source.file)
        self._script = redis.register_script(self._source.text)

    async def __call__(self, **arguments: Any) -> Any:
        if not self._sealed:
            return await self._script(args=self._source.arguments(arguments))
        words, conversation = self._redis.words, await self._conversation(arguments)
        sealed = {name: words.sealed(conversation, arguments[name], name) for name in self._sealed if name in arguments}
        return await self._script(args=[*self._source.arguments(arguments | sealed), words.newest])

    async def _conversation(self, arguments: dict[str, Any]) -> str:
        """Returns the conversation that the arguments name; '' if its ticket or approval does not exist."""
        if "conversation" in arguments:
            return str(arguments["conversation"])
        if "archived" in arguments:
            return str(arguments["archived"]["id"])
        by_ticket = "ticket" in arguments
        key = keys.ticket_key(arguments["ticket"]) if by_ticket else keys.approval_key(arguments["approval"])
        return await self._redis.hget(key, "conversation") or ""


@cache
def load(name: str) -> Source:
    """Returns the assembled script lua/<name>.lua, cached. Raises ScriptUnreadable."""
    return Source.assemble(name)


def script_names(folder: Path = LUA) -> list[str]:
    """Returns the names of the scripts in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.lua"))


def _words_of(file: LuaFile) -> tuple[str, ...]:
    """Returns the names of the arguments with words of people."""
    return tuple(one.name for one in file.args if one.kind in WITH_WORDS)


def _header(name: str, text: str) -> tuple[str, dict[str, str]]:
    """Parses the comments at the beginning of a file into its description (the first line) and its tags.

    Raises ScriptUnreadable.
    """
    comments = re.match(r"(?:--.*\n)*", text)
    lines = [line.removeprefix("--").strip() for line in comments[0].splitlines()] if comments else []
    tags: dict[str, str] = {}
    for tag, _, listed in (line[1:].partition(" ") for line in lines if line.startswith("@")):
        tags[tag] = f"{tags[tag]}, {listed}" if tag in tags else listed
    if not lines or lines[0].startswith("@") or not tags.keys() <= TAGS:
        raise ScriptUnreadable(file=name, problem="header")
    return lines[0], tags


def _libraries(folder: Path, file: LuaFile) -> list[LuaFile]:
    """Returns all libraries that a file includes, directly or indirectly, each once and before its first use.

    Raises ScriptUnreadable if a library includes itself, directly or indirectly.
    """
    found: dict[str, LuaFile] = {}

    def visit(one: LuaFile, path: tuple[str, ...]) -> None:
        for name in one.includes:
            if name in path:
                raise ScriptUnreadable(file=name, problem="includes itself")
            if name not in found:
                library = LuaFile.read(folder / LIBRARIES, name)
                visit(library, (*path, name))
                found[name] = library

    visit(file, ())
    return list(found.values())


def _locals(args: tuple[Argument, ...]) -> str:
    values = ", ".join(DECODED[one.kind].format(n=number) for number, one in enumerate(args, 1))
    return f"local {', '.join(one.name for one in args)} = {values}\n"


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]
