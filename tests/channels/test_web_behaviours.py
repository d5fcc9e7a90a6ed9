"""The behaviours of test_behaviours.py that have a meaning where no provider stands between, on the web chat.

Repeats, the order, a line that drops and a store that is away are in tests/integration/test_webchat*.py too; files that
citizens and staff send in tests/browser/test_chat_person.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from bot.agency.model import Agency
from tests.channels import test_behaviours as everywhere
from tests.channels.web_stand import WebStand, web_stand


@pytest_asyncio.fixture
async def stand(redis: Any, agency: Agency) -> AsyncIterator[WebStand]:
    async with web_stand(redis, agency) as made:
        await made.world.inbox.open(made.conversation, made.world.channel.channel, None)
        await redis.hset(f"v:conv:{made.conversation}", "welcomed", 1)
        yield made


test_a_message_is_kept = everywhere.test_a_message_is_kept_before_it_is_acknowledged_and_then_answered
test_a_repeat_is_dropped = everywhere.test_a_repeat_is_dropped
test_answers_keep_the_order = everywhere.test_answers_keep_the_order_of_the_questions
test_what_was_forged_is_refused = everywhere.test_what_was_forged_is_refused_and_leaves_no_trace
test_a_choice_means_the_same_three_ways = everywhere.test_a_choice_means_the_same_three_ways
test_an_old_button_in_the_line = everywhere.test_an_old_button_pressed_in_the_line_is_answered
test_a_button_of_an_old_turn_fails_politely = everywhere.test_a_button_of_an_old_turn_fails_politely
