"""Writes all published entries into one file: a ZIP of their files, a spreadsheet, or schema.org's FAQPage."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot.channels.formatting.html import markdown_html
from bot.desk.editing.form import Form, NotAForm, form_of
from bot.desk.editing.text import text_in
from bot.faq.entries.folder import is_entry
from bot.faq.entries.schema import ANSWER, AUDIENCE, COUNTEREXAMPLES
from bot.faq.entries.writing import audience_text
from bot.faq.imports.sheet import names
from bot.text.csv_lines import MARK, csv_line

VARIANTS = "variantes"
OLDEST = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP can hold; equal contents make equal files


def as_zip(contents: Mapping[str, bytes]) -> bytes:
    """Returns a ZIP of the files, which are keyed by their path below the FAQ folder."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(ZipInfo(name, OLDEST), content, ZIP_DEFLATED)
    return made.getvalue()


def as_csv(contents: Mapping[str, bytes]) -> bytes:
    """Returns a CSV with a row per entry and the headings that an import reads."""
    rows = [csv_line([_cell(form, name) for name in names()]) for form in _forms(contents)]
    return (MARK + csv_line(names()) + "".join(rows)).encode()


def as_faq_page(contents: Mapping[str, bytes]) -> bytes:
    """Returns schema.org's FAQPage as JSON; the answers are HTML."""
    questions = [
        {
            "@type": "Question",
            "name": form.fields["pregunta"],
            "acceptedAnswer": {"@type": "Answer", "text": markdown_html(form.answer, ())},
        }
        for form in _forms(contents)
    ]
    page = {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": questions}
    return json.dumps(page, ensure_ascii=False, indent=1).encode()


def _forms(contents: Mapping[str, bytes]) -> Iterable[Form]:
    """Yields the form of each entry; skips entries whose header cannot be parsed."""
    for path in filter(is_entry, contents):
        text = text_in(contents, path)
        try:
            if text is not None:
                yield form_of(text)
        except NotAForm:
            continue


def _cell(form: Form, name: str) -> str:
    if name == ANSWER:
        return form.answer
    if name == VARIANTS:
        return "\n".join([*form.variants, *(one.text for one in form.phrases)])
    if name == COUNTEREXAMPLES:
        return "\n".join(one.text for one in form.counterexamples)
    if name == AUDIENCE:
        return audience_text(form.audience) if form.audience else ""
    return form.fields.get(name, "")
