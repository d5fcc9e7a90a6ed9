"""Checks several drafts together, as the files that they would become, with the files of the other entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.desk.editing.form import NotAForm, path_for
from bot.desk.editing.text import EntryText
from bot.faq.entries.folder import load_files, read_files
from bot.faq.entries.phrases import phrases_name
from bot.faq.entries.problem import Problem, Severity


@dataclass(frozen=True)
class Unchecked:
    """A draft to check: the path of its entry's file now, and its text."""

    path: str
    text: EntryText

    @property
    def target(self) -> str:
        """Returns the path of its file once it is published; that of its file now if its header cannot be parsed.

        Parses the header, which takes milliseconds.
        """
        try:
            return path_for(self.path, self.text)
        except NotAForm:
            return self.path


class DraftChecks:
    """Checks drafts against the entries in ``faq_dir``, for the ``teams`` of the agency."""

    def __init__(self, faq_dir: Path, teams: Mapping[str, str]) -> None:
        self._faq_dir, self._teams = faq_dir, teams

    def problems(self, drafts: Sequence[Unchecked], today: date) -> list[list[Problem]]:
        """Returns the problems of each draft, among them those with the other drafts; reads files."""
        files, targets = read_files(self._faq_dir), [one.target for one in drafts]
        newcomers = set(targets) - files.keys()
        for one in drafts:
            for name in (one.path, phrases_name(one.path)):
                files.pop(name, None)
        for one, target in zip(drafts, targets, strict=True):
            files |= {name: content for name, content in one.text.files(target).items() if content}
        found = defaultdict(list)
        for problem in load_files(files, self._teams, today=today, newcomers=newcomers).problems:
            found[problem.file].append(problem)
        return [[*found.get(target, ()), *found.get(phrases_name(target), ())] for target in targets]

    def errors(self, drafts: Sequence[Unchecked], today: date) -> list[list[Problem]]:
        """Returns of each draft's problems those that prevent its publication."""
        return [[one for one in some if one.severity is Severity.ERROR] for some in self.problems(drafts, today)]
