"""Links in the rich text of the content API."""

from __future__ import annotations

from html import escape
from typing import Any

from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail.rich_text.pages import PageLinkHandler

from cms.feed.richtext import entities


class EntityLinkHandler(PageLinkHandler):
    """A link to a page as the feed has it: by what the page is, since in a headless CMS it has no address."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, str]]) -> list[str]:
        public = entities(attrs.get("id", "") for attrs in attrs_list)
        return [_tag(public.get(attrs.get("id", ""), {})) for attrs in attrs_list]


def _tag(attributes: Any) -> str:
    return "<a" + "".join(f' {name}="{escape(value)}"' for name, value in attributes.items()) + ">"


def register_link(features: FeatureRegistry) -> None:
    features.register_link_type(EntityLinkHandler)
