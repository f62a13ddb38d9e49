from __future__ import annotations

from wagtail import hooks

from cms.content_api.rich_text import register_link

# After Wagtail's own.
hooks.register("register_rich_text_features", register_link, order=1)
