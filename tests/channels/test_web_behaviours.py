"""Tests on the web chat the behaviours of test_behaviours.py that need no provider.

Repeats, order, dropped connections and unreachable stores are tested in tests/integration/test_webchat*.py too, files
of citizens and staff in tests/browser/test_chat_person.py.
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


test_message_is_stored_and_answered = everywhere.test_message_is_stored_before_it_is_acknowledged_and_then_answered
test_repeat_is_dropped = everywhere.test_repeat_is_dropped
test_answers_keep_the_order = everywhere.test_answers_keep_the_order_of_the_questions
test_forged_call_is_refused = everywhere.test_forged_call_is_refused_and_leaves_no_trace
test_choice_means_the_same_by_click_number_and_title = everywhere.test_choice_means_the_same_by_click_number_and_title
test_old_button_in_the_queue = everywhere.test_old_button_pressed_in_the_queue_is_answered
test_button_of_an_old_turn_fails_politely = everywhere.test_button_of_an_old_turn_fails_politely
