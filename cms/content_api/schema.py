"""OpenAPI of the content API, made from the serializers that answer: one schema for each type of page."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.relations import ManyRelatedField
from rest_framework.serializers import Field, Serializer
from wagtail.api.v2 import serializers as wagtail
from wagtail.images.api.fields import ImageRenditionField
from wagtail.models import Page, get_page_models

Schema = dict[str, Any]

_IMAGE: Schema = {
    "type": ["object", "null"],
    "properties": {
        "url": {"type": "string"},
        "full_url": {"type": "string", "format": "uri"},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "alt": {"type": "string"},
    },
}
_STREAM: Schema = {
    "type": "array",
    "description": "Blocks in reading order: what `value` is, follows from `type`.",
    "items": {
        "type": "object",
        "properties": {"type": {"type": "string"}, "value": {}, "id": {"type": ["string", "null"]}},
        "required": ["type", "value"],
    },
}
_PAGE: Schema = {
    "type": ["object", "null"],
    "properties": {"id": {"type": "integer"}, "meta": {"type": "object"}, "title": {"type": "string"}},
    "required": ["id", "meta"],
}


class PageDocument(Serializer[Any]):
    """One page."""


class PageList(Serializer[Any]):
    """Pages, and how many there are."""


class Message(Serializer[Any]):
    """What is wrong."""


class _PageDocument(OpenApiSerializerExtension):
    target_class = PageDocument

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> Schema:
        return {"oneOf": [_page(auto_schema, model, show_details=True) for model in _page_types()]}


class _PageList(OpenApiSerializerExtension):
    target_class = PageList

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> Schema:
        pages = [_page(auto_schema, model, show_details=False) for model in _page_types()]
        return {
            "type": "object",
            "properties": {
                "meta": {
                    "type": "object",
                    "properties": {"total_count": {"type": "integer", "minimum": 0}},
                    "required": ["total_count"],
                },
                "items": {"type": "array", "items": {"oneOf": pages}},
            },
            "required": ["meta", "items"],
        }


class _Message(OpenApiSerializerExtension):
    target_class = Message

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> Schema:
        return {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}


def _page_types() -> list[type[Page]]:
    """Those that there are to read; Wagtail's own base type is none of them."""
    return [model for model in get_page_models() if model is not Page]


def _page(auto_schema: AutoSchema, model: type[Page], *, show_details: bool) -> Schema:
    """What a page of this type shows when all its fields are asked for; a list has less unless told."""
    from cms.content_api.views import PagesEndpoint, content_api  # noqa: PLC0415 - views are described by this

    everything = [("*", False, None)]
    serializer = PagesEndpoint._get_serializer_class(  # noqa: SLF001 - Wagtail has no other way to it
        content_api, model, everything, show_details=show_details
    )
    schema = _object(auto_schema, serializer)
    if not show_details:
        schema["required"] = ["id", "meta"]
        schema["properties"]["meta"]["required"] = ["type"]
    schema["title"] = model._meta.label
    return schema


def _object(auto_schema: AutoSchema, serializer_class: type[wagtail.BaseSerializer]) -> Schema:
    serializer = serializer_class()
    body: dict[str, Schema] = {}
    meta: dict[str, Schema] = {}
    for name, field in serializer.fields.items():
        into = meta if name in serializer.meta_fields else body
        into[name] = _field(auto_schema, field, serializer.Meta.model._meta.label)
    # Wagtail leaves out the address of what has none.
    required_meta = [name for name in meta if name != "detail_url"]
    properties = {"meta": {"type": "object", "properties": meta, "required": required_meta}, **body}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _field(auto_schema: AutoSchema, field: Field[Any, Any, Any, Any], label: str) -> Schema:
    schema: Schema
    match field:
        case wagtail.TypeField() | wagtail.PageTypeField():
            return {"const": label}
        case wagtail.DetailUrlField():
            return {"type": "string", "format": "uri"}
        case wagtail.PageHtmlUrlField():
            return {"type": "null", "description": "There is none: the CMS is headless."}
        case wagtail.PageLocaleField():
            return {"type": "string", "description": "Language tag."}
        case wagtail.PageParentField() | wagtail.PageAliasOfField():
            return _PAGE
        case wagtail.ChildRelationField():
            return {"type": "array", "items": _object(auto_schema, field.serializer_class)}
        case ManyRelatedField():
            return {"type": "array", "items": _field(auto_schema, field.child_relation, label)}
        case wagtail.RelatedField():
            schema = _object(auto_schema, field.serializer_class)
            return {"anyOf": [schema, {"type": "null"}]} if field.allow_null else schema
        case wagtail.StreamField():
            return _STREAM
        case ImageRenditionField():
            return _IMAGE
        case _:
            schema = auto_schema._map_serializer_field(field, "response")  # noqa: SLF001 - spectacular's own way
            return schema


def _text(name: str, description: str, *examples: str) -> OpenApiParameter:
    shown = [OpenApiExample(example, value=example) for example in examples]
    return OpenApiParameter(name, str, description=description, examples=shown)


def _number(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "integer", "minimum": 0}, description=description)


_SHOWN = [
    _text(
        "fields",
        "Which fields to show: names after each other with commas, `*` for all, `-name` for all but one, and in "
        "brackets what to show of another object.",
        "*",
        "practices(practice(name,lat,lng))",
    ),
    _text("rich_text_format", "`html` unless told."),
]
_FILTERS = [
    _text(
        "type", "Type of page.", *(f"{label}" for label in ("conditions.ConditionPage", "doctors.DoctorPage"))
    ),
    _number("limit", "Pages in an answer: 20 unless told, at most 100."),
    _number("offset", "Pages to pass over."),
    _text("order", "Name of a field, with `-` before it for the other way round; `random`."),
    _text("search", "Words to look for."),
    OpenApiParameter(
        "search_operator", str, enum=["and", "or"], description="Whether all words must be there."
    ),
    _number("id", "The page with this number."),
    _text("slug", "Pages with this slug. Any other field of the type can be asked for in the same way."),
    _text("locale", "Pages in this language."),
    _number("translation_of", "Translations of the page with this number."),
    _text("child_of", "Pages right below this one: its number, or `root`."),
    _text("ancestor_of", "Pages above the one with this number."),
    _text("descendant_of", "Pages anywhere below this one: its number, or `root`."),
    _text("site", "Name of the site's host."),
]
_WRONG = {400: OpenApiResponse(Message, "A parameter is unknown or malformed: `message` says which.")}
_NOT_THERE = {404: OpenApiResponse(Message, "No such page, or it is not public.")}

listing = extend_schema(
    operation_id="pages_list",
    summary="Published pages",
    parameters=_FILTERS + _SHOWN,
    responses={200: PageList} | _WRONG,
)
detail = extend_schema(
    operation_id="pages_read",
    summary="One published page",
    parameters=_SHOWN,
    responses={200: PageDocument} | _WRONG | _NOT_THERE,
)
find = extend_schema(
    operation_id="pages_find",
    summary="Go to a page",
    parameters=[
        _number("id", "Its number."),
        _text("html_path", "Its path in the tree.", "/conditions/myoclonus/"),
    ],
    responses={302: OpenApiResponse(None, "`Location` is the page's address.")} | _WRONG | _NOT_THERE,
)


def without_the_feed(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v2/")]
