"""Renders an answer as the web chat shows it, for the preview on the editors' page.

The widget folds a long answer (widget/fold.js) and asks whether it helped (widget/useful.js); this module does the same
in HTML without a script.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from bot.agency.offices import Office
from bot.channels.formatting.bubble import Bubble
from bot.channels.formatting.event_spans import event_spans
from bot.channels.formatting.html import event_html, markdown_blocks
from bot.channels.formatting.shown_event import shown_source
from bot.channels.formatting.spans import utf16_length
from bot.core.events import Event
from bot.core.texts import area, say

ACTION = 'class="action"'
TITLE = re.compile(r"<p><strong>([^<]*)</strong>")
MAX_TITLES, LONGEST_TITLE = 4, 28  # as in widget/fold.js


def bubbles(event: Event, site: str, offices: tuple[Office, ...] = ()) -> list[Bubble]:
    """Returns one bubble with the answer, folded after ``fold_after`` blocks, its source, and «¿Te sirvió?» if ratable.

    ``site`` is PUBLIC_URL; addresses of ``offices`` are linked to a map.
    """
    source = shown_source(event.message.source)
    link = f'<a href="{escape(source.url)}">{escape(source.title)}</a>' if source else ""
    source_line = f"<p>{escape(say('canales.fuente'))}: {link}</p>" if link else ""
    length = sum(utf16_length(run.text) for run in event_spans(event, site=site, question="pregunta", offices=offices))
    return [Bubble(_folded(event, offices) + source_line + _question(event), length)]


def _folded(event: Event, offices: tuple[Office, ...]) -> str:
    """Returns the answer's HTML; the blocks after ``fold_after``, except actions, are folded."""
    after = event.message.fold_after
    blocks = markdown_blocks(event.text, offices) if after and event.is_markdown else ()
    hidden = [block for block in blocks[after:] if ACTION not in block]
    if not hidden:
        return event_html(event, offices)
    shown = [*blocks[:after], *(block for block in blocks[after:] if ACTION in block)]
    more = f"<span>{escape(say('widget.etiquetas.ver_todo'))}</span> <small>{' · '.join(_titles(hidden))}</small>"
    return f'{"".join(shown)}<details class="fold"><summary>{more}</summary>{"".join(hidden)}</details>'


def _titles(blocks: Sequence[str]) -> list[str]:
    found = (match[1].rstrip(":.,") for block in blocks if (match := TITLE.match(block)))
    return [title for title in found if len(title) <= LONGEST_TITLE][:MAX_TITLES]


def _question(event: Event) -> str:
    if not event.message.rating_id:
        return ""
    titles = area("canales")["util"]["titulos"]
    answers = "".join(f'<span class="key">{escape(titles[one])}</span>' for one in ("yes", "no"))
    return f'<p class="useful">{escape(say("canales.util.pregunta"))} {answers}</p>'
