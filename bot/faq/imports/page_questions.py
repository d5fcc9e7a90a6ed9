"""Finds questions and answers in a web page that does not mark them: accordions, headings, bold lines, lists, tables.

A question is a short text with a question mark in an element that usually holds one; its answer is what follows until
the next question or heading. Menus, banners and questions about the page itself are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement

from bot.faq.imports.page_seen import GAP, HEADINGS, Seen, part_of, seen_of
from bot.text.normalize import plain

BESIDE = ["nav", "footer", "script", "style", "noscript", "template", "svg", "iframe", "dialog", "select", "textarea"]
ROLES = {"navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar"}
PARTS = re.compile(r"(?<![a-z])(cookies?|footer|nav|navbar|menu|breadcrumbs?|migas|sidebar|share|compartir)(?![a-z])")
WHOLE_PAGE = 3  # a part with more than a third of the page's letters is no menu, whatever its class says
OWN = {*HEADINGS, "summary", "dt", "button", "a", "th", "td"}  # elements that may hold a question by themselves
BOLD = {"p", "div", "li", "span", "strong", "b"}  # elements that may hold one if all of it is bold
NUMBERING = re.compile(r"^(?:\(?\d+\s*[.)°º:-]+|[+•▸►-])\s*")
NUMBERED_TITLE = re.compile(
    r"^\(?(\d{1,3})\s*[.)°º:-]+\s*\D.*(?<![.:;,])$"
)  # a title, not a sentence or the lead of a list
OF_THE_PAGE = re.compile(
    r"\bcookies?\b|\bolvidaste\b|\b(?:fue|es|resulto) (?:de )?(?:util|ayuda)\b|\b(?:te|le) (?:sirvio|ayudo|gusto)\b"
    r"|\b(?:encontraste|encontro) lo que\b"
)
SAID = r"(?:pregunt|dic|dec|consult)\w+(?: la gente| las personas| el publico)?"
OTHER_WORDINGS = re.compile(
    rf"(?:otras? )?(?:formas?|maneras?|modos?) (?:de|en que|como) (?:\w+ ){{0,2}}{SAID}$"
    rf"|(?:tambien|tb|tbn|tmb) (?:\w+ ){{0,2}}{SAID}(?: asi| como)?$"
    rf"|(?:asi|como) (?:tambien )?(?:lo|la) (?:\w+ )?{SAID}$"
)
OTHERS = re.compile(r"(?:otras? (?:formas?|maneras?)|variantes?|sinonimos?)$")  # may be of payment: the rest is quoted
QUOTED = re.compile(r"[“«\"‘]([^“”«»\"‘’\n]{2,200})[”»\"’]")
BETWEEN = re.compile(r"\s*[;|\n]\s*|\s+/\s+")
MARKS = "*_-•· .\t"
MOST_SECTION = 60  # maximum length of the title of a section; a longer one is a sentence
# Headings above questions that say nothing of their subject.
NO_SECTION = re.compile(
    r"(?:preguntas|dudas|consultas)(?: mas)?(?: frecuentes)?$|faqs?$|ayuda$|inicio$|contenidos?$|indice$"
)
ASKS = "data-asks"  # attribute of a title without a question mark that counts as a question (office/titles.py)


@dataclass(frozen=True)
class Asked:
    """A question of a page, the HTML of its answer, and the title of its section, "" if none."""

    question: str
    answer: str
    section: str


def questions_of(page: BeautifulSoup) -> list[Asked]:
    """Returns each question of the page, once; changes ``page``.

    Of a question that several elements repeat, such as in a table of contents, the longest answer is returned.
    """
    _leave_out(page)
    reader = _Reader(seen_of(page), page)
    sections = reader.sections(page)
    found: dict[str, Asked] = {}
    for one in reader.asking:
        question, answer = reader.question(one), reader.answer(one)
        if len(answer) > (len(found[question].answer) if question in found else 0):
            found[question] = Asked(question, answer, sections[id(one)])
    return list(found.values())


def without_wordings(answer: str) -> tuple[str, list[str]]:
    """Returns an answer, in Markdown, without its paragraph of other wordings («Otras formas: …»), and these wordings.

    The wordings are the quoted texts. Without quotes, the paragraph is split at semicolons, bars, slashes and line
    ends, or else at commas.
    """
    paragraphs = answer.split("\n\n")
    for place, paragraph in enumerate(paragraphs):
        if not begins_wordings(paragraph):
            continue
        rest, after = paragraph.partition(":")[2], place + 1
        if not rest.strip(MARKS) and after < len(paragraphs):  # the wordings are a list below
            rest, after = paragraphs[after], after + 1
        listed = QUOTED.findall(rest) or BETWEEN.split(rest)
        listed = rest.split(",") if len(listed) == 1 and "," in rest and not QUOTED.search(rest) else listed
        wordings = [cleaned for one in listed if (cleaned := " ".join(one.split()).strip(MARKS))]
        if wordings and len(paragraphs) > after - place:
            return "\n\n".join(paragraphs[:place] + paragraphs[after:]), wordings
    return answer, []


def begins_wordings(text: str) -> bool:
    """Returns whether a paragraph or line begins like a list of other wordings («Otras formas: “…”»)."""
    lead, _, rest = text.partition(":")
    return bool(OTHER_WORDINGS.match(plain(lead)) or (OTHERS.match(plain(lead)) and QUOTED.search(rest)))


def numbers_of(lines: Iterable[str]) -> frozenset[int]:
    """Returns the numbers of the numbered ``lines`` that end with a question mark."""
    return frozenset(int(found[1]) for one in lines if one.endswith("?") and (found := NUMBERED_TITLE.match(one)))


def is_numbered_title(words: str, numbers: frozenset[int]) -> bool:
    """Returns whether ``words`` are a numbered title that fills a gap in the ``numbers`` of the page's questions.

    «2.- VALOR DE LAS ENTRADAS» counts as a question if there are questions with the numbers 1 and 3. The number after
    the last one also fills a gap.
    """
    found = NUMBERED_TITLE.match(words)
    return found is not None and len(numbers) > 1 and int(found[1]) in {*range(1, max(numbers) + 2)} - numbers


def _leave_out(page: BeautifulSoup) -> None:
    """Removes menus, banners, scripts and other parts that are not the content of ``page``."""
    for beside in page.find_all(BESIDE):
        beside.decompose()
    seen = seen_of(page)
    most = seen[id(page)].letters / WHOLE_PAGE
    gone: set[int] = set()
    for one in page.find_all(True):
        if id(one.parent) in gone:
            gone.add(id(one))
        elif _is_beside(one) and seen[id(one)].letters < most:
            gone.add(id(one))
            one.extract()


def _is_beside(element: Tag) -> bool:
    if element.get("role") in ROLES:
        return True
    names = element.get_attribute_list("class") + element.get_attribute_list("id")
    return any(PARTS.search(str(name).lower()) for name in names if name)


def _is_shown(part: Seen | None) -> bool:
    return part is not None and bool(part.letters or part.heading)


class _Reader:
    """Reads the questions (``asking``, the outermost element of each) and answers of a page."""

    def __init__(self, seen: Mapping[int, Seen], page: BeautifulSoup) -> None:
        self._seen = seen
        self._numbers = numbers_of(seen[id(one)].words for one in page.find_all([*OWN, *BOLD]))
        self.asking: list[Tag] = []
        within: set[int] = set()
        for one in page.find_all(True):
            if id(one.parent) in within or self._asks(one):
                within.add(id(one))
                if id(one.parent) not in within:
                    self.asking.append(one)
        self._holding: set[int] = set()  # the questions, and what holds one
        for question in self.asking:
            holder: Tag | None = question
            while holder is not None and id(holder) not in self._holding:
                self._holding.add(id(holder))
                holder = holder.parent

    def question(self, element: Tag) -> str:
        return NUMBERING.sub("", self._seen[id(element)].words)

    def answer(self, question: Tag) -> str:
        """Returns the HTML between a question and the next one or the next heading; "" if it has no text."""
        parts: list[PageElement] = []
        for after in self._following(question):
            if isinstance(after, Tag) and self._ends(after, question, first=not parts):
                break
            if _is_shown(part_of(after, self._seen)):
                parts.append(after)
        has_text = any(one.get_text(strip=True) for one in parts)
        return "".join(map(str, parts)) if has_text else ""

    def sections(self, page: BeautifulSoup) -> dict[int, str]:
        """Returns the section of each question, keyed by the element's ``id()``: the last title right above a question.

        Returns "" for all if the page has fewer than two sections: a single title is that of the page.
        """
        asking = {id(one) for one in self.asking}
        found, section, above, within = dict[int, str](), "", "", set[int]()
        for one in page.descendants:
            if id(one.parent) in within or not isinstance(one, Tag | NavigableString):
                within.add(id(one))
            elif id(one) in asking:
                section, above = above or section, ""
                found[id(one)] = section
                within.add(id(one))
            elif isinstance(one, Tag) and one.name in HEADINGS and self._seen[id(one)].letters:
                above = NUMBERING.sub("", self._seen[id(one)].words).rstrip(":")
                within.add(id(one))
            elif isinstance(one, NavigableString) and part_of(one, self._seen) not in {None, GAP}:
                above = ""
        named = {id_: title if _is_section(title) else "" for id_, title in found.items()}
        return named if len({*named.values()} - {""}) > 1 else dict.fromkeys(named, "")

    def _asks(self, element: Tag) -> bool:
        seen = self._seen[id(element)]
        asks = element.has_attr(ASKS) or seen.words.endswith("?") or is_numbered_title(seen.words, self._numbers)
        if not asks or OF_THE_PAGE.search(plain(seen.words)):
            return False
        if element.name == "a" and _leads_away(element):
            return False
        return element.name in OWN or (element.name in BOLD and seen.bold)

    def _following(self, question: Tag) -> Iterator[PageElement]:
        """Yields the siblings after the question, or after the outermost element that contains only the question.

        If the question and its answer share a paragraph, also yields the siblings after that paragraph.
        """
        outer, words = question, self._seen[id(question)].words
        while outer.parent is not None and self._seen[id(outer.parent)].words == words:
            outer = outer.parent
        yield from outer.next_siblings
        if outer.parent is not None and outer.parent.name == "p":
            yield from outer.parent.next_siblings

    def _ends(self, after: Tag, question: Tag, *, first: bool) -> bool:
        if id(after) in self._holding:
            return True
        if question.name not in HEADINGS:
            return after.name in HEADINGS
        heading = "" if first and after.name not in HEADINGS else self._seen[id(after)].heading
        return bool(heading) and heading <= question.name


def _is_section(title: str) -> bool:
    return len(title) <= MOST_SECTION and not NO_SECTION.match(plain(title))


def _leads_away(link: Tag) -> bool:
    """Returns whether a link leads to another page, like the links of a menu, and does not open a part of this page."""
    address = str(link.get("href") or "#")
    return "#" not in address and not address.lower().startswith("javascript:")
