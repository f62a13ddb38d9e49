"""Conditions and reviewers as editors make them, through the real admin views."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, streamfield

from cms.conditions.models import ConditionIndexPage, ConditionPage
from cms.conditions.wagtail_hooks import ConditionExplorerView
from cms.review.models import Reviewer
from cms.taxonomy.models import Specialty
from tests.cms.admin import PUBLISH, add_page, condition_form, contentstate, errors_of
from tests.cms.factories import make_condition, make_locale, make_reviewer, make_specialty

MODEL = "conditions.conditionpage"


def test_a_condition_is_made_and_published(
    admin_client: Client, condition_index: ConditionIndexPage, specialty: Specialty
) -> None:
    reviewer, tremor = make_reviewer(), make_condition("Tremor")
    form = condition_form(
        alternate_names=inline_formset([{"name": "Myoclonic jerks"}, {"name": "Muscle jerks"}]),
        search_phrases=inline_formset([{"phrase": "myoclonus treatment"}]),
        codes=inline_formset([{"system": "icd-10-cm", "code": "G25.3"}]),
        treating_specialties=inline_formset([{"specialty": specialty.pk}]),
        related_conditions=inline_formset([{"condition": tremor.pk}]),
        reviewer=reviewer.pk,
        last_reviewed="2026-09-01",
        next_review="2028-09-01",
        sections=[
            ("overview", "What is it?", "<p>Quick jerks.</p>"),
            ("when-to-see-a-doctor", "When to go", "<p>When in doubt.</p>"),
        ],
    )
    response = add_page(admin_client, condition_index, MODEL, form | PUBLISH)
    assert response.status_code == 302, errors_of(response)
    page = ConditionPage.objects.get(slug="myoclonus")
    assert page.live
    assert [child.name for child in page.alternate_names.all()] == ["Myoclonic jerks", "Muscle jerks"]
    assert [child.phrase for child in page.search_phrases.all()] == ["myoclonus treatment"]
    assert [(child.system, child.code) for child in page.codes.all()] == [("icd-10-cm", "G25.3")]
    assert [child.specialty for child in page.treating_specialties.all()] == [specialty]
    assert [child.condition for child in page.related_conditions.all()] == [tremor]
    assert page.reviewer == reviewer
    assert page.next_review == datetime.date(2028, 9, 1)
    sections = [block.value for block in page.body]
    assert [(s["aspect"], s["heading"]) for s in sections] == [
        ("overview", "What is it?"),
        ("when-to-see-a-doctor", "When to go"),
    ]
    assert "Quick jerks." in sections[0]["content"][0].value.source


def test_names_and_phrases_that_are_dangerous_alone_are_ticked(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    form = condition_form(
        alternate_names=inline_formset([{"name": "Jerks", "exact_only": "on"}, {"name": "Muscle jerks"}]),
        search_phrases=inline_formset([{"phrase": "the jerks", "exact_only": "on"}, {"phrase": "jerking"}]),
    )
    response = add_page(admin_client, condition_index, MODEL, form | PUBLISH)
    assert response.status_code == 302, errors_of(response)
    page = ConditionPage.objects.get()
    assert exact_names(page) == {"Jerks", "the jerks"}
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    html = BeautifulSoup(admin_client.get(edit).content, "html.parser")
    ticked = {box["name"] for box in html.select("input[type=checkbox][checked][name$=exact_only]")}
    assert ticked == {"alternate_names-0-exact_only", "search_phrases-0-exact_only"}
    assert str(html).count("dangerous alone") == 2


def exact_names(page: ConditionPage) -> set[str]:
    rows = [*page.alternate_names.all(), *page.search_phrases.all()]
    return {str(row) for row in rows if row.exact_only}


def test_what_matches_only_exactly_does_so_in_copies_aliases_and_old_versions(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    page = make_condition(alternate_names=["HD", "Chorea"], search_phrases=["hd"], exact_names=["HD", "hd"])
    copies = [
        page.copy(update_attrs={"slug": "copy"}),
        page.create_alias(update_slug="alias"),
        page.get_latest_revision_as_object(),
    ]
    for copied in copies:
        assert exact_names(copied) == {"HD", "hd"}


def test_the_editor_sees_the_form_with_its_labels(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    page = make_condition("Shown", sections=[("overview", "What?", "<p>This.</p>")])
    for url in (
        reverse("wagtailadmin_pages:add", args=[*MODEL.split("."), condition_index.pk]),
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
    ):
        html = admin_client.get(url).content.decode()
        for words in (
            "Other names",
            "Search phrases",
            "Specialties that treat it",
            "Medical review",
            "Next review",
        ):
            assert words in html


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"summary": ""}, "required"),
        ({"summary": "s" * 501}, "at most 500"),
        ({"summary": "a\x00b"}, "Null characters"),
        ({"notice": "n" * 256}, "at most 255"),
        ({"last_reviewed": "2999-01-01"}, "in the future"),
        ({"last_reviewed": "2026-09-01", "next_review": "2026-09-01"}, "after the last one"),
        ({"next_review": "2028-09-01"}, "last reviewed, too"),
        ({"last_reviewed": "0000-00-00"}, "valid date"),
        ({"reviewer": "987654"}, "valid choice"),
        ({"alternate_names": inline_formset([{"name": "n" * 256}])}, "at most 255"),
        ({"alternate_names": inline_formset([{"name": ""}])}, "required"),
        ({"codes": inline_formset([{"system": "icd-10-cm", "code": "nonsense"}])}, "such as G25.3"),
        ({"codes": inline_formset([{"system": "icd-9", "code": "333.2"}])}, "valid choice"),
        ({"sections": [("no-such-aspect", "h", "<p>t</p>")]}, "valid choice"),
        ({"sections": [("overview", "h" * 256, "<p>t</p>")]}, "at most 255"),
        ({"sections": [("overview", "h\x00", "<p>t</p>")]}, "Null characters"),
        ({"sections": [("overview", "h", "<p>t\x00</p>")]}, "Null characters"),
        ({"sections": [("overview", "h", "")]}, "required"),
        ({"sections": [("overview", "", "<p>t</p>")]}, "required"),
        ({"slug": ""}, "required"),
        ({"slug": "a/b"}, "valid “slug”"),
    ],
)
def test_a_form_error_says_what_is_wrong(
    admin_client: Client, condition_index: ConditionIndexPage, changes: dict[str, Any], said: str
) -> None:
    response = add_page(admin_client, condition_index, MODEL, condition_form(**changes) | PUBLISH)
    assert said in errors_of(response)
    assert not ConditionPage.objects.exists()


def test_a_condition_cannot_be_related_to_itself(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    page = make_condition("Myoclonus")
    form = condition_form(slug=page.slug, related_conditions=inline_formset([{"condition": page.pk}]))
    response = admin_client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form | PUBLISH)
    assert "related to itself" in errors_of(response)


def test_a_specialty_or_related_condition_twice_is_refused(
    admin_client: Client, condition_index: ConditionIndexPage, specialty: Specialty
) -> None:
    tremor = make_condition("Tremor")
    for changes in (
        {"treating_specialties": inline_formset([{"specialty": specialty.pk}] * 2)},
        {"related_conditions": inline_formset([{"condition": tremor.pk}] * 2)},
    ):
        response = add_page(admin_client, condition_index, MODEL, condition_form(**changes) | PUBLISH)
        assert "in the list already" in errors_of(response)


def test_a_row_taken_out_is_no_repeat(
    admin_client: Client, condition_index: ConditionIndexPage, specialty: Specialty
) -> None:
    rows = [{"specialty": specialty.pk, "DELETE": "on"}, {"specialty": specialty.pk}]
    response = add_page(
        admin_client,
        condition_index,
        MODEL,
        condition_form(treating_specialties=inline_formset(rows)) | PUBLISH,
    )
    assert response.status_code == 302, errors_of(response)


def test_a_slug_is_free_once_per_language(admin_client: Client, condition_index: ConditionIndexPage) -> None:
    original = make_condition("Myoclonus")
    assert "already" in errors_of(add_page(admin_client, condition_index, MODEL, condition_form() | PUBLISH))
    hindi = make_locale("hi")
    translated = original.copy_for_translation(hindi, copy_parents=True)
    edit = reverse("wagtailadmin_pages:edit", args=[translated.pk])
    response = admin_client.post(edit, condition_form(slug="myoclonus") | PUBLISH)
    assert response.status_code == 302, errors_of(response)
    assert ConditionPage.objects.live().filter(slug="myoclonus").count() == 2


def test_a_slug_is_free_in_the_whole_language_not_only_among_siblings(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    make_condition("Myoclonus")
    home = condition_index.get_parent()
    second = ConditionIndexPage(title="More", slug="more")
    home.add_child(instance=second)
    response = add_page(admin_client, second, MODEL, condition_form() | PUBLISH)
    assert "in this language already has this slug" in errors_of(response)


@pytest.mark.parametrize(
    "text",
    [
        contentstate("<script>alert(1)</script>"),
        contentstate("x", link="javascript:alert(1)"),
    ],
)
def test_what_is_harmful_in_a_section_is_made_harmless(
    admin_client: Client, condition_index: ConditionIndexPage, text: str
) -> None:
    form = condition_form() | {
        "body-count": "1",
        "body-0-type": "section",
        "body-0-order": "0",
        "body-0-deleted": "",
        "body-0-value-aspect": "overview",
        "body-0-value-heading": "<script>alert(2)</script>",
        "body-0-value-content-count": "1",
        "body-0-value-content-0-type": "text",
        "body-0-value-content-0-order": "0",
        "body-0-value-content-0-deleted": "",
        "body-0-value-content-0-value": text,
        "body-0-value-citations-count": "0",
    }
    response = add_page(admin_client, condition_index, MODEL, form | PUBLISH)
    assert response.status_code == 302, errors_of(response)
    page = ConditionPage.objects.get()
    html = page.body[0].value["content"][0].value.source
    assert "<script" not in html
    assert "javascript:" not in html
    shown = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "<script>alert(" not in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": ""},
        {"alternate_names": inline_formset([{"name": ""}])},
        {"sections": [("overview", "Heading", "")]},
        {"sections": [("", "Heading", "<p>Text.</p>")]},
    ],
)
def test_a_draft_is_complete(
    admin_client: Client, condition_index: ConditionIndexPage, changes: dict[str, Any]
) -> None:
    """So that what publishes without a form (bulk publish, workflows) never meets a blank."""
    response = add_page(admin_client, condition_index, MODEL, condition_form(**changes))
    assert "required" in errors_of(response)


def test_drafts_are_published_in_bulk(admin_client: Client, condition_index: ConditionIndexPage) -> None:
    assert add_page(admin_client, condition_index, MODEL, condition_form()).status_code == 302
    page = ConditionPage.objects.get()
    assert not page.live
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = admin_client.post(f"{url}?id={page.pk}&next=/admin/", {"include_descendants": ""})
    assert response.status_code == 302
    assert ConditionPage.objects.get().live


def test_a_reviewer_who_leaves_leaves_the_article(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    reviewer = make_reviewer()
    page = make_condition(reviewer=reviewer)
    url = reverse("wagtailsnippets_review_reviewer:delete", args=[reviewer.pk])
    assert admin_client.post(url).status_code == 302
    assert not Reviewer.objects.exists()
    assert ConditionPage.objects.get(pk=page.pk).reviewer is None


def test_a_page_is_copied_moved_in_order_and_deleted(
    admin_client: Client, condition_index: ConditionIndexPage, specialty: Specialty
) -> None:
    page = make_condition("Myoclonus", specialties=[specialty], alternate_names=["Jerks"])
    copy = {
        "new_title": "Copy",
        "new_slug": "copy",
        "new_parent_page": condition_index.pk,
        "publish_copies": "on",
    }
    assert admin_client.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), copy).status_code == 302
    assert ConditionPage.objects.live().get(slug="copy").alternate_names.get().name == "Jerks"
    copy["new_slug"] = "myoclonus"
    assert admin_client.post(reverse("wagtailadmin_pages:copy", args=[page.pk]), copy).status_code == 200
    assert admin_client.post(reverse("wagtailadmin_pages:delete", args=[page.pk])).status_code == 302
    assert list(ConditionPage.objects.values_list("slug", flat=True)) == ["copy"]


def test_a_related_condition_that_is_deleted_leaves_the_list(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    tremor = make_condition("Tremor")
    page = make_condition("Myoclonus", related=[tremor])
    assert admin_client.post(reverse("wagtailadmin_pages:delete", args=[tremor.pk])).status_code == 302
    assert not ConditionPage.objects.get(pk=page.pk).related_conditions.exists()
    assert admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200


def test_nothing_shows_a_page_that_has_no_face(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    """The CMS is headless: no preview, no "view live", and the URL of a page is nothing here."""
    page = make_condition("Myoclonus")
    assert Page.objects.get(pk=page.pk).url is None
    assert admin_client.get("/conditions/myoclonus/").status_code == 404
    for name in ("view_draft", "preview_on_edit", "history", "usage"):
        status = admin_client.get(reverse(f"wagtailadmin_pages:{name}", args=[page.pk])).status_code
        assert status < 500, name


def test_streamfield_without_blocks_is_an_empty_article(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    response = add_page(admin_client, condition_index, MODEL, condition_form(body=streamfield([])) | PUBLISH)
    assert response.status_code == 302, errors_of(response)


def test_specialties_in_use_by_a_condition_stay(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    specialty = make_specialty()
    make_condition(specialties=[specialty])
    admin_client.post(reverse("wagtailsnippets_taxonomy_specialty:delete", args=[specialty.pk]))
    assert Specialty.objects.filter(pk=specialty.pk).exists()


def test_the_folder_is_listed_page_by_page_whatever_its_order(
    admin_client: Client, condition_index: ConditionIndexPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ConditionExplorerView, "paginate_by", 2)
    for _ in range(3):
        make_condition(live=False)
    url = reverse("wagtailadmin_explore", args=[condition_index.pk])
    for ordering in ("ord", "title", "-latest_revision_created_at"):
        page = BeautifulSoup(admin_client.get(url, {"ordering": ordering}).content, "html.parser")
        assert len(page.select("table .title-wrapper")) == 2
