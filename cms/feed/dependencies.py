"""Which rows bear upon which entities: what the triggers watch, told by the models' own relations.

A `Watch` is a table with the columns of it that count, and queries for the entities that a changed
row of it bears upon. They are ordinary queries in which the trigger's row stands for a value.
"""

# ruff: noqa: S611 - the raw SQL is made of columns' names, never of anyone's input

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    F,
    Field,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Left, Length
from modelcluster.fields import ParentalKey
from wagtail.images import get_image_model
from wagtail.models import Locale, Page, PageViewRestriction, ReferenceIndex

from cms.feed.kinds import Kind, kept_back, kinds
from cms.feed.models import Change
from cms.languages.models import LocaleFallback

# What a page's own document depends on. Not the draft's columns: saving a draft changes nothing for the
# public. Not `path`: reordering neither; a move to other parents shows in `url_path`.
PAGE_COLUMNS = (
    "title",
    "slug",
    "live",
    "url_path",
    "locale_id",
    "translation_key",
    "content_type_id",
    "first_published_at",
    "last_published_at",
)
# What other documents show of it: whether it is public, and its reference.
NAMED_PAGE_COLUMNS = ("title", "slug", "live", "url_path", "translation_key")
NAMED_SNIPPET_COLUMNS = ("name", "slug", "translation_key")
SHOWN_IMAGE_COLUMNS = (
    *("title", "description", "file", "width", "height"),
    *("focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height"),
)
# What a snippet with drafts has beside what it shows: drafts must not touch the log.
DRAFT_COLUMNS = {
    *("latest_revision_id", "live_revision_id", "has_unpublished_changes", "first_published_at"),
    *("last_published_at", "go_live_at", "expire_at", "expired"),
}

# Rows of (kind, key, locale).
Entities = QuerySet[Any, Any]
EntitiesOfRow = Callable[["Row"], list[Entities]]


@dataclass(frozen=True)
class Row:
    """The changed row: `versions` are "OLD", "NEW" or both, as the triggers of SQLite and PostgreSQL call it."""

    versions: tuple[str, ...]

    def has(self, column: str, lookup: str = "pk") -> Q:
        """The condition that `lookup` is what the row has in `column`, before the change or after it."""
        return Q(*((lookup, value) for (value,) in self.each(column)), _connector=Q.OR)

    def each(self, *columns: str) -> list[tuple[RawSQL, ...]]:
        """For each version, the values of some columns."""
        return [tuple(RawSQL(f'{version}."{column}"', []) for column in columns) for version in self.versions]


@dataclass
class Watch:
    """A table, the columns of it that count, and the entities that a changed row bears upon."""

    name: str
    model: type[Model]
    columns: tuple[str, ...]
    on_insert: bool
    entities: list[Callable[[Row], Iterable[Entities]]] = field(default_factory=list)

    @property
    def live(self) -> bool:
        """Whether rows that are live neither before nor after the change do not count."""
        return "live" in self.columns

    @property
    def shows_slugs(self) -> bool:
        """Whether by a changed row the public may see another slug than before."""
        return "slug" in self.columns or self.model in (PageViewRestriction, Locale)


def watches() -> list[Watch]:
    """Everything that must be watched for all kinds."""
    found: dict[str, Watch] = {}

    def watch(
        model: type[Model],
        entities: Callable[[Row], Iterable[Entities]],
        columns: tuple[str, ...] = (),
        suffix: str = "",
        on_insert: bool = True,
    ) -> None:
        name = f"{model._meta.db_table}{suffix}"
        columns = columns or _told_columns(model)
        found.setdefault(name, Watch(name, model, columns, on_insert)).entities.append(entities)

    for kind in kinds().values():
        _watch_own_tables(kind, watch)
        _watch_what_is_named(kind, watch)
        watch(Locale, _of_locale(kind), ("language_code",), on_insert=False)
        watch(LocaleFallback, _of_fallback(kind))
        if kind.is_page:
            _watch_what_is_referred_to(kind, watch)
            watch(PageViewRestriction, _private(kind, _pages(kind)), ("page_id",))
    watch(Locale, _logged_under_old_code, ("language_code",), on_insert=False)
    return list(found.values())


def all_live(kind: Kind) -> Entities:
    return _entities(kind, kind.live())


def logged() -> Entities:
    """Every entity that the log has ever held."""
    return _columns(Change.objects.all(), F("kind"), F("key"), F("locale"))


def logged_now(kind: Kind) -> QuerySet[Any, Any]:
    """The slug of the entity of this kind that a new row of the log is about; nothing if it is not public."""
    ((key, language_code),) = Row(("NEW",)).each("key", "locale")
    rows = kind.live().filter(translation_key=key, locale__language_code=language_code)
    if kind.is_page:
        above = Left(OuterRef("path"), Length("page__path"))
        rows = rows.exclude(Exists(PageViewRestriction.objects.filter(page__path=above)))
    return rows.order_by().values_list("slug")


_WatchFunction = Callable[..., None]


def _watch_own_tables(kind: Kind, watch: _WatchFunction) -> None:
    meta = kind.model._meta
    if kind.is_page:
        watch(Page, _itself(kind), PAGE_COLUMNS)
        watch(kind.model, _owner(kind, _column(meta.pk)))
    else:
        watch(kind.model, _itself(kind), _shown_columns(kind.model))
    for child, column in _children(kind.model):
        watch(child, _owner(kind, column))
    for many in meta.local_many_to_many:
        through: Any = many.remote_field.through
        watch(through, _owner(kind, _column(through._meta.get_field(many.m2m_field_name()))))


def _watch_what_is_named(kind: Kind, watch: _WatchFunction) -> None:
    fed = {other.model for other in kinds().values()}
    for path in kind.names:
        named = _target(kind.model, path)
        if named is get_image_model():
            _watch_images(_naming(kind, path, "id"), _naming(kind, path, "image_id"), watch)
            continue
        entities = _naming(kind, path, "id" if issubclass(named, Page) else _column(named._meta.pk))
        if issubclass(named, Page):
            watch(Page, entities, NAMED_PAGE_COLUMNS, suffix="_named", on_insert=False)
            watch(PageViewRestriction, _private(kind, _naming_pages(kind, path)), ("page_id",))
        elif named in fed:
            columns = [name for name in (*NAMED_SNIPPET_COLUMNS, "live") if name in _shown_columns(named)]
            watch(named, entities, tuple(columns), suffix="_named", on_insert=False)
        else:
            watch(named, entities, on_insert=False)
            for child, column in _children(named):
                watch(child, _naming(kind, path, column))


def _watch_images(of_image: EntitiesOfRow, of_rendition: EntitiesOfRow, watch: _WatchFunction) -> None:
    """A rendition that is deleted is made anew when the document is read again."""
    image = get_image_model()
    watch(image, of_image, SHOWN_IMAGE_COLUMNS, on_insert=False)
    watch(image.get_rendition_model(), of_rendition, ("image_id", "file"), on_insert=False)


def _watch_what_is_referred_to(kind: Kind, watch: _WatchFunction) -> None:
    """Articles link to pages and show images; Wagtail's reference index knows which."""

    def referring_to(model: type[Model], ids: Any) -> list[Entities]:
        """Those that refer to rows of the model by what stands in the reference index as their primary keys."""
        # Not a join: SQLite would come by the index of what refers, and read the references of all pages.
        is_page = ContentType.objects.filter(
            pk=OuterRef("base_content_type"), app_label="wagtailcore", model="page"
        )
        referring = ReferenceIndex.objects.filter(
            Exists(is_page),
            to_content_type__app_label=model._meta.app_label,
            to_content_type__model=model._meta.model_name,
            to_object_id__in=ids,
        ).values(page=Cast("object_id", BigIntegerField()))
        return [_live_in(kind, referring)]

    def of_row(model: type[Model], column: str) -> EntitiesOfRow:
        # By the row's value: a row that was deleted cannot be looked up.
        return lambda row: referring_to(model, [Cast(value, CharField()) for (value,) in row.each(column)])

    def of_pages(pages: QuerySet[Page]) -> list[Entities]:
        return referring_to(Page, pages.values(text=Cast("pk", CharField())))

    def of_reference(row: Row) -> list[Entities]:
        # The id is text, and of a page only if the content type says so.
        return [
            _entities(
                kind,
                kind.live().filter(
                    pk=Cast(
                        Subquery(
                            ContentType.objects.filter(pk=content_type, app_label="wagtailcore", model="page")
                            .annotate(object_id=object_id)
                            .values("object_id")[:1]
                        ),
                        BigIntegerField(),
                    )
                ),
            )
            for content_type, object_id in row.each("base_content_type_id", "object_id")
        ]

    image = get_image_model()
    watch(Page, of_row(Page, "id"), NAMED_PAGE_COLUMNS, suffix="_named", on_insert=False)
    watch(PageViewRestriction, _private(kind, of_pages), ("page_id",))
    _watch_images(of_row(image, "id"), of_row(image, "image_id"), watch)
    watch(ReferenceIndex, of_reference)


def _itself(kind: Kind) -> Callable[[Row], list[Entities]]:
    """The row is the entity. It may be gone from its table: what it is must be read from the row."""

    def entities(row: Row) -> list[Entities]:
        found = []
        for key, locale, *content_type in row.each(
            "translation_key", "locale_id", *(["content_type_id"] if kind.is_page else [])
        ):
            locales = Locale.objects.filter(pk=locale)
            if content_type:
                meta = kind.model._meta
                locales = locales.filter(
                    Exists(
                        ContentType.objects.filter(
                            pk=content_type[0], app_label=meta.app_label, model=meta.model_name
                        )
                    )
                )
            found.append(_columns(locales, Value(kind.name), key, F("language_code")))
        return found

    return entities


def _owner(kind: Kind, column: str) -> Callable[[Row], list[Entities]]:
    """The row belongs to the entity: `column` is the primary key of the entity's row."""
    return lambda row: [_entities(kind, kind.live().filter(row.has(column)))]


def _naming(kind: Kind, path: str, column: str) -> Callable[[Row], list[Entities]]:
    """The row is named by the entity, through the lookup `path`."""
    return lambda row: [_entities(kind, kind.live().filter(row.has(column, path)))]


def _pages(kind: Kind) -> Callable[[QuerySet[Page]], list[Entities]]:
    return lambda pages: [_live_in(kind, pages.values("pk"))]


def _naming_pages(kind: Kind, path: str) -> Callable[[QuerySet[Page]], list[Entities]]:
    return lambda pages: [_entities(kind, kind.live().filter(**{f"{path}__in": pages.values("pk")}))]


def _private(
    kind: Kind, entities: Callable[[QuerySet[Page]], list[Entities]]
) -> Callable[[Row], list[Entities]]:
    """The row makes a page and all below it private, or did."""

    def of_restriction(row: Row) -> list[Entities]:
        above = Page.objects.filter(row.has("page_id"), path=Left(OuterRef("path"), Length("path")))
        return entities(Page.objects.filter(Exists(above.order_by())).order_by())

    return of_restriction


def _of_locale(kind: Kind) -> Callable[[Row], list[Entities]]:
    """What is in the locale, and what names its code since it may be shown there."""
    fallbacks = LocaleFallback.objects.values("fallback")
    return lambda row: [
        _entities(kind, kind.live().filter(row.has("id", "locale"))),
        _entities(
            kind,
            kind.live().filter(
                Exists(LocaleFallback.objects.filter(row.has("id", "locale"))), locale__in=fallbacks
            ),
        ),
    ]


def _of_fallback(kind: Kind) -> Callable[[Row], list[Entities]]:
    """What may be shown in the row's locale: what is in its fallback, and in the fallback's own. Those are among all
    that are anybody's fallback, as a rule one language."""
    fallbacks = LocaleFallback.objects.values("fallback")
    return lambda row: [
        _entities(kind, kind.live().filter(row.has("fallback_id", "locale"))),
        _entities(kind, kind.live().filter(locale__in=fallbacks)),
    ]


def _logged_under_old_code(row: Row) -> list[Entities]:
    """Under the code that a locale no longer has, there is nothing any more."""
    of_locale = Change.objects.filter(row.has("language_code", "locale"))
    return [_columns(of_locale, F("kind"), F("key"), F("locale"))]


def _live_in(kind: Kind, pks: Any) -> Entities:
    return _entities(kind, kind.live().filter(pk__in=pks))


def _entities(kind: Kind, rows: QuerySet[Any]) -> Entities:
    return _columns(rows, Value(kind.name), F("translation_key"), F("locale__language_code"))


def _columns(rows: QuerySet[Any], kind: Any, key: Any, locale: Any) -> Entities:
    # A doctor works at two practices that one row bears upon: PostgreSQL will not move an entity twice at once.
    named = rows.order_by().annotate(entity_kind=kind, entity_key=key, entity_locale=locale).distinct()
    return cast("Entities", named.values_list("entity_kind", "entity_key", "entity_locale"))


def _shown_columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(column for column in _told_columns(model) if column not in DRAFT_COLUMNS)


def _told_columns(model: type[Model]) -> tuple[str, ...]:
    fields, hidden = model._meta.local_concrete_fields, kept_back(model)
    return tuple(_column(field) for field in fields if field.name not in hidden)


def _column(field: Field[Any, Any]) -> str:
    assert field.column is not None, f"{field} has no column"
    return field.column


def _children(model: type[Model]) -> Iterator[tuple[type[Model], str]]:
    """The models whose rows belong to one of this model, each with the column that says to which."""
    for relation in model._meta.related_objects:
        if isinstance(relation.field, ParentalKey) and relation.field.related_model is model:
            yield relation.related_model, _column(relation.field)


def _target(model: type[Model], path: str) -> type[Model]:
    for name in path.split(LOOKUP_SEP):
        related = model._meta.get_field(name).related_model
        assert isinstance(related, type), f"{model.__name__}.{name} is not a relation"
        model = related
    return model
