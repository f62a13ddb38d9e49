"""The blocks of an article."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.rich_text import RichText, get_text_for_indexing

# schema.org's HealthAspectEnumeration, in the words and the order of an article.
HEALTH_ASPECTS = [
    ("overview", "Overview"),
    ("types", "Types"),
    ("symptoms", "Symptoms"),
    ("causes", "Causes"),
    ("risk-factors", "Risk factors"),
    ("contagiousness", "Contagiousness"),
    ("diagnosis", "Diagnosis"),
    ("screening", "Screening"),
    ("stages", "Stages"),
    ("treatments", "Treatments"),
    ("side-effects", "Side effects"),
    ("self-care", "Self-care"),
    ("living-with", "Living with it"),
    ("prevention", "Prevention"),
    ("complications", "Complications"),
    ("prognosis", "Prognosis"),
    ("when-to-see-a-doctor", "When to see a doctor"),
    ("children", "In children"),
    ("pregnancy", "In pregnancy"),
    ("effectiveness", "Effectiveness"),
    ("safety", "Safety"),
    ("usage", "Usage"),
    ("misconceptions", "Misconceptions"),
    ("related-topics", "Related topics"),
]
ARTICLE_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link"]


class TextBlock(blocks.RichTextBlock):
    """Rich text that says something: an emptied editor leaves an empty paragraph, which is not nothing."""

    def clean(self, value: RichText) -> RichText:
        if not get_text_for_indexing(value.source).strip():
            raise ValidationError("This field is required.")
        return super().clean(value)


class SectionBlock(blocks.StructBlock):
    """One section of an article: what it is about, its heading, its text."""

    aspect = blocks.ChoiceBlock(choices=HEALTH_ASPECTS, help_text="What the section is about.")
    heading = blocks.CharBlock(max_length=255, help_text="Such as 'What is myoclonus?'.")
    text = TextBlock(features=ARTICLE_FEATURES)

    class Meta:
        icon = "doc-full"
        label_format = "{aspect}: {heading}"
