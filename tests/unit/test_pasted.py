"""Tests how text is cleaned that was copied from Word, Google Docs and web pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.entries import body, front_matter
from bot.faq.entries.problem import Found
from bot.faq.imports.page_source import MOST_ELEMENTS
from bot.faq.imports.pasted import Pasted, pasted

MARK = "<![if !supportLists]><span style='mso-list:Ignore'>{}<span>&nbsp;&nbsp; </span></span><![endif]>"
WORD = f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {{margin:0}}</style></head>
<body lang=ES-CL><!--StartFragment--><h1>Costo<o:p></o:p></h1>
<p class=MsoNormal>Cuesta <b style='mso-bidi-font-weight:normal'>$ 12.000</b>, con
<span style='color:red'>tarjeta</span>.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'>{MARK.format("·")}La cédula</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'>{MARK.format("o")}vigente</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'>{MARK.format("·")}El <a href="https://x.cl/f">formulario</a></p>
<p class=MsoNormal>Luego:</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'>{MARK.format("1.")}Pide hora</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'>{MARK.format("2.")}Paga</p>
<!--EndFragment--></body></html>"""


def test_word_becomes_headings_lists_bold_and_links() -> None:
    assert (
        pasted(WORD).markdown
        == """**Costo**

Cuesta **$ 12.000**, con tarjeta.

- La cédula
  - vigente
- El [formulario](https://x.cl/f)

Luego:

1. Pide hora
2. Paga"""
    )
    assert pasted(WORD).dropped == {}


def test_google_docs_is_not_all_bold() -> None:
    html = """<b style="font-weight:normal;" id="docs-internal-guid-1"><p><span style="font-weight:700">Plazo:</span>
<span style="font-weight:400"> 5 días</span></p><ul><li><p>uno</p></li><li><p>dos</p></li></ul></b>"""
    assert pasted(html).markdown == "**Plazo:** 5 días\n\n- uno\n- dos"


@pytest.mark.parametrize(
    ("table", "written"),
    [
        (
            "<tr><td>Lunes</td><td>9 a 14</td></tr><tr><td>Martes</td><td>cerrado</td></tr>",
            "- **Lunes:** 9 a 14\n- **Martes:** cerrado",
        ),
        (
            "<tr><th>Licencia</th><th>Valor</th><th>Años</th></tr>"
            "<tr><td>Clase B</td><td><p>$ 30.000</p></td><td>6</td></tr>",
            "- **Clase B:** Valor: $ 30.000; Años: 6",
        ),
        ("<tr><td><b>Lunes</b></td><td><b>9 a 14</b></td></tr>", "- **Lunes:** **9 a 14**"),  # the only row is not lost
        (  # as here, though its value has no figure
            "<tr><td>Sector norte:</td><td>Lunes</td></tr><tr><td>Sector sur:</td><td>5 de mayo</td></tr>"
            "<tr><td>Sector este:</td><td>6 de mayo</td></tr>",
            "- **Sector norte:** Lunes\n- **Sector sur:** 5 de mayo\n- **Sector este:** 6 de mayo",
        ),
        (  # no headings: the first row is not lost
            "<tr><td>Platea</td><td>$12.000</td></tr><tr><td>Palco</td><td>$9.000</td></tr>"
            "<tr><td>Galería</td><td>$5.000</td></tr>",
            "- **Platea:** $12.000\n- **Palco:** $9.000\n- **Galería:** $5.000",
        ),
    ],
)
def test_table_becomes_a_list(table: str, written: str) -> None:
    assert pasted(f"<table>{table}</table>").markdown == written


def test_dropped_elements_are_counted() -> None:
    html = """<p>Hola<script>alert(1)</script><img src="file:///c:/a.png"><del>antes</del>
<a href="javascript:alert(1)">aquí</a> <a href="#_Toc1">índice</a><span style="mso-hide:all">secreto</span>
<a href="#_ftn1">[1]</a><iframe src="https://x"></iframe><input value="x"></p>"""
    found = pasted(html)
    assert found.markdown == "Hola aquí índice"
    assert found.dropped == {
        "objetos": 2, "imagenes": 1, "borrados": 1, "ocultos": 1, "notas": 1, "formularios": 1, "enlaces": 1
    }  # fmt: skip


def test_deep_nesting_is_plain_text() -> None:
    assert pasted("<div>" * 5000 + "hola").markdown == "hola"


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<b>",
                "<ul>",
                "<li>",
                "</ul>",
                "<table><tr><td>",
                "</table>",
                "a",
                "*",
                "<script>",
                "</script>",
                "<a href='javascript:x'>",
                "</a>",
                "<img onerror=x>",
                "<!--",
                "-->",
                "&lt;b&gt;",
            ]
        ),
        max_size=30,
    )
)
def test_no_html_and_no_dangerous_link_is_left(parts: list[str]) -> None:
    found = Found("x.md")
    header = front_matter.read(f"---\nid: x\n---\n{pasted(''.join(parts)).markdown or 'x'}\n", found)
    assert header is not None
    body.check(header, found)
    assert [one.message for one in found.problems if one.severity.value == "error"] == []


def test_html_that_nobody_closes_is_text_and_of_too_many_elements_nothing_remains() -> None:
    """The parser searches to the end of the text from each of these tags: a hundred thousand took minutes."""
    assert pasted("<p>uno</p>" + "<a " * 5).markdown.startswith("uno\n\n\\<a \\<a")
    assert pasted("<a " * (MOST_ELEMENTS + 1)) == Pasted("", {"objetos": MOST_ELEMENTS})
