"""Describes an answer to search engines as schema.org's FAQPage, in JSON-LD.

A page contains the data in a ``<script type="application/ld+json">``. Browsers do not run such a block, so the content
security policy needs no exception. The data must not contain text that ends the block.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from bot.agency.model import Agency
from bot.channels.web.answers.shown import Answer

ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def faq_page(answer: Answer, agency: Agency, url: str) -> Markup:
    """Returns the JSON-LD of an answer's page; ``url`` is '' if unknown. The answer must have variants."""
    page: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "inLanguage": "es-CL",
        "dateModified": answer.reviewed.isoformat(),
        "publisher": {"@type": "GovernmentOrganization", "name": agency.name, "telephone": agency.phone},
        "mainEntity": [
            {
                "@type": "Question",
                "name": answer.question,
                "acceptedAnswer": {"@type": "Answer", "text": "\n".join(_parts(answer))},
            }
        ],
    }
    if url:
        page["url"] = url
    return script_json(page)


def _parts(answer: Answer) -> list[str]:
    return [
        f"<p><strong>{Markup.escape(one.audience)}</strong></p>\n{one.html}" if one.audience else one.html
        for one in answer.variants
    ]


def script_json(data: object) -> Markup:
    """Returns ``data`` as JSON that is safe inside a script element: without tags, entities and comments."""
    return Markup(json.dumps(data, ensure_ascii=False).translate(ESCAPES))  # noqa: S704, all markup is escaped
