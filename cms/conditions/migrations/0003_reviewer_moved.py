"""Reviewers are cms.review's from here on. Nothing changes in the database: the table is the same."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conditions", "0002_exact_only"),
        ("review", "0001_reviewer"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="conditionpage",
                    name="reviewer",
                    field=models.ForeignKey(
                        blank=True,
                        help_text="Who signs the article. Without a reviewer, web search engines are told not to index it.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="review.reviewer",
                    ),
                ),
                migrations.DeleteModel(name="Reviewer"),
            ]
        )
    ]
