"""Drafts of conditions from a list: which of its rows are new, and what becomes of their names and codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import DatabaseError
from django.utils.text import slugify
from wagtail.models import Locale

from cms.conditions.models import ConditionCode, ConditionIndexPage, ConditionName, ConditionPage
from cms.imports.drafts import add_drafts
from cms.imports.reading import Code, Problem, Row, fold
from cms.rows import numbered

BATCH = 500  # pages in one transaction
MAX_SLUG = 200  # characters; there is room for a number behind it


@dataclass
class Report:
    rows: int = 0
    added: int = 0
    there_already: int = 0
    names_left_out: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass
class _Known:
    """What conditions of one language are called, and their codes."""

    names: set[str]
    other_names: set[str]
    codes: set[Code]
    slugs: set[str]


def import_conditions(
    rows: Sequence[Row],
    locale: Locale,
    now: datetime,
    *,
    dry_run: bool = False,
    tell: Callable[[int], object] = lambda done: None,
) -> Report:
    """Add a draft for each row that is not there yet. `tell` is told how many rows are done.

    A batch is one transaction, so what was added before a crash stays, and the next run adds the rest.
    """
    known = _known(locale)
    report = Report(rows=len(rows))
    new = _only_new(rows, known, report)
    # A name leads to one condition: what is one's own name cannot be another's synonym.
    taken = known.names | known.other_names | {fold(row.name) for row in rows}
    index = ConditionIndexPage.objects.get(locale=locale)
    done = len(rows) - len(new)
    for start in range(0, len(new), BATCH):
        batch = new[start : start + BATCH]
        pages = [_page(row, taken, known.slugs, report) for row in batch]
        try:
            if not dry_run:
                add_drafts(index, pages, ["alternate_names", "codes"], now)
            report.added += len(batch)
        except DatabaseError as error:
            reason = f"It could not be written ({error}): run this again."
            report.problems += [Problem(row.line, reason) for row in batch]
        done += len(batch)
        tell(done)
    return report


def is_abbreviation(name: str) -> bool:
    """A name that would catch other words if misspellings of it were borne: 'RLS', 'COPD', 'Flu'."""
    return len(name) <= 3 or (name.isupper() and " " not in name)


def _known(locale: Locale) -> _Known:
    pages = ConditionPage.objects.filter(locale=locale)
    titles = pages.values_list("title", "draft_title", "slug")
    other_names = ConditionName.objects.filter(page__locale=locale).values_list("name", flat=True)
    codes = ConditionCode.objects.filter(page__locale=locale).values_list("system", "code")
    return _Known(
        names={fold(name) for title, draft_title, _ in titles for name in (title, draft_title)},
        other_names={fold(name) for name in other_names},
        codes=set(codes),
        slugs={slug for _, _, slug in titles},
    )


def _only_new(rows: Sequence[Row], known: _Known, report: Report) -> list[Row]:
    """Leave out what exists, and what stands in the list twice."""
    # A code that several rows share is wider than each of them: it says nothing about which they are.
    shares = Counter(code for row in rows for code in row.codes)
    names = known.names | known.other_names
    own_names = {fold(row.name) for row in rows}
    new, seen = [], dict[str, int]()
    for row in rows:
        name = fold(row.name)
        if name in seen:
            report.problems.append(Problem(row.line, f"{row.name!r} stands in line {seen[name]} already."))
            continue
        seen[name] = row.line
        synonyms = {fold(synonym) for synonym in row.synonyms} - own_names
        if (
            name in names
            or synonyms & known.names
            or any(code in known.codes and shares[code] == 1 for code in row.codes)
        ):
            report.there_already += 1
        else:
            new.append(row)
    return new


def _page(row: Row, taken: set[str], slugs: set[str], report: Report) -> ConditionPage:
    """The draft, which takes its names and its slug."""
    names = [synonym for synonym in row.synonyms if fold(synonym) not in taken]
    report.names_left_out += len(row.synonyms) - len(names)
    taken.update(map(fold, names))
    page = ConditionPage(title=row.name, slug=_free_slug(row.name, slugs))
    page.alternate_names = numbered(
        ConditionName(name=name, exact_only=is_abbreviation(name)) for name in names
    )
    page.codes = numbered(ConditionCode(system=system, code=code) for system, code in row.codes)
    return page


def _free_slug(name: str, slugs: set[str]) -> str:
    # As Wagtail makes them of a title. A name in a script of which nothing is left has a slug nevertheless.
    base = slugify(name, allow_unicode=True)[:MAX_SLUG].strip("-") or "condition"
    slug, number = base, 1
    while slug in slugs:
        number += 1
        slug = f"{base}-{number}"
    slugs.add(slug)
    return slug
