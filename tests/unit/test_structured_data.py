"""Tests the data for search engines: JSON that cannot end its script element, and a well-formed sitemap."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as some

from bot.channels.web.answers.shown import topic_title
from bot.channels.web.answers.sitemap import sitemap
from bot.channels.web.answers.structured_data import script_json
from bot.core.texts import date_in_words
from tests.faq_entry import BASE


@given(some.text() | some.sampled_from(["</script>", "<!--<script>", "&lt;", "\u2028", "]]>"]))
def test_any_text_stays_inside_the_script_element(text: str) -> None:
    written = script_json({"text": text})
    assert json.loads(written) == {"text": text}
    assert re.search("[<>&\u2028\u2029]", written) is None


def test_sitemap_is_well_formed_with_any_address() -> None:
    tree = ElementTree.fromstring(sitemap("https://x.cl/a&b", [BASE]))  # noqa: S314, our own text
    (page,) = [one.text for one in tree.iter() if (one.text or "").endswith("bache")]
    assert page == "https://x.cl/a&b/tramites/bache"


def test_topic_has_its_title_or_one_from_its_folder() -> None:
    assert topic_title("transito") == "Tránsito y vehículos"
    assert topic_title("fomento-productivo") == "Fomento productivo"


def test_date_is_written_in_words() -> None:
    assert date_in_words(BASE.reviewed) == "1 de noviembre de 2026"
