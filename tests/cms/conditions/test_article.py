"""The blocks of an article, as editors fill them in through the admin's own views, and as they leave in the feed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from wagtail.images.models import Image
from wagtail.models import PageLogEntry, Revision
from wagtail.test.utils.form_data import rich_text, streamfield

from cms.conditions.feed import render
from cms.conditions.models import ConditionIndexPage, ConditionPage
from cms.feed.scheduled import REFUSED, publish_due
from tests.cms.admin import add_page, condition_form, errors_of, list_block, section_data
from tests.cms.factories import figure, make_condition, make_image
from tests.cms.feed.test_documents import errors as contract_errors

MODEL = "conditions.conditionpage"


def table(caption: str, headings: list[str], *rows: list[str], **fields: str) -> dict[str, Any]:
    """What the form sends of a table."""
    data: dict[str, Any] = {
        "caption": caption,
        "column-count": str(len(headings)),
        "row-count": str(len(rows)),
    }
    for number, heading in enumerate(headings):
        column = f"column-{number}"
        data |= {
            f"{column}-type": "text",
            f"{column}-order": str(number),
            f"{column}-deleted": "",
            f"{column}-heading": heading,
        }
    for number, row in enumerate(rows):
        data |= {f"row-{number}-order": str(number), f"row-{number}-deleted": ""}
        data |= {f"cell-{number}-{column}": text for column, text in enumerate(row)}
    return {"table": data} | fields


def image(pk: object, alt: str = "", **fields: str) -> dict[str, Any]:
    return {"image": {"image": str(pk), "alt_text": alt}, "caption": "", "credit": ""} | fields


def citation(**changes: str) -> dict[str, str]:
    return {
        "title": "An example",
        "source": "Example Journal",
        "url": "",
        "doi": "",
        "accessed": "",
    } | changes


def every_block(picture: Image) -> list[tuple[str, Any]]:
    return [
        ("text", rich_text("<p>Quick <b>jerks</b>.</p>")),
        ("key_points", list_block(["It has many causes.", "Most are harmless & short."])),
        ("do_list", {"heading": "Do", "items": list_block(["sleep enough"])}),
        ("dont_list", {"heading": "Don't", "items": list_block(["stop a medicine suddenly"])}),
        (
            "callout",
            {"kind": "emergency", "heading": "Call", "text": rich_text("<p>If a jerk does not stop.</p>")},
        ),
        ("figure", image(picture.pk, "A hand", caption="A hand at rest.", credit="Us, CC0")),
        (
            "table",
            table("Kinds", ["Kind", "Where"], ["Cortical", "Brain"], ["Spinal", ""], row_headings="on"),
        ),
        ("faq", list_block([{"question": "Is a hiccup one?", "answer": rich_text("<p>Yes.</p>")}])),
    ]


def body(*contents: Any, aspect: str = "overview", citations: Any = ()) -> dict[str, Any]:
    """A body with a section for each content."""
    sections = [("section", section_data(aspect, "What is it?", content, citations)) for content in contents]
    return {"body": streamfield(sections)}


def sent(client: Client, index: ConditionIndexPage, form: dict[str, Any], action: str = "publish") -> Any:
    return add_page(client, index, MODEL, condition_form(**form) | {f"action-{action}": "x"})


def document(page: ConditionPage) -> dict[str, Any]:
    return render([UUID(str(page.translation_key))])[page.translation_key, "en"]


def test_every_block_is_made_shown_and_sent_to_the_feed(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    picture = make_image("Hand", size=(900, 600))
    cited = [citation(doi="https://doi.org/10.1000/182", url="https://example.org/a", accessed="2026-09-01")]
    response = sent(admin_client, condition_index, body(every_block(picture), citations=list(cited)))
    assert response.status_code == 302, errors_of(response)
    page = ConditionPage.objects.get()

    made = document(page)
    assert contract_errors("condition", made) == []
    [section] = made["sections"]
    [source] = {url for url in section["html"].split('"') if url.endswith("width-800.format-webp.webp")}
    assert source.startswith("http://localhost:8000/media/images/")
    html = section["html"].replace("http://localhost:8000/media/images/", "")
    name = source.rsplit("/", 1)[1].partition(".width")[0]
    assert html == (
        "<p>Quick <b>jerks</b>.</p>"
        '<ul class="key-points"><li>It has many causes.</li><li>Most are harmless &amp; short.</li></ul>'
        '<h3>Do</h3><ul class="do-list"><li>sleep enough</li></ul>'
        "<h3>Don't</h3>"
        '<ul class="dont-list"><li>stop a medicine suddenly</li></ul>'
        '<aside class="callout callout-emergency"><h3>Call</h3><p>If a jerk does not stop.</p></aside>'
        f'<figure><img src="{name}.width-800.format-webp.webp" width="800" height="533" alt="A hand" '
        f'srcset="{name}.width-400.format-webp.webp 400w, {name}.width-800.format-webp.webp 800w, '
        f'{name}.width-1600.format-webp.webp 900w" sizes="(min-width: 800px) 800px, 100vw" loading="lazy">'
        '<figcaption>A hand at rest. <small class="credit">Us, CC0</small></figcaption></figure>'
        '<table><caption>Kinds</caption><thead><tr><th scope="col">Kind</th><th scope="col">Where</th></tr></thead>'
        '<tbody><tr><th scope="row">Cortical</th><td>Brain</td></tr>'
        '<tr><th scope="row">Spinal</th><td></td></tr></tbody></table>'
        '<dl class="faq"><dt>Is a hiccup one?</dt><dd><p>Yes.</p></dd></dl>'
    )
    assert section["key_points"] == ["It has many causes.", "Most are harmless & short."]
    assert section["faq"] == [{"question": "Is a hiccup one?", "html": "<p>Yes.</p>"}]
    assert section["citations"] == [
        {
            "title": "An example",
            "source": "Example Journal",
            "url": "https://example.org/a",
            "doi": "10.1000/182",
            "accessed": "2026-09-01",
        }
    ]

    edit = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    for words in ("A hand at rest.", "Spinal", "Is a hiccup one?", "10.1000/182"):
        assert words in edit.content.decode()


def test_the_content_api_gives_blocks_images_and_html(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    sent(admin_client, condition_index, body(every_block(make_image(size=(20, 10))), citations=[citation()]))
    page = ConditionPage.objects.get()
    told = Client().get(f"/api/v2/pages/{page.pk}/").json()["body"][0]["value"]
    content = {block["type"]: block["value"] for block in told["content"]}
    assert content["text"].startswith("<p")
    shown = content["figure"]["image"]
    assert (shown["width"], shown["height"], shown["alt"]) == (20, 10, "A hand")
    assert shown["url"].startswith("http://localhost:8000/media/images/")
    assert content["faq"][0]["question"] == "Is a hiccup one?"
    assert "Yes." in content["faq"][0]["answer"]
    assert content["table"]["table"]["caption"] == "Kinds"
    assert content["callout"]["kind"] == "emergency"
    assert told["citations"][0]["title"] == "An example"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (("text", rich_text("")), "required"),
        (("key_points", list_block([])), "minimum number of items"),
        (("key_points", list_block([""])), "required"),
        (("do_list", {"heading": "", "items": list_block(["x"])}), "required"),
        (("dont_list", {"heading": "Don't", "items": list_block([])}), "minimum number of items"),
        (("callout", {"kind": "", "heading": "h", "text": rich_text("<p>t</p>")}), "required"),
        (("callout", {"kind": "mild", "heading": "h", "text": rich_text("<p>t</p>")}), "valid choice"),
        (("callout", {"kind": "urgent", "heading": "h", "text": rich_text("")}), "required"),
        (("figure", image("", "A hand")), "required"),
        (("figure", image(987_654, "A hand")), "required"),
        (("table", table("", ["a"], ["b"])), "a caption"),
        (("table", table("c", [], [])), "a column and a row"),
        (("table", table("c", ["a"])), "a column and a row"),
        (("table", table("c", ["a", " "], ["b", "c"])), "each column a heading"),
        (("table", table("c", ["a"], ["x" * 1001])), "at most 1000"),
        (("faq", list_block([])), "minimum number of items"),
        (("faq", list_block([{"question": "q", "answer": rich_text("")}])), "required"),
    ],
)
def test_an_incomplete_block_is_refused(
    admin_client: Client, condition_index: ConditionIndexPage, block: tuple[str, Any], said: str
) -> None:
    assert said in errors_of(sent(admin_client, condition_index, body([block])))
    assert not ConditionPage.objects.exists()


def test_a_section_without_content_is_refused(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    assert "required" in errors_of(sent(admin_client, condition_index, body([])))


def test_an_image_says_what_it_shows_unless_it_is_decoration(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    picture = make_image()
    response = sent(admin_client, condition_index, body([("figure", image(picture.pk))]))
    assert "alt text" in errors_of(response)
    decoration = {"image": {"image": str(picture.pk), "decorative": "on", "alt_text": "not said"}}
    response = sent(admin_client, condition_index, body([("figure", image(0) | decoration)]))
    assert response.status_code == 302, errors_of(response)
    assert 'alt=""' in document(ConditionPage.objects.get())["sections"][0]["html"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "required"),
        ({"title": "t" * 501}, "at most 500"),
        ({"source": ""}, "Say where to find it"),
        ({"url": "not a url"}, "valid URL"),
        ({"url": "javascript:alert(1)"}, "valid URL"),
        ({"url": "ftp://example.org/a"}, "valid URL"),
        ({"doi": "182"}, "form of a DOI"),
        ({"doi": "10.1000/"}, "form of a DOI"),
        ({"doi": "10.1000/with space"}, "form of a DOI"),
        ({"doi": "doi:10.1/x"}, "form of a DOI"),
        ({"accessed": "2999-01-01"}, "in the future"),
        ({"accessed": "yesterday"}, "valid date"),
    ],
)
def test_a_citation_that_leads_nowhere_is_refused(
    admin_client: Client, condition_index: ConditionIndexPage, changes: dict[str, str], said: str
) -> None:
    response = sent(admin_client, condition_index, body("<p>t</p>", citations=[citation(**changes)]))
    assert said in errors_of(response)


@pytest.mark.parametrize(
    "doi",
    [
        "10.1000/182",
        "doi:10.1000/182",
        "DOI: 10.1000/182",
        "http://dx.doi.org/10.1000/182",
        "doi.org/10.1000/182",
    ],
)
def test_a_doi_is_kept_without_its_resolver(
    admin_client: Client, condition_index: ConditionIndexPage, doi: str
) -> None:
    cited = [citation(doi=doi, source="", accessed=timezone.localdate().isoformat())]
    response = sent(admin_client, condition_index, body("<p>t</p>", citations=cited))
    assert response.status_code == 302, errors_of(response)
    [kept] = ConditionPage.objects.get().body[0].value["citations"]
    assert kept["doi"] == "10.1000/182"


HOSTILE = "<script>alert(1)</script>\"' onerror=x &amp;"


def test_what_is_hostile_is_text(admin_client: Client, condition_index: ConditionIndexPage) -> None:
    content = [
        ("key_points", list_block([HOSTILE])),
        ("do_list", {"heading": HOSTILE, "items": list_block([HOSTILE])}),
        ("callout", {"kind": "urgent", "heading": HOSTILE, "text": rich_text(HOSTILE)}),
        ("figure", image(make_image(HOSTILE).pk, HOSTILE, caption=HOSTILE, credit=HOSTILE)),
        ("table", table(HOSTILE, [HOSTILE], [HOSTILE])),
        ("faq", list_block([{"question": HOSTILE, "answer": rich_text(HOSTILE)}])),
    ]
    cited = [citation(title=HOSTILE, source=HOSTILE, url="https://example.org/?<script>")]
    response = sent(admin_client, condition_index, body(content, citations=cited))
    assert response.status_code == 302, errors_of(response)
    page = ConditionPage.objects.get()
    [section] = document(page)["sections"]
    parsed = BeautifulSoup(section["html"], "html.parser")
    assert not parsed.find_all("script")
    assert {name for tag in parsed.find_all(True) for name in tag.attrs} == {
        *("class", "src", "width", "height", "alt", "loading", "scope")
    }
    assert parsed.img is not None
    assert parsed.img["alt"] == HOSTILE
    assert [item.get_text() for item in parsed.select("li, th, caption, dt")] == [HOSTILE] * 5
    assert section["key_points"] == [HOSTILE]  # plain text
    assert contract_errors("condition", document(page)) == []
    shown = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "<script>alert(1)" not in shown


def test_what_a_program_left_out_or_wrote_past_the_form_breaks_nothing(
    condition_index: ConditionIndexPage,
) -> None:
    page = make_condition(
        sections=[
            (
                "overview",
                "",
                [
                    ("key_points", []),
                    ("faq", [{"question": ""}]),
                    ("table", {}),
                    ("callout", {"kind": "urgent"}),
                ],
            ),
            ("causes", "", []),
        ]
    )
    broken = make_image()
    broken.file.delete(save=False)
    gone = make_image()
    raw = page.body.raw_data
    raw[1]["value"]["content"] = [
        {"type": "figure", "value": {"image": {"image": broken.pk}}},
        {"type": "figure", "value": {"image": {"image": 987_654}}},
        {"type": "figure", "value": {}},
        {"type": "no_more", "value": "x"},
    ]
    raw[1]["value"]["citations"] = [
        {"type": "item", "value": {"title": "t", "url": "javascript:alert(1)", "doi": "x", "accessed": ""}},
        {"type": "item", "value": {"url": "https://example.org"}},
    ]
    ConditionPage.objects.filter(pk=page.pk).update(body=page.body)
    gone.delete()
    made = document(ConditionPage.objects.get(pk=page.pk))
    assert contract_errors("condition", made) == []
    assert made["sections"][1]["html"] == ""
    assert made["sections"][1]["citations"] == [
        {"title": "t", "source": "", "url": "", "doi": "", "accessed": None}
    ]


def test_sixty_sections_with_every_block(admin_client: Client, condition_index: ConditionIndexPage) -> None:
    """1,000 fields is Django's limit."""
    picture = make_image()
    contents = [every_block(picture) for _ in range(60)]
    response = sent(admin_client, condition_index, body(*contents, citations=[citation(), citation()]))
    assert response.status_code == 302, errors_of(response)
    page = ConditionPage.objects.get()
    assert len(page.body) == 60
    made = document(page)
    assert len(made["sections"]) == 60
    assert made["sections"][59]["html"].count("<li>") == 4


def test_a_deleted_image_leaves_the_article(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    picture = make_image()
    page = make_condition(
        sections=[("overview", "h", [("text", "<p>t</p>"), ("figure", figure(picture, "x"))])]
    )
    admin_client.post(reverse("wagtailimages:delete", args=[picture.pk]))
    assert document(page)["sections"][0]["html"] == "<p>t</p>"
    assert admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    assert Client().get(f"/api/v2/pages/{page.pk}/").status_code == 200


def test_versions_are_compared_block_by_block(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    picture = make_image()
    sent(admin_client, condition_index, body(every_block(picture)), "publish")
    page = ConditionPage.objects.get()
    changed = every_block(picture)
    changed[1] = ("key_points", list_block(["It has one cause."]))
    changed[6] = ("table", table("Sorts", ["Kind"], ["Cortical"]))
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert admin_client.post(edit, condition_form(**body(changed))).status_code == 302
    first, second = Revision.objects.order_by("pk").values_list("pk", flat=True)
    compare = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, first, second])
    response = admin_client.get(compare)
    assert response.status_code == 200
    assert "It has one cause." in BeautifulSoup(response.content, "html.parser").get_text()
    revert = reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, first])
    assert "It has many causes." in admin_client.get(revert).content.decode()


def test_a_block_is_commented_on(admin_client: Client, condition_index: ConditionIndexPage) -> None:
    sent(admin_client, condition_index, body(every_block(make_image())))
    page = ConditionPage.objects.get()
    section = page.body[0]
    callout = section.value["content"][4]
    path = f"body.{section.id}.content.{callout.id}.heading"
    comment = {"text": "Which number?", "contentpath": path, "position": "", "id": "", "ORDER": ""}
    data = condition_form(**body(every_block(make_image())))
    # As the editor's script sends what is there already: with its ids.
    data |= {"body-0-id": section.id, "body-0-value-content-4-id": callout.id}
    data |= {f"comments-0-{name}": value for name, value in comment.items()} | {"comments-TOTAL_FORMS": "1"}
    data |= {"comments-0-replies-TOTAL_FORMS": "0", "comments-0-replies-INITIAL_FORMS": "0"}
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    response = admin_client.post(edit, data)
    assert response.status_code == 302, errors_of(response)
    kept = page.wagtail_admin_comments.get()
    assert kept.text == "Which number?"
    assert kept.has_valid_contentpath(page.get_latest_revision_as_object())


# --- Sections that need a citation


CITED = override_settings(CITED_ASPECTS=["treatments"])


@CITED
def test_a_section_is_not_published_without_its_citation(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    form = body("<p>Rest.</p>", aspect="treatments")
    for action in ("publish", "submit"):
        assert "without a citation" in errors_of(sent(admin_client, condition_index, form, action))
    assert not ConditionPage.objects.exists()
    others = body("<p>Rest.</p>", aspect="self-care")
    assert sent(admin_client, condition_index, others).status_code == 302
    ConditionPage.objects.get().delete()
    form = body("<p>Rest.</p>", aspect="treatments", citations=[citation()])
    assert sent(admin_client, condition_index, form).status_code == 302


@CITED
def test_the_error_stands_at_the_section(admin_client: Client, condition_index: ConditionIndexPage) -> None:
    sections = [
        ("section", section_data("overview", "h", "<p>t</p>")),
        ("section", section_data("treatments", "h", "<p>t</p>")),
    ]
    response = sent(admin_client, condition_index, {"body": streamfield(sections)})
    [error] = response.context["form"].errors["body"].as_data()
    assert list(error.block_errors) == [1]
    assert "citations" in error.block_errors[1].block_errors


@CITED
def test_a_draft_may_lack_citations_and_cannot_be_published_past_the_form(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    form = condition_form(**body("<p>Rest.</p>", aspect="treatments"))
    assert add_page(admin_client, condition_index, MODEL, form).status_code == 302
    page = ConditionPage.objects.get()
    with pytest.raises(Exception, match="Treatments"):
        page.get_latest_revision().publish()
    assert not ConditionPage.objects.get().live

    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = admin_client.post(f"{url}?id={page.pk}&next=/admin/", {"include_descendants": ""}, follow=True)
    assert "need a citation: Treatments" in response.content.decode()
    assert not ConditionPage.objects.get().live


@CITED
def test_what_is_due_by_a_schedule_is_refused_and_said_in_the_history(
    condition_index: ConditionIndexPage,
) -> None:
    page = make_condition(live=False, sections=[("treatments", "h", "<p>Rest.</p>")])
    now = timezone.now()
    page.save_revision(approved_go_live_at=now)
    assert publish_due(now + timedelta(seconds=1)) == 1
    assert not ConditionPage.objects.get().live
    [refusal] = PageLogEntry.objects.filter(page=page.pk, action=REFUSED)
    assert "need a citation: Treatments" in refusal.data["reason"]


def test_what_came_to_lack_a_citation_in_a_workflow_is_not_approved(
    admin_client: Client, condition_index: ConditionIndexPage
) -> None:
    sent(admin_client, condition_index, body("<p>Rest.</p>", aspect="treatments"), "submit")
    page = ConditionPage.objects.get()
    state = page.current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    with CITED:
        response = admin_client.post(url, {"comment": ""}, follow=True)
    assert "need a citation: Treatments" in response.content.decode()
    assert not ConditionPage.objects.get().live
    assert ConditionPage.objects.get().current_workflow_task_state == state  # still to be approved
    assert admin_client.post(url, {"comment": ""}).status_code < 400
    assert ConditionPage.objects.get().live
