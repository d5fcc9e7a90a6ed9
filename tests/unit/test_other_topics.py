"""Tests the agency's own list of topics out of its scope."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.desk.editing.other_topics import OtherTopic, TopicsUnreadable, add_topic
from bot.faq.ranking.background import OWN_TOPICS, OutOfScopeTopic, load_background


def topics(folder: Path) -> tuple[OutOfScopeTopic, ...]:
    return load_background(folder, faq_dir=folder).out_of_scope_topics


def test_rows_are_added_and_names_stay_apart(tmp_path: Path) -> None:
    suit = OtherTopic(
        "donde arriendo, un traje", ["donde arriendo, un traje", "traje | de huaso"], "Club", "https://x.cl"
    )
    assert add_topic(tmp_path, suit) == "donde-arriendo-un-traje"
    assert add_topic(tmp_path, suit) == "donde-arriendo-un-traje-2"
    first, second = topics(tmp_path)
    assert first.utterances == ("donde arriendo, un traje", "traje / de huaso") == second.utterances
    assert (first.title, first.scope, first.body, first.url) == (suit.title, "nacional", "Club", "https://x.cl")


def test_rows_that_the_agency_wrote_stay(tmp_path: Path) -> None:
    (tmp_path / OWN_TOPICS).write_text("id;formas;nota\nbip;dónde cargo la bip;ver con Ana\n", encoding="cp1252")
    add_topic(tmp_path, OtherTopic("traje de huaso", ["traje de huaso"]))
    assert [one.name for one in topics(tmp_path)] == ["bip", "traje-de-huaso"]
    assert "ver con Ana" in (tmp_path / OWN_TOPICS).read_text(encoding="utf-8")


def test_unreadable_list_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / OWN_TOPICS).write_bytes(b"PK\0\3")
    with pytest.raises(TopicsUnreadable):
        add_topic(tmp_path, OtherTopic("traje de huaso", ["traje de huaso"]))
    assert (tmp_path / OWN_TOPICS).read_bytes() == b"PK\0\3"


def test_words_never_become_a_formula(tmp_path: Path) -> None:
    add_topic(tmp_path, OtherTopic('=HYPERLINK("x")', ["@suma de todo", "+ algo más"], "=1+1"))
    (topic,) = topics(tmp_path)
    assert (topic.title, topic.utterances, topic.body) == ('HYPERLINK("x")', ("suma de todo", "algo más"), "1+1")
