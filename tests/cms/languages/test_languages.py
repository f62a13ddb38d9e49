"""All texts of an article are translated, and languages that are written from right to left stay as they are."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Locale
from wagtail_localize.models import StringSegment, Translation

from cms.conditions.models import ConditionPage
from cms.feed.kinds import kinds
from cms.languages.views import own_url
from cms.roles.groups import EDITORS
from tests.cms import factories
from tests.cms.languages.translating import (
    edit_url,
    in_french,
    press_publish,
    submit,
    translate,
    translation_into,
)

pytestmark = pytest.mark.django_db

# Sample text, not medical advice. What is between the marks of direction is a name in Latin letters.
ARABIC = {
    "Myoclonus": "الرمع العضلي",
    "Sudden, short jerks of muscles.": "نفضات عضلية مفاجئة وقصيرة (نص تجريبي).",
    "Sample text.": "نص تجريبي، وليس نصيحة طبية.",
    "What is it?": "ما هو؟",
    "Quick <b>jerks</b> of muscles.": "<b>نفضات</b> سريعة في العضلات، رمزها \u2068ICD-10 G25.3\u2069.",
    "Hiccups are one of them.": "الفواق واحد منها.",
}


def items(*values: Any) -> list[dict[str, Any]]:
    """A ListBlock's, as it is kept."""
    return [{"type": "item", "value": value, "id": str(uuid4())} for value in values]


def document_of(page: ConditionPage) -> dict[str, Any]:
    documents = kinds()["condition"].render([page.translation_key])
    return documents[page.translation_key, page.locale.language_code]


def test_an_article_in_arabic_reaches_the_feed_as_it_was_typed(
    admin_client: Client, article: ConditionPage
) -> None:
    arabic = factories.make_locale("ar")
    target = submit(admin_client, article, arabic)
    translate(admin_client, target, ARABIC.__getitem__)
    html = admin_client.get(edit_url(target)).content.decode()
    assert "6 of 6 texts are translated into Arabic" in html
    assert "Published" in press_publish(admin_client, target)
    document = document_of(ConditionPage.objects.get(pk=target.pk))
    assert (document["locale"], document["name"], document["slug"]) == ("ar", "الرمع العضلي", "الرمع-العضلي")
    assert document["summary"] == ARABIC["Sudden, short jerks of muscles."]
    (section,) = document["sections"]
    assert section["heading"] == "ما هو؟"
    assert ARABIC["Quick <b>jerks</b> of muscles."] in section["html"]
    assert document["reviewer"] is None


def test_all_blocks_of_an_article_are_translated(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    image = Image.objects.create(title="An image", file=get_test_image_file())
    table = {
        "columns": [{"type": "text", "heading": "Kind"}, {"type": "text", "heading": "Lasts"}],
        "rows": [{"values": ["Hiccup", "Minutes"]}, {"values": ["Startle", ""]}],
        "caption": "How long they last",
    }
    question = {"question": "Is a hiccup one?", "answer": "<p>Yes, it is.</p>"}
    page = ConditionPage(title="All of it", summary="Short.", slug="all")
    raw = [
        ("text", "<p>First text.</p>"),
        ("key_points", items("A key point.", "Another one.")),
        ("do_list", {"heading": "Do this", "items": items("Rest well.")}),
        ("dont_list", {"heading": "Don't do this", "items": items("Do not drive.")}),
        ("callout", {"kind": "urgent", "heading": "See somebody", "text": "<p>If it goes on.</p>"}),
        (
            "figure",
            {
                "image": {"image": image.pk, "alt_text": "A muscle", "decorative": False},
                "caption": "Caption of it",
                "credit": "Credit to her",
            },
        ),
        ("table", {"table": table, "row_headings": True}),
        ("faq", items(question)),
    ]
    content = [{"type": name, "value": value, "id": str(uuid4())} for name, value in raw]
    citation = {
        "title": "A paper",
        "source": "A journal",
        "url": "https://example.org/",
        "doi": "10.1000/182",
    }
    section = {"aspect": "types", "heading": "A heading", "content": content, "citations": items(citation)}
    page.body = page.body.stream_block.to_python([{"type": "section", "value": section}])
    factories.condition_index().add_child(instance=page)
    page = factories.publish(page)

    target = submit(admin_client, page, french)
    source = translation_into(target).source
    segments = StringSegment.objects.filter(source=source).order_by("order")
    assert [segment.string.data for segment in segments] == [
        *("All of it", "Short.", "A heading", "First text.", "A key point.", "Another one."),
        *("Do this", "Rest well.", "Don't do this", "Do not drive."),
        *("See somebody", "If it goes on.", "A muscle", "Caption of it", "Credit to her"),
        *("How long they last", "Kind", "Lasts", "Hiccup", "Minutes", "Startle"),
        *("Is a hiccup one?", "Yes, it is."),
    ]
    translate(admin_client, target, lambda text: f"fr: {text}")
    assert admin_client.get(edit_url(target)).status_code == 200
    assert "Published" in press_publish(admin_client, target)
    value = ConditionPage.objects.get(pk=target.pk).body[0].value
    figure, table_block = value["content"][5].value, value["content"][6].value
    assert figure["image"].contextual_alt_text == "fr: A muscle"
    assert table_block["table"].caption == "fr: How long they last"
    assert [row["values"] for row in table_block["table"].row_data] == [
        ["fr: Hiccup", "fr: Minutes"],
        ["fr: Startle", ""],
    ]
    assert [column["heading"] for column in table_block["table"].columns] == ["fr: Kind", "fr: Lasts"]
    assert value["content"][7].value[0]["answer"].source.startswith("<p")
    (cited,) = value["citations"]
    assert (cited["title"], cited["doi"], value["aspect"]) == ("A paper", "10.1000/182", "types")
    assert ConditionPage.objects.get(pk=page.pk).body[0].value["content"][6].value["table"].caption == (
        "How long they last"
    )


def test_a_locale_stands_in_for_another_not_for_itself(admin_client: Client, french: Locale) -> None:
    url = reverse("wagtaillocales:edit", args=[french.pk])
    name = "component-languages_localefallback"
    data = {"language_code": "fr", f"{name}-enabled": "on", f"{name}-fallback": french.pk}
    assert "cannot stand in for itself" in admin_client.post(url, data).content.decode()
    english = factories.make_locale("en")
    assert admin_client.post(url, data | {f"{name}-fallback": english.pk}).status_code == 302
    url = reverse("wagtaillocales:edit", args=[english.pk])
    response = admin_client.post(url, data | {"language_code": "en"})
    assert "stands in for" in response.content.decode()


# --- What the screens offer.


def client_of(*groups: str) -> Client:
    user = User.objects.create_user("somebody")
    user.groups.set(Group.objects.filter(name__in=groups))
    client = Client()
    client.force_login(user)
    return client


def offered(client: Client, target: ConditionPage) -> list[str]:
    """What can be done with a translation, the large button first."""
    html = client.get(edit_url(target)).content.decode()
    actions = html.partition('<nav class="actions')[2].partition("</nav>")[0]
    said = re.findall(r"<(?:a|button)\b[^>]*>(.*?)</(?:a|button)>", actions, re.DOTALL)
    words = [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in said]
    return [each for each in words if each != "More actions"]


def test_the_large_button_leads_on_and_deletes_nothing(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    target = submit(admin_client, article, french)
    assert offered(admin_client, target) == ["Publish in French", "Lock", "Stop synced translation", "Delete"]
    translate(admin_client, target, in_french)
    press_publish(admin_client, target)
    assert offered(admin_client, target)[:2] == ["Publish in French", "Unpublish"]
    # Who may not publish: an article is published by its review.
    assert offered(client_of(EDITORS), target) == ["Review and publishing", "Stop synced translation"]


def test_the_actions_act(admin_client: Client, article: ConditionPage, french: Locale) -> None:
    target = submit(admin_client, article, french)
    html = admin_client.get(edit_url(target)).content.decode()
    lock, stop = re.findall(r'formaction="([^"]+)"', html)
    admin_client.post(lock, {"next": edit_url(target)})
    target = ConditionPage.objects.get(pk=target.pk)
    assert target.locked
    assert "Unlock" in offered(admin_client, target)
    answer = admin_client.post(stop, {"next": edit_url(target)})
    assert answer["Location"] == edit_url(target)
    assert not Translation.objects.filter(target_locale=french, enabled=True).exists()


def test_the_form_of_its_own_fields_leads_back_to_the_texts(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    target = submit(admin_client, article, french)
    html = admin_client.get(own_url(target)).content.decode()
    assert re.search(
        rf'href="{edit_url(target)}"[^>]*>\s*(<svg.*?</svg>)?\s*Texts to translate', html, re.DOTALL
    )
    assert "Texts to translate" not in admin_client.get(edit_url(article)).content.decode()


def test_the_report_lists_what_is_translated_text_by_text(
    admin_client: Client, article: ConditionPage, french: Locale
) -> None:
    """A specialty is translated in its form: it would wait for ever."""
    submit(admin_client, article, french)
    submit(admin_client, article.treating_specialties.get().specialty, french)
    assert Translation.objects.filter(target_locale=french).count() == 2
    for view in ("translations_report", "translations_report_results"):
        html = admin_client.get(reverse(f"wagtail_localize:{view}")).content.decode()
        assert "Myoclonus (English)" in html
        assert "Neurology (English)" not in html
