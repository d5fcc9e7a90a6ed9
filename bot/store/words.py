"""Encrypts what people write before it is stored in Redis, and decrypts it where it is read.

An encrypted text is ``<OPEN><id of the master key><Base64 of nonce, ciphertext and tag><CLOSE>``. OPEN is a control
character, which no message of a citizen contains (bot/conversation/readable.py), so nobody can write a text that looks
encrypted. Other texts are read as they are: notices that are the same for everybody, and those of an older release.
Every encrypted text is bound to its conversation. See docs/decisions/words-in-valkey.md.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from redis.exceptions import RedisError

from bot.core.errors.base import PermanentError, RetryableError
from bot.core.logs import log
from bot.core.secrets.encryption import BoundCipher, Secrets, derived_key, key_id

OPEN, CLOSE = "\x1e", "\x1f"
ESCAPED = "\\u001e"  # OPEN within JSON
TOKEN = re.compile(f"{OPEN}([0-9a-f]{{8}})([A-Za-z0-9_-]+=*){CLOSE}")
TOKEN_WITHIN = re.compile(r"(?:\\x1e|\\u001e)([0-9a-f]{8})")  # the id of the key of a token, as ``repr`` shows it
PURPOSE = "words in redis"
# Fields with words of people: these are encrypted, wherever a script's arguments contain them.
TEXTS = frozenset(
    {
        *("text", "masked", "withheld", "summary", "words", "what", "location", "contact", "secret"),
        *("form", "complaint", "dialogue", "unheard", "resumed_summary"),
    }
)
AS_JSON = frozenset({"attachments", "place", "photos"})  # fields with an object or a list, encrypted as JSON
NESTED = frozenset({"data", "events"})  # fields whose text may be JSON; words in it are encrypted one by one
UNTOUCHED = frozenset({"known"})  # facts, which scripts compare
PLACEHOLDERS = re.compile(r"(\{(?:posicion|nombre|equipo)\})")  # scripts replace these, so they stay in clear


class WordsLocked(RetryableError, RedisError):
    """Words in Redis were encrypted with a key that this process does not have; nothing was lost."""

    text_key = "llaves.errores.falta"


class WordsDamaged(PermanentError, ValueError):
    """Words in Redis were changed, moved from another conversation, or given up where '' must not replace them."""


Blanks = tuple[type[WordsLocked] | type[WordsDamaged], ...]
Opened = Callable[[str, Any], Any]  # decrypts a value of a conversation


class Words:
    """The cipher of words in Redis; ``setting`` is VENTANILLA_SECRET, with the secrets that were replaced.

    With '' nothing can be encrypted or decrypted; that is for programs that read no words. ``lost`` has the ids of keys
    that the operator gave up (``ventanilla secret lost``); words encrypted with them are read as ''.
    """

    def __init__(self, setting: str) -> None:
        every = Secrets.of(setting).every if setting else ()
        self._ciphers = {words_key_id(one): BoundCipher(derived_key(one, PURPOSE)) for one in every}
        self.newest = words_key_id(every[-1]) if every else ""
        self.lost: frozenset[str] = frozenset()
        self._blanks: Blanks = ()  # errors instead of which '' is returned

    @property
    def ids(self) -> frozenset[str]:
        """Returns the ids of the keys that this process has."""
        return frozenset(self._ciphers)

    def seal(self, conversation: str, text: str) -> str:
        """Encrypts a text, unless it is ''. Raises WordsLocked without a key."""
        if not text:
            return text
        if not self.newest:
            raise WordsLocked()
        encrypted = self._ciphers[self.newest].encrypt(text.encode(), _place(conversation))
        return f"{OPEN}{self.newest}{urlsafe_b64encode(encrypted).decode()}{CLOSE}"

    def sealed(self, conversation: str, value: Any, name: str = "") -> Any:
        """Returns ``value``, the content of the field ``name``, with the words in it encrypted."""
        if isinstance(value, str):
            return self._sealed_text(conversation, value, name)
        if name in AS_JSON and value:
            return self.seal(conversation, json.dumps(value))
        if isinstance(value, dict):
            return {key: one if key in UNTOUCHED else self.sealed(conversation, one, key) for key, one in value.items()}
        if not isinstance(value, list | tuple):
            return value
        if name == "fields":
            return self._sealed_pairs(conversation, value)
        if name == "log":
            return [[line[0], *self._sealed_pairs(conversation, line[1:])] for line in value]
        return [self.sealed(conversation, one) for one in value]

    def open(self, conversation: str, text: str) -> str:
        """Returns a text with each encrypted part in it decrypted. Raises WordsLocked and WordsDamaged."""
        if whole := TOKEN.fullmatch(text):  # nearly always
            return self._decrypted(conversation, *whole.groups())
        if OPEN in text and OPEN in TOKEN.sub("", text):
            return self._refused(WordsDamaged(conversation=conversation))
        return TOKEN.sub(lambda found: self._decrypted(conversation, *found.groups()), text)

    def opened(self, conversation: str, value: Any, name: str = "") -> Any:
        """Returns ``value``, the content of the field ``name``, with its words decrypted, even those in nested JSON.

        Raises WordsLocked and WordsDamaged.
        """
        if isinstance(value, str):
            return self._opened_text(conversation, value, name)
        if isinstance(value, dict):
            return {key: self.opened(conversation, one, key) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.opened(conversation, one) for one in value]
        return value

    def opened_in_full(self, conversation: str, message: Any) -> Any:
        """Returns what ``opened`` returns for a message, a dictionary with ``text``, unless its text was given up.

        In that case it raises WordsDamaged, so that nobody answers or sends '' instead of the text. Raises WordsLocked
        and WordsDamaged like ``opened``.
        """
        if any(id in self.lost and id not in self._ciphers for id, _ in TOKEN.findall(message["text"])):
            raise WordsDamaged(conversation=conversation)
        return self.opened(conversation, message)

    def opened_or_blank(self, conversation: str, value: Any, blanks: Blanks = (WordsDamaged,)) -> Any:
        """Returns what ``opened`` returns, with '' for the texts that raise one of ``blanks``, which is logged.

        So one unreadable value does not make a whole list unreadable. Still raises WordsLocked or WordsDamaged if it is
        not in ``blanks``.
        """
        try:
            return self.opened(conversation, value)
        except blanks as error:
            log.error("words: text not readable", conversation=conversation, error=type(error).__name__)
        blanking = copy(self)
        blanking._blanks = blanks
        return blanking.opened(conversation, value)

    def opened_for_people(self, conversation: str, value: Any) -> Any:
        """Returns what ``opened`` returns, with '' for unreadable texts; for lists that people read."""
        return self.opened_or_blank(conversation, value, (WordsDamaged, WordsLocked))

    def _sealed_text(self, conversation: str, text: str, name: str) -> str:
        if name == "text":
            parts = PLACEHOLDERS.split(text)
            return "".join(one if place % 2 else self.seal(conversation, one) for place, one in enumerate(parts))
        if name in TEXTS:
            return self.seal(conversation, text)
        if name not in NESTED or not text:
            return text
        value = json.loads(text)
        new = self.sealed(conversation, value)
        return text if new == value else json.dumps(new)

    def _sealed_pairs(self, conversation: str, pairs: Sequence[Any]) -> list[Any]:
        named = zip(pairs[::2], pairs[1::2], strict=True)
        return [part for name, one in named for part in (name, self.sealed(conversation, one, name))]

    def _opened_text(self, conversation: str, text: str, name: str) -> Any:
        if OPEN in text:
            plain = self.open(conversation, text)
            return json.loads(plain) if name in AS_JSON and plain else plain
        if ESCAPED not in text:
            return text
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return json.dumps(self.opened(conversation, value)) if isinstance(value, dict | list) else text

    def _decrypted(self, conversation: str, id: str, token: str) -> str:
        cipher = self._ciphers.get(id)
        if cipher is None and id in self.lost:
            return ""
        if cipher is None:
            return self._refused(WordsLocked(key=id))
        try:
            plain = cipher.decrypt(urlsafe_b64decode(token), _place(conversation))
        except binascii.Error:  # of a wrong length
            plain = None
        return self._refused(WordsDamaged(conversation=conversation)) if plain is None else plain.decode()

    def _refused(self, error: WordsLocked | WordsDamaged) -> str:
        if isinstance(error, self._blanks):
            return ""
        raise error


def words_key_id(secret: str) -> str:
    """Returns the id (8 hex digits) of the key that is derived from ``secret``; every encrypted text names it."""
    return key_id(secret, PURPOSE)


def _place(conversation: str) -> str:
    return f"words {conversation}"
