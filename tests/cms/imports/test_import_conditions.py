"""`python -m cms import_conditions`: what it adds, what it leaves alone, and what an editor does with it."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Page, PageLogEntry

from cms.conditions.models import ConditionPage
from cms.feed.models import Change
from cms.imports import conditions
from cms.imports.drafts import add_drafts
from tests.cms.admin import PUBLISH, condition_form, errors_of
from tests.cms.factories import condition_index, make_condition

pytestmark = pytest.mark.django_db

Import = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """Import rows of (name, synonyms, ICD-10-CM codes); returns what the command says."""
    condition_index()

    def run(*rows: tuple[str, str, str], **options: Any) -> str:
        path, out = tmp_path / "conditions.tsv", StringIO()
        path.write_text("\n".join("\t".join(row) for row in [("name", "synonyms", "icd10cm"), *rows]))
        call_command("import_conditions", path, stdout=out, **options)
        return out.getvalue()

    return run


def names() -> set[str]:
    return set(ConditionPage.objects.values_list("title", flat=True))


def committed_changes() -> int:
    if connection.vendor == "postgresql":  # where the log is written at the commit
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    return Change.objects.count()


def test_a_draft_has_names_and_codes_and_nothing_of_it_is_public(run: Import) -> None:
    before = committed_changes()
    said = run(("Restless legs syndrome", "WED|Ekbom syndrome|RLS", "G25.81"))
    assert "Added 1 drafts" in said
    page = ConditionPage.objects.get()
    assert (page.title, page.slug, page.live, page.summary) == (
        "Restless legs syndrome",
        "restless-legs-syndrome",
        False,
        "",
    )
    found = [(row.sort_order, row.name, row.exact_only) for row in page.alternate_names.all()]
    assert found == [(0, "WED", True), (1, "Ekbom syndrome", False), (2, "RLS", True)]
    assert [str(code) for code in page.codes.all()] == ["icd-10-cm G25.81"]
    assert committed_changes() == before


def test_the_tree_is_sound_and_the_admin_knows_the_drafts(run: Import, admin_client: Client) -> None:
    make_condition("Migraine", slug="migraine")
    run(*((f"Condition {number}", "", "") for number in range(60)))
    run(("Asthma", "", ""))
    assert [len(problems) for problems in Page.find_problems()] == [0] * 5
    assert condition_index().numchild == 62
    page = ConditionPage.objects.get(slug="asthma")
    assert page.latest_revision.as_object().title == "Asthma"
    assert PageLogEntry.objects.get(page=page).action == "wagtail.create"
    assert list(ConditionPage.objects.search("asthma")) == [page]
    html = admin_client.get(reverse("wagtailadmin_explore", args=[condition_index().pk])).content.decode()
    assert "Asthma" in html
    history = admin_client.get(reverse("wagtailadmin_pages:history", args=[page.pk])).content.decode()
    assert "Created" in history
    make_condition("Tremor", slug="tremor")  # as the next editor does
    assert [len(problems) for problems in Page.find_problems()] == [0] * 5


def test_an_editor_finishes_a_draft(run: Import, admin_client: Client) -> None:
    run(("Asthma", "Bronchial asthma", "J45"))
    page = ConditionPage.objects.get()
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert "Bronchial asthma" in admin_client.get(url).content.decode()
    form = condition_form(title="Asthma", slug="asthma")
    assert "required" in errors_of(admin_client.post(url, form | {"summary": ""} | PUBLISH))
    assert admin_client.post(url, form | PUBLISH).status_code == 302
    assert ConditionPage.objects.get().live


@pytest.mark.parametrize("with_folder", [False, True])
def test_an_unfinished_draft_does_not_go_live_in_bulk(
    run: Import, admin_client: Client, with_folder: bool
) -> None:
    complete = make_condition("Migraine", live=False)
    run(("Asthma", "", ""))
    page = ConditionPage.objects.get(slug="asthma")
    ticked = [condition_index()] if with_folder else [complete, page]
    ids = "&".join(f"id={page.pk}" for page in ticked)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    descendants = {"include_descendants": "on"} if with_folder else {}
    response = admin_client.post(f"{url}?{ids}&next=/admin/", descendants, follow=True)
    named = "A page below them" if with_folder else "“Asthma”"
    said = f"Nothing was published. {named} is not complete: summary: This field cannot be blank."
    assert [str(message).strip() for message in response.context["messages"]] == [said]
    assert not ConditionPage.objects.live().exists()


@pytest.mark.parametrize(
    "row",
    [
        ("MYOCLONUS", "", ""),
        ("Jerks", "", ""),
        ("Other", "myoclonus", ""),
        ("Other", "", "G25.3"),
    ],
)
@pytest.mark.parametrize("live", [True, False])
def test_what_exists_is_left_as_it_is(run: Import, row: tuple[str, str, str], live: bool) -> None:
    make_condition(
        "Myoclonus", slug="jerking", live=live, alternate_names=["jerks"], codes=[("icd-10-cm", "G25.3")]
    )
    said = run(row)
    assert "There already: 1." in said
    assert (
        ConditionPage.objects.get().latest_revision
        == ConditionPage.objects.get(slug="jerking").latest_revision
    )
    assert names() == {"Myoclonus"}


def test_what_an_editor_has_renamed_in_a_draft_exists(run: Import) -> None:
    page = make_condition("Myoclonus", slug="jerking")
    page.title = "Jerks"
    page.save_revision()
    assert "There already: 1." in run(("Jerks", "", ""))


def test_a_code_that_rows_share_is_no_sign_that_one_exists(run: Import) -> None:
    make_condition("Deafness", codes=[("icd-10-cm", "H90.3")])
    run(("Deafness 1", "", "H90.3"), ("Deafness 2", "", "H90.3"))
    assert names() == {"Deafness", "Deafness 1", "Deafness 2"}


def test_one_name_leads_to_one_condition(run: Import) -> None:
    make_condition("Myoclonus", alternate_names=["Jerks"])
    said = run(("Asthma", "wheezing|jerks|Bronchitis", ""), ("Bronchitis", "Wheezing|cough", ""))
    assert "name another condition: 3." in said
    found = ConditionPage.objects.exclude(title="Myoclonus").order_by("title")
    assert [[row.name for row in page.alternate_names.all()] for page in found] == [["wheezing"], ["cough"]]


def test_a_second_run_adds_nothing(run: Import) -> None:
    rows = [("Asthma", "Bronchitis|wheeze", "J45"), ("Bronchitis", "wheeze", "J40"), ("Croup", "", "J45")]
    assert "Added 3 drafts" in run(*rows)
    before = Page.objects.count(), PageLogEntry.objects.count()
    said = run(*rows)
    assert "Added 0 drafts" in said
    assert "There already: 3." in said
    assert (Page.objects.count(), PageLogEntry.objects.count()) == before


def test_bad_rows_are_counted_with_their_lines(run: Import) -> None:
    said = run(("Asthma", "", "J45-J46"), ("", "flu", ""), ("asthma", "", ""), *[("", "flu", "")] * 30)
    assert "Line 2: 'J45-J46' is left out" in said
    assert "Line 3: There is no name." in said
    assert "Line 4: 'asthma' stands in line 2 already." in said
    assert "… and 13 more like these." in said
    assert "Added 1 drafts" in said
    assert "Rows that could not be used: 32." in said


def test_a_dry_run_changes_nothing(run: Import) -> None:
    assert "Would add 1 drafts" in run(("Asthma", "", ""), dry_run=True)
    assert names() == set()


def test_slugs_are_free_and_of_any_script(run: Import) -> None:
    make_condition("Another", slug="q-fever")
    run(("Q fever", "", ""), ("Q-fever", "", ""), ("喘息", "", ""), ("+", "", ""), ("a" * 255, "", ""))
    slugs = set(ConditionPage.objects.exclude(title="Another").values_list("slug", flat=True))
    assert slugs == {"q-fever-2", "q-fever-3", "喘息", "condition", "a" * 200}
    for page in ConditionPage.objects.exclude(title="Another"):
        page.summary = "A summary."
        page.full_clean()


def test_each_language_is_its_own(run: Import) -> None:
    make_condition("Asthma", slug="asthma")
    with pytest.raises(CommandError, match="There is no condition index in the language 'hi'"):
        run(("Asthma", "", ""), locale="hi")
    Locale.objects.create(language_code="hi")
    run(("Asthma", "", ""), locale="hi")
    assert set(ConditionPage.objects.values_list("title", "locale__language_code")) == {
        ("Asthma", "en"),
        ("Asthma", "hi"),
    }


def test_a_batch_that_fails_stops_no_other(run: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    add = add_drafts

    def fail_once(index: Page, pages: list[Page], *rest: Any) -> None:
        add(index, pages, *rest)
        if pages[0].title == "Condition 2":
            raise DatabaseError("the disk is full")

    monkeypatch.setattr(conditions, "BATCH", 2)
    monkeypatch.setattr(conditions, "add_drafts", fail_once)
    said = run(*((f"Condition {number}", "", "") for number in range(6)))
    assert "Line 4: It could not be written (the disk is full): run this again." in said
    assert "Added 4 drafts" in said


def test_the_list_that_ships(run: Import) -> None:
    out = StringIO()
    call_command("import_conditions", stdout=out)
    assert "Added 95 drafts" in out.getvalue()
    assert ConditionPage.objects.get(title="Restless legs syndrome").codes.count() == 4


def test_what_is_no_list_is_an_error_of_one_line(tmp_path: Path, run: Import) -> None:
    with pytest.raises(CommandError, match=r"none\.tsv cannot be read"):
        call_command("import_conditions", tmp_path / "none.tsv")
