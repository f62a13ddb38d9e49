"""The blocks of an article."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.forms.utils import ErrorList
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import (
    TypedTable,
    TypedTableBlock,
    TypedTableBlockValidationError,
)
from wagtail.images.blocks import ImageBlock
from wagtail.rich_text import RichText, get_text_for_indexing
from wagtail_localize.segments import StringSegmentValue

from cms.conditions.aspects import HEALTH_ASPECTS
from cms.conditions.citations import CitationBlock
from cms.feed.images import public_images

ARTICLE_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link"]
SHORT_FEATURES = ["bold", "italic", "ol", "ul", "link"]
CALLOUTS = [
    ("urgent", "Urgent: see a doctor soon"),
    ("emergency", "Emergency: call for help now"),
]


# In the context of a serializer: what `renditions` found for the images of all that it shows.
RENDITIONS = "renditions"


class TextBlock(blocks.RichTextBlock):
    """Rich text that says something: an emptied editor leaves an empty paragraph, which is not nothing."""

    def clean(self, value: RichText) -> RichText:
        if not get_text_for_indexing(value.source).strip():
            raise ValidationError("This field is required.")
        return super().clean(value)


class AdviceBlock(blocks.StructBlock):
    """A list of what to do, or of what not to do. Its heading says which: colours alone would not."""

    heading = blocks.CharBlock(max_length=255)
    items = blocks.ListBlock(blocks.CharBlock(max_length=500), min_num=1)

    class Meta:
        label_format = "{heading}"


class CalloutBlock(blocks.StructBlock):
    """What must not be overlooked."""

    kind = blocks.ChoiceBlock(choices=CALLOUTS)
    heading = blocks.CharBlock(max_length=255, help_text="Such as 'Call an ambulance if …'.")
    text = TextBlock(features=SHORT_FEATURES)

    class Meta:
        icon = "warning"
        label_format = "{kind}: {heading}"


class FigureBlock(blocks.StructBlock):
    """An image, with what it shows in words unless it is mere decoration."""

    image = ImageBlock()
    caption = blocks.CharBlock(required=False, max_length=500)
    credit = blocks.CharBlock(required=False, max_length=255, help_text="Who made it, and its licence.")

    class Meta:
        icon = "image"
        label_format = "{caption}"

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        image = value["image"]
        alt = image and ("" if image.decorative else image.contextual_alt_text)
        found = (context or {}).get(RENDITIONS)
        shown = public_images({None: (image and image.pk, alt)}, found)[None]
        return {"image": shown, "caption": value["caption"], "credit": value["credit"]}


class CaptionedTableBlock(TypedTableBlock):
    """A table that also those can use who hear it: every column has a heading, the whole a caption."""

    text = blocks.CharBlock(required=False, max_length=1000)

    class Meta:
        help_text = "Give it a caption, and each column a heading."

    def get_translatable_segments(self, value: TypedTable) -> list[StringSegmentValue]:
        """For wagtail-localize, which knows nothing of tables: caption, headings, cells, those that say something."""
        headings = [column["heading"] for column in value.columns]
        cells = [text for row in value.row_data for text in row["values"]]
        return [StringSegmentValue("", text) for text in [value.caption, *headings, *cells] if text]

    def restore_translated_segments(
        self, value: TypedTable, segments: list[StringSegmentValue]
    ) -> TypedTable:
        ordered = sorted(segments, key=lambda segment: segment.order)
        texts = iter(segment.render_text() for segment in ordered)

        def translated(text: str | None) -> str | None:
            return next(texts) if text else text

        value.caption = translated(value.caption)
        for column in value.columns:
            column["heading"] = translated(column["heading"])
        for row in value.row_data:
            row["values"] = [translated(text) for text in row["values"]]
        return value

    def clean(self, value: TypedTable) -> TypedTable:
        table = super().clean(value)
        problems = []
        if not (table.caption or "").strip():
            problems.append("Give the table a caption.")
        if not table.columns or not table.row_data:
            problems.append("Give the table a column and a row at least.")
        if not all((column["heading"] or "").strip() for column in table.columns):
            problems.append("Give each column a heading.")
        if problems:
            raise TypedTableBlockValidationError(non_block_errors=ErrorList(problems))
        return table


class TableBlock(blocks.StructBlock):
    table = CaptionedTableBlock()
    row_headings = blocks.BooleanBlock(
        required=False, default=True, label="The first column says what its row is about"
    )

    class Meta:
        icon = "table"


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(max_length=500)
    answer = TextBlock(features=SHORT_FEATURES)

    class Meta:
        icon = "help"
        label_format = "{question}"


class ContentBlock(blocks.StreamBlock):
    """What a section consists of, in reading order."""

    text = TextBlock(features=ARTICLE_FEATURES)
    key_points = blocks.ListBlock(blocks.CharBlock(max_length=500), min_num=1, icon="pick")
    do_list = AdviceBlock(icon="check", label="Do list", default={"heading": "Do", "items": [""]})
    dont_list = AdviceBlock(icon="cross", label="Don't list", default={"heading": "Don't", "items": [""]})
    callout = CalloutBlock(label="Call-out")
    figure = FigureBlock(label="Image")
    table = TableBlock()
    faq = blocks.ListBlock(QuestionBlock(), min_num=1, icon="help", label="Questions and answers")


class SectionBlock(blocks.StructBlock):
    """One section of an article: what it is about, its heading, its content, what that rests on."""

    aspect = blocks.ChoiceBlock(choices=HEALTH_ASPECTS, help_text="What the section is about.")
    heading = blocks.CharBlock(max_length=255, help_text="Such as 'What is myoclonus?'.")
    content = ContentBlock()
    citations = blocks.ListBlock(CitationBlock(), default=[], required=False, collapsed=True)

    class Meta:
        icon = "doc-full"
        label_format = "{aspect}: {heading}"
