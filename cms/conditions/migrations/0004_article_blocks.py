"""A section is made of blocks, and says what it rests on. The text that a section had becomes its first block, in
live articles, drafts and old versions alike."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import django.core.validators
import wagtail.fields
from django.db import migrations
from wagtail.blocks.migrations.migrate_operation import MigrateStreamData
from wagtail.blocks.migrations.operations import BaseBlockOperation


class TextToContent(BaseBlockOperation):
    operation_name_fragment = "text_to_content"

    def apply(self, block_value: dict[str, Any]) -> dict[str, Any]:
        section = dict(block_value)
        text = section.pop("text", None)
        if "content" not in section:
            blocks = [{"type": "text", "value": text, "id": str(uuid4())}] if text else []
            section |= {"content": blocks, "citations": []}
        return section


class ContentToText(BaseBlockOperation):
    """Rich text only: of the rest there was nothing before."""

    operation_name_fragment = "content_to_text"

    def apply(self, block_value: dict[str, Any]) -> dict[str, Any]:
        texts = [block["value"] for block in block_value.get("content", []) if block["type"] == "text"]
        return {"aspect": block_value["aspect"], "heading": block_value["heading"], "text": "".join(texts)}


def in_sections(operation: BaseBlockOperation) -> Any:
    """A function for RunPython: MigrateStreamData itself knows no way back."""
    return MigrateStreamData("conditions", "ConditionPage", "body", [(operation, "section")]).code


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0003_reviewer_moved"),
    ]

    operations = [
        migrations.RunPython(in_sections(TextToContent()), in_sections(ContentToText())),
        migrations.AlterField(
            model_name="conditionpage",
            name="body",
            field=wagtail.fields.StreamField(
                [("section", 30)],
                blank=True,
                block_lookup={
                    0: (
                        "wagtail.blocks.ChoiceBlock",
                        [],
                        {
                            "choices": [
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
                            ],
                            "help_text": "What the section is about.",
                        },
                    ),
                    1: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"help_text": "Such as 'What is myoclonus?'.", "max_length": 255},
                    ),
                    2: (
                        "cms.conditions.blocks.TextBlock",
                        (),
                        {"features": ["h3", "h4", "bold", "italic", "ol", "ul", "link"]},
                    ),
                    3: ("wagtail.blocks.CharBlock", (), {"max_length": 500}),
                    4: ("wagtail.blocks.ListBlock", (3,), {"icon": "pick", "min_num": 1}),
                    5: ("wagtail.blocks.CharBlock", (), {"max_length": 255}),
                    6: ("wagtail.blocks.ListBlock", (3,), {"min_num": 1}),
                    7: (
                        "wagtail.blocks.StructBlock",
                        [[("heading", 5), ("items", 6)]],
                        {"default": {"heading": "Do", "items": [""]}, "icon": "check", "label": "Do list"},
                    ),
                    8: (
                        "wagtail.blocks.StructBlock",
                        [[("heading", 5), ("items", 6)]],
                        {
                            "default": {"heading": "Don't", "items": [""]},
                            "icon": "cross",
                            "label": "Don't list",
                        },
                    ),
                    9: (
                        "wagtail.blocks.ChoiceBlock",
                        [],
                        {
                            "choices": [
                                ("urgent", "Urgent: see a doctor soon"),
                                ("emergency", "Emergency: call for help now"),
                            ]
                        },
                    ),
                    10: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"help_text": "Such as 'Call an ambulance if …'.", "max_length": 255},
                    ),
                    11: (
                        "cms.conditions.blocks.TextBlock",
                        (),
                        {"features": ["bold", "italic", "ol", "ul", "link"]},
                    ),
                    12: (
                        "wagtail.blocks.StructBlock",
                        [[("kind", 9), ("heading", 10), ("text", 11)]],
                        {"label": "Call-out"},
                    ),
                    13: ("wagtail.images.blocks.ImageBlock", [], {}),
                    14: ("wagtail.blocks.CharBlock", (), {"max_length": 500, "required": False}),
                    15: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {"help_text": "Who made it, and its licence.", "max_length": 255, "required": False},
                    ),
                    16: (
                        "wagtail.blocks.StructBlock",
                        [[("image", 13), ("caption", 14), ("credit", 15)]],
                        {"label": "Image"},
                    ),
                    17: ("wagtail.blocks.CharBlock", (), {"max_length": 1000, "required": False}),
                    18: ("wagtail.contrib.typed_table_block.blocks.TypedTableBlock", [[("text", 17)]], {}),
                    19: (
                        "wagtail.blocks.BooleanBlock",
                        (),
                        {
                            "default": True,
                            "label": "The first column says what its row is about",
                            "required": False,
                        },
                    ),
                    20: ("wagtail.blocks.StructBlock", [[("table", 18), ("row_headings", 19)]], {}),
                    21: ("wagtail.blocks.StructBlock", [[("question", 3), ("answer", 11)]], {}),
                    22: (
                        "wagtail.blocks.ListBlock",
                        (21,),
                        {"icon": "help", "label": "Questions and answers", "min_num": 1},
                    ),
                    23: (
                        "wagtail.blocks.StreamBlock",
                        [
                            [
                                ("text", 2),
                                ("key_points", 4),
                                ("do_list", 7),
                                ("dont_list", 8),
                                ("callout", 12),
                                ("figure", 16),
                                ("table", 20),
                                ("faq", 22),
                            ]
                        ],
                        {},
                    ),
                    24: (
                        "wagtail.blocks.CharBlock",
                        (),
                        {
                            "help_text": "Journal, publisher or organisation, with the year.",
                            "max_length": 255,
                            "required": False,
                        },
                    ),
                    25: (
                        "wagtail.blocks.URLBlock",
                        (),
                        {
                            "label": "URL",
                            "max_length": 2000,
                            "required": False,
                            "validators": [django.core.validators.URLValidator(schemes=["http", "https"])],
                        },
                    ),
                    26: (
                        "cms.conditions.citations.DOIBlock",
                        (),
                        {
                            "help_text": "Such as 10.1000/182.",
                            "label": "DOI",
                            "max_length": 255,
                            "required": False,
                        },
                    ),
                    27: (
                        "cms.conditions.citations.PastDateBlock",
                        (),
                        {"help_text": "When the page was read.", "required": False},
                    ),
                    28: (
                        "wagtail.blocks.StructBlock",
                        [[("title", 3), ("source", 24), ("url", 25), ("doi", 26), ("accessed", 27)]],
                        {},
                    ),
                    29: (
                        "wagtail.blocks.ListBlock",
                        (28,),
                        {"collapsed": True, "default": [], "required": False},
                    ),
                    30: (
                        "wagtail.blocks.StructBlock",
                        [[("aspect", 0), ("heading", 1), ("content", 23), ("citations", 29)]],
                        {},
                    ),
                },
                verbose_name="article",
            ),
        ),
    ]
