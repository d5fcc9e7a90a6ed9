"""Tests that texts whose characters decompose into many others cost no more than plain texts of that length."""

from __future__ import annotations

import pytest

from bot.channels.formatting.phone_numbers import phone_numbers
from bot.core.messages import Channel, CitizenMessage
from bot.crisis.emergency import find, guess
from bot.text.decomposition import MAX_CHARACTERS, decomposed
from bot.text.emergency_fold import fold
from bot.text.normalize import plain
from bot.turns.buttons import plain as plain_title
from bot.turns.emergency import LONG_TEXT, search_beside

BOMBS = ("㎯", "ﷺ", "㌖")  # 6, 18 and 6 characters in NFKD, some with blanks between them


@pytest.mark.parametrize("bomb", BOMBS)
def test_decomposed_text_is_at_most_twice_as_long(bomb: str) -> None:
    for read in (decomposed, plain, plain_title):
        assert len(read(bomb * 4000)) <= 8000


@pytest.mark.parametrize("bomb", [*BOMBS, "a ", "1."])
def test_text_searched_for_emergencies_has_a_bounded_length(bomb: str) -> None:
    assert len(fold(bomb * 20_000).replace(" ", "")) <= MAX_CHARACTERS


def test_decomposition_in_parts_is_that_of_the_whole() -> None:
    assert decomposed("Ñandú o pingüino " * 200) == decomposed("Ñandú o pingüino ") * 200


def test_danger_at_the_end_of_the_longest_message_is_found() -> None:
    assert find(f"{'quiero saber del permiso de circulación. ' * 97} hay un incendio en mi casa") == "incendio"


async def test_long_message_is_searched_in_a_thread_and_only_once() -> None:
    find.cache_clear()
    await search_beside([CitizenMessage("c1", Channel.WEB, "m1", text, 0) for text in ("㎯" * 4000, "short")])
    beside = find.cache_info()
    assert beside.misses == 1
    assert find("㎯" * 4000) is None
    assert find.cache_info().hits == beside.hits + 1
    assert LONG_TEXT < 4000
    assert guess.cache_info().currsize > 0


def test_words_before_a_number_are_searched_a_short_way_back() -> None:
    assert [one.dialled for one in phone_numbers(f"Llama al 131. {'x' * 200} 131")] == ["131"]
    assert phone_numbers(f"Llama al {' ' * 4000} 131") == []
