"""Wagtail's API of published pages, with few queries and without what is not public.

A list or a page tells of other things (a doctor's practices) their ids; `?fields=practices(practice(name,lat,lng))`
asks for more. Wagtail leaves out pages that are drafts or private; this leaves them out where another page
refers to them, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from django.db.models import Model, Prefetch, Q, QuerySet, prefetch_related_objects
from django.http import HttpResponse
from django.utils.functional import cached_property
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.utils import BadRequestError
from wagtail.api.v2.views import BaseAPIViewSet, PagesAPIViewSet
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.images.api.fields import ImageRenditionField
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.models import DraftStateMixin, Locale, Page

from cms.conditions.blocks import RENDITIONS
from cms.content_api import schema
from cms.feed.images import FILTER, renditions


class PagesEndpoint(PagesAPIViewSet):
    authentication_classes: list[type] = []  # everybody sees the same
    renderer_classes = [JSONRenderer]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what Wagtail would hand on to a database that chokes on it."""
        super().initial(request, *args, **kwargs)
        for name in request.GET:
            value = str(request.GET[name])
            if "\x00" in value:
                raise BadRequestError(f"{name} must not contain NUL")
            if name in ("id", "offset") and not re.fullmatch("[0-9]{1,9}", value):
                raise BadRequestError(f"{name} must be a whole number below 1,000,000,000")

    @schema.listing
    def listing_view(self, request: Request) -> Response:
        answer: Response = super().listing_view(request)
        return answer

    @schema.detail
    def detail_view(self, request: Request, pk: int) -> Response:
        answer: Response = super().detail_view(request, pk)
        return answer

    @schema.find
    def find_view(self, request: Request) -> HttpResponse:
        answer: HttpResponse = super().find_view(request)
        return answer

    def get_base_queryset(self) -> QuerySet[Page]:
        """The public pages. Wagtail finds out what is private each time that it is asked."""
        return self._public.all()

    @cached_property
    def _public(self) -> QuerySet[Page]:
        queryset: QuerySet[Page] = super().get_base_queryset()
        return queryset

    def get_queryset(self) -> QuerySet[Page]:
        queryset: QuerySet[Page] = super().get_queryset()
        # A query less for each. What belongs to an image is read for all of them at once, as below.
        return queryset.select_related("locale", *(image for image, _ in _images(queryset.model).values()))

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Any]:
        """For one page or a list of them: what it will ask them for is read first, for all of them at once."""
        serializer: BaseSerializer[Any] = super().get_serializer(*args, **kwargs)
        pages = serializer.instance if kwargs.get("many") else [serializer.instance]
        if pages:
            public = self.get_base_queryset().order_by()
            prefetch_related_objects(list(pages), *_prefetches(self.get_serializer_class(), public))
            context = cast("dict[str, Any]", serializer.context)
            context[RENDITIONS] = _read_articles(pages, self.get_serializer_class().Meta)
        return serializer


def _read_articles(pages: Sequence[Page], shown: Any) -> dict[int, list[AbstractRendition]]:
    """Read what the stream fields that are shown of some pages refer to, which Wagtail does page by page, and find the
    renditions of their images."""
    images = set()
    for field in shown.model._meta.fields:
        if field.name in shown.fields and isinstance(field, StreamField):
            raw = [list(getattr(page, field.name).raw_data) for page in pages]
            for page, value in zip(pages, field.stream_block.bulk_to_python(raw), strict=True):
                setattr(page, field.name, value)
                references = field.stream_block.extract_references(value)
                images |= {int(pk) for model, pk, *_ in references if issubclass(model, AbstractImage)}
    return renditions(images, FILTER)


def _prefetches(serializer: Any, public: QuerySet[Page]) -> Iterator[Prefetch[Any]]:
    """What a serializer of Wagtail's shows of other objects, and those of others; of pages the public ones."""
    related = {name: child.Meta.model for name, child in serializer.child_serializer_classes.items()}
    if issubclass(serializer.Meta.model, Page):
        related |= {"locale": Locale, "alias_of": Page}
    images = _images(serializer.Meta.model)
    for name in serializer.Meta.fields:
        if name in related:
            child = serializer.child_serializer_classes.get(name)
            yield Prefetch(name, _rows(related[name], child, public))
        elif name in images:
            image, wanted = images[name]
            all_images = get_image_model()._default_manager.prefetch_renditions(wanted)
            for renditions in all_images._prefetch_related_lookups:  # noqa: SLF001 - of images that are there
                renditions.add_prefix(image)
                yield renditions


def _images(model: type[Model]) -> dict[str, tuple[str, str]]:
    """What shows an image: by its name, the model's own field, and the rendition that it asks for."""
    fields = BaseAPIViewSet.get_field_serializer_overrides(model)
    return {
        name: (field.source or name, field.filter_spec)
        for name, field in fields.items()
        if isinstance(field, ImageRenditionField)
    }


def _rows(model: type[Model], serializer: Any, public: QuerySet[Page]) -> QuerySet[Any]:
    """Of a model, those that may be shown, with what `serializer`, if any, shows of other objects. A row that
    stands for what is not public, such as a related condition or a draft of a specialty, is left out with it."""
    rows: QuerySet[Any] = model._default_manager.all()
    if issubclass(model, Page):
        rows = rows.filter(pk__in=public)
    elif issubclass(model, DraftStateMixin):
        rows = rows.filter(live=True)
    if serializer is None:
        return rows
    prefetches = {prefetch.prefetch_to: prefetch for prefetch in _prefetches(serializer, public)}
    for name, child in serializer.child_serializer_classes.items():
        field = model._meta.get_field(name)
        if field.many_to_one and issubclass(child.Meta.model, Page):
            rows = rows.filter(Q(**{f"{name}__in": public}) | Q(**{f"{name}__isnull": True}))
            continue
        if field.many_to_one and issubclass(child.Meta.model, DraftStateMixin):
            rows = rows.filter(Q(**{f"{name}__live": True}) | Q(**{f"{name}__isnull": True}))
        if field.many_to_one and not any(_prefetches(child, public)):
            # One query less.
            rows = rows.select_related(name)
            del prefetches[name]
    return rows.prefetch_related(*prefetches.values())


class SchemaView(SpectacularJSONAPIView):
    """OpenAPI 3.1."""

    authentication_classes = ()
    permission_classes = ()


class DocsView(SpectacularSwaggerView):
    """The OpenAPI document as a page to read and try."""

    authentication_classes = ()
    permission_classes = ()
    http_method_names = ("get", "head")
    url_name = "content-schema"


content_api = WagtailAPIRouter("wagtailapi")
content_api.register_endpoint("pages", PagesEndpoint)
