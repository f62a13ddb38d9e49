"""Query parameters, parsed strictly: unknown, repeated or malformed ones are named in a 400."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any, ClassVar, cast
from uuid import UUID

from django.core.validators import RegexValidator
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rapidfuzz import fuzz, process
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request

from search_service import locales, names, stores
from search_service.api.problems import InvalidParameters
from search_service.index.protocol import Box
from search_service.pages.subjects import KINDS
from search_service.query import documents
from search_service.query.best import FORMULA
from search_service.query.doctors import DEFAULT_RADIUS_KM, MAX_RADIUS_KM, SHOWN, is_local
from search_service.query.what import name_words

Json = dict[str, Any]

# Of one parameter.
MAX_VALUES = 20
MAX_NAME_WORDS = 8
# Those that we make are shorter.
MAX_CURSOR = 2000
# Of an unknown parameter: how much like a known one it is (0 to 100) that may be meant, and the shortest that tells.
_ALIKE = 75
_SHORTEST = 3

# The first time zone in which a day begins is so far ahead of UTC.
_FIRST_ZONE = timedelta(hours=14)

_INTEGER = re.compile(r"-?[0-9]{1,9}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class FiniteFloat(serializers.FloatField):
    """A number: none of "nan", "inf", "1_0" and digits of other scripts, which Python's float() takes too."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not str(data).isascii() or "_" in str(data):
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class Integer(serializers.IntegerField):
    """As FiniteFloat, and none of "2.0"."""

    def to_internal_value(self, data: Any) -> int:
        if not _INTEGER.fullmatch(str(data)):
            self.fail("invalid")
        return int(data)


class Flag(serializers.BooleanField):
    """true or false, and none of the other words that DRF takes."""

    def to_internal_value(self, data: Any) -> bool:
        if data not in ("true", "false"):
            self.fail("invalid", input=data)
        return bool(data == "true")


class PastDay(serializers.DateField):
    """YYYY-MM-DD, to the digit; a day that has begun, if only in the time zone that is first."""

    default_error_messages = {"future": "Cannot be in the future."}

    def to_internal_value(self, data: Any) -> date:
        if not _DAY.fullmatch(str(data)):
            self.fail("invalid", format="YYYY-MM-DD")
        day = super().to_internal_value(data)
        if day > (stores.now() + _FIRST_ZONE).date():
            self.fail("future")
        return day


class Id(serializers.UUIDField):
    """A UUID as it is written everywhere: none of the forms with braces, with "urn:uuid:" or without hyphens."""

    def to_internal_value(self, data: Any) -> UUID:
        if not documents.is_id(str(data)):
            self.fail("invalid", value=data)
        return UUID(data)


@extend_schema_field(
    {"oneOf": [{"type": "number", "minimum": 1, "maximum": MAX_RADIUS_KM}, {"const": "any"}]}
)
class Radius(FiniteFloat):
    """Kilometres, or "any", which is infinite."""

    default_error_messages = {"range": f"Give 1 to {MAX_RADIUS_KM:g} (km), or any."}

    def to_internal_value(self, data: Any) -> float:
        if data == "any":
            return math.inf
        value = super().to_internal_value(data)
        if not 1 <= value <= MAX_RADIUS_KM:
            self.fail("range")
        return value


class Listed(serializers.CharField):
    """A list, apart by commas. `schema` is its JSON Schema. Each value may be given by itself, too, as many a generated
    client does."""

    schema: Json


class Several(Listed):
    """Values of one kind; as a tuple, each once."""

    default_error_messages = {"many": f"Give at most {MAX_VALUES} values."}

    def __init__(self, child: serializers.Field[Any, Any, Any, Any], **options: Any) -> None:
        self.child = child
        self.schema = {"type": "array", "items": _schema_of(child), "minItems": 1, "maxItems": MAX_VALUES}
        super().__init__(required=False, **options)

    def to_internal_value(self, data: Any) -> Any:
        parts = super().to_internal_value(data).split(",")
        if len(parts) > MAX_VALUES:
            self.fail("many")
        return tuple(dict.fromkeys(self.child.run_validation(part.strip()) for part in parts))


def _schema_of(value: serializers.Field[Any, Any, Any, Any]) -> Json:
    """JSON Schema of one value of a list."""
    schema: Json = {"type": "string"}
    match value:
        case serializers.ChoiceField():
            schema["enum"] = list(value.choices)
        case serializers.UUIDField():
            schema["format"] = "uuid"
        case serializers.RegexField():
            pattern = next(
                re.compile(each.regex).pattern
                for each in value.validators
                if isinstance(each, RegexValidator)
            )
            schema |= {"pattern": pattern.removesuffix(r"\Z") + "$", "maxLength": value.max_length}
    return schema


class BoxField(Listed):
    """west,south,east,north."""

    default_error_messages = {
        "four": "Give four numbers, west,south,east,north, in decimal degrees.",
        "globe": "Longitudes are -180 to 180, latitudes -90 to 90, and the south is not north of the north.",
    }
    schema = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}

    def to_internal_value(self, data: Any) -> Any:
        parts = super().to_internal_value(data).split(",")
        if len(parts) != 4:
            self.fail("four")
        west, south, east, north = (FiniteFloat().run_validation(part) for part in parts)
        if max(abs(west), abs(east)) > 180 or not -90 <= south <= north <= 90:
            self.fail("globe")
        return Box(west, south, east, north)


class Name(serializers.CharField):
    """A doctor's name, as the words to look for."""

    default_error_messages = {"words": f"Give 1 to {MAX_NAME_WORDS} words of a name."}

    def run_validation(self, data: Any = empty) -> Any:
        words = name_words(super().run_validation(data))
        if not 1 <= len(words) <= MAX_NAME_WORDS:
            raise serializers.ValidationError(self.error_messages["words"])
        return words


def slug(**options: Any) -> serializers.CharField:
    # Python's \s has some of the control characters, that of JSON Schema has none.
    return serializers.RegexField(
        r"^[^\s\x00-\x1f,/?#]+\Z", max_length=255, error_messages={"invalid": "Not a slug or id."}, **options
    )


def country_code(help_text: str) -> serializers.CharField:
    return serializers.RegexField(
        r"^[A-Za-z]{2}\Z",
        required=False,
        error_messages={"invalid": "Not a country code (ISO 3166-1 alpha-2)."},
        help_text=help_text,
    )


class LocaleTag(serializers.RegexField):
    """A language, as BCP 47 writes it, maybe with a script or country."""

    default_error_messages = {
        "invalid": "Not a language tag (BCP 47).",
        "unknown": "No language that is known.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*\Z", max_length=35, **options)

    def run_validation(self, data: Any = empty) -> Any:
        tag = super().run_validation(data)
        if not locales.is_known(tag):
            raise serializers.ValidationError(self.error_messages["unknown"])
        return tag


def unknown(name: str, known: Iterable[str]) -> str:
    """What is wrong with a parameter that is none of the `known` ones: with the nearest, if it is near.

    >>> unknown("radius", ["place", "radius_km"])
    'Unknown parameter. Did you mean `radius_km`? Known ones: place, radius_km.'
    """
    known = sorted(known)
    if not known:
        return "This address takes no parameters."
    nearest = (
        process.extractOne(name, known, scorer=fuzz.WRatio, processor=str.lower, score_cutoff=_ALIKE)
        if len(name) >= _SHORTEST
        else None
    )
    meant = f" Did you mean `{nearest[0]}`?" if nearest else ""
    return f"Unknown parameter.{meant} Known ones: {', '.join(known)}."


class Params(serializers.Serializer[Any]):
    """Base of all parameter sets. Only what is given is validated: DRF would go through all fields, which takes
    as long as many a search."""

    at_most_one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()

    @classmethod
    def parse(cls, request: Request) -> dict[str, Any]:
        """The values, defaults filled in. Raises InvalidParameters."""
        known = cls._known()
        values = known.defaults.copy()
        missing = known.needed - request.query_params.keys()
        errors = {name: [str(known.fields[name].error_messages["required"])] for name in missing}
        for name, texts in request.query_params.lists():
            if name not in known.fields:
                errors[name] = [unknown(name, known.fields)]
            elif len(texts) > 1 and not isinstance(known.fields[name], Listed):
                errors[name] = ["Given more than once."]
            else:
                try:
                    values[name] = known.fields[name].run_validation(",".join(texts))
                except serializers.ValidationError as error:
                    errors[name] = [str(text) for text in cast("list[str]", error.detail)]
        if not errors:
            try:
                return known.validate(values)
            except serializers.ValidationError as error:
                by_name = cast("dict[str, str]", error.detail)
                errors = {name: [str(text)] for name, text in by_name.items()}
        raise InvalidParameters(errors)

    @classmethod
    @cache
    def _known(cls) -> Params:
        """One for all requests: making the fields takes longer than most searches. Validating changes nothing
        in them."""
        return cls()

    @cached_property
    def defaults(self) -> Json:
        return {name: field.default for name, field in self.fields.items() if field.default is not empty}

    @cached_property
    def needed(self) -> frozenset[str]:
        return frozenset(name for name, field in self.fields.items() if field.required)

    @classmethod
    def documented(cls) -> list[Any]:
        """For OpenAPI: the parameters, those with commas as arrays."""
        return [cls] + [
            OpenApiParameter(
                name, field.schema, description=str(field.help_text), style="form", explode=False
            )
            for name, field in cls().fields.items()
            if isinstance(field, Listed)
        ]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for group in self.at_most_one_of:
            given = [name for name in group if name in attrs]
            if len(given) > 1:
                raise serializers.ValidationError(
                    {name: f"Give only one of {', '.join(group)}." for name in given}
                )
        return attrs


class NoParams(Params):
    """For addresses that take none."""


class PointParams(Params):
    lat = FiniteFloat(
        min_value=-90,
        max_value=90,
        required=False,
        help_text="Latitude in decimal degrees (WGS 84), with `lng`.",
    )
    lng = FiniteFloat(
        min_value=-180,
        max_value=180,
        required=False,
        help_text="Longitude in decimal degrees (WGS 84), with `lat`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("lat" in attrs) != ("lng" in attrs):
            missing = "lng" if "lat" in attrs else "lat"
            raise serializers.ValidationError({missing: "`lat` and `lng` go together."})
        return super().validate(attrs)


class LocaleParams(Params):
    """In which language the answer is."""

    locale = LocaleTag(
        required=False,
        help_text=(
            "The language of the answer (BCP 47), before `Accept-Language`. What is not published in it is given in "
            "the one that its editors show instead, else in the default one. Names of places are in it where they "
            "are known."
        ),
    )


class PagedParams(Params):
    page_size = Integer(
        required=False, default=SHOWN, min_value=1, max_value=100, help_text="Doctors per page."
    )


class SubjectParams(LocaleParams):
    kind = serializers.ChoiceField(
        KINDS,
        required=False,
        help_text="What the slug is of, where a condition and a specialty share one; else the condition has it.",
    )


class PageParams(SubjectParams, PagedParams):
    radius_km = FiniteFloat(
        required=False,
        default=DEFAULT_RADIUS_KM,
        min_value=1,
        max_value=MAX_RADIUS_KM,
        help_text=(
            "Radius in km; 50 unless told. With nobody inside, the circle is widened to the first of 50, 100, "
            "200 and 500 km that has somebody, and the answer says so in `widened_to_km`."
        ),
    )


class DoctorParams(PagedParams, PointParams, LocaleParams):
    """What and where. Without a condition, specialty or name, any doctor; a place or a box is needed."""

    at_most_one_of = (("place", "near", "lat"), ("bbox", "radius_km"))

    # What.
    condition = slug(required=False, help_text="Slug or id of a condition.")
    specialty = Several(
        slug(),
        help_text=(
            "Slugs or ids of specialties. Beside a condition, they choose among those who treat it; else they "
            "are what is looked for, the first preferred."
        ),
    )
    match = serializers.ChoiceField(
        ["condition", "any"],
        required=False,
        help_text=(
            "With `condition`: `condition` for the doctors who name it themselves; `any`, the default, for "
            "those of a specialty that treats it, too."
        ),
    )
    name = Name(
        required=False,
        min_length=2,
        max_length=100,
        help_text="Words of the doctor's name, or their beginnings. Where nobody is called so, one letter may differ.",
    )
    # Where.
    place = serializers.CharField(
        required=False, max_length=255, help_text="Slug (`domkhar-ladakh-in`) or id of a place."
    )
    near = serializers.CharField(
        required=False,
        max_length=200,
        help_text="A place in words (`Domkhar, Ladakh`), a postal code, or coordinates (`34.39, 76.76`).",
    )
    country = country_code("With `near`: a place in this country (ISO 3166-1 alpha-2) is preferred.")
    radius_km = Radius(
        required=False,
        help_text="1 to 500 km, 50 unless told; `any` for the nearest, wherever they are.",
    )
    widen = Flag(
        required=False,
        help_text=(
            "Whether the circle is widened, when nobody is inside, to the first of 50, 100, 200 and 500 km that "
            "has somebody. It is unless told, and `widened_to_km` says so."
        ),
    )
    bbox = BoxField(
        required=False,
        help_text=(
            "west,south,east,north: the doctors in this box. It crosses the date line if west is greater than "
            "east. Distances are from the place or point, if one is given, else from the middle."
        ),
    )
    telehealth_in = country_code(
        "A country (ISO 3166-1 alpha-2): when nobody is in reach, `telehealth` lists doctors who may treat "
        "patients there by telehealth."
    )
    # Filters.
    language = Several(
        serializers.RegexField(
            r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z",
            max_length=35,
            error_messages={"invalid": "Not a language tag (BCP 47)."},
        ),
        help_text="Language tags: doctors who speak any of these.",
    )
    gender = Several(
        serializers.ChoiceField(["female", "male", "other", "unknown"]), help_text="Any of these."
    )
    telehealth = Several(serializers.ChoiceField(["true", "false"]), help_text="Whether by telehealth, too.")
    accepting_new_patients = Several(
        serializers.ChoiceField(["true", "false"]), help_text="Whether, at the practice where they are found."
    )
    practice = Several(Id(), help_text="Ids of practices: doctors at any of these.")
    min_years = Integer(
        required=False, min_value=1, max_value=80, help_text="Years of practice, at least. By calendar years."
    )
    verified_since = PastDay(
        required=False, help_text="Verified on this day or later; it cannot be in the future."
    )
    # How.
    sort = serializers.ChoiceField(
        ["distance", "best", "name"],
        required=False,
        default="distance",
        help_text=f"`best`: {FORMULA[0].lower()}{FORMULA[1:]}",
    )
    explain = Flag(
        required=False,
        default=False,
        help_text="With `sort=best`: how each result comes by its place in the order.",
    )
    cursor = serializers.CharField(
        required=False,
        max_length=MAX_CURSOR,
        help_text="`next` of the page before; the other parameters as for the first page.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        errors = {}
        if not any(name in attrs for name in ("place", "near", "lat", "bbox")):
            errors["place"] = "Say where: `place`, `near`, `lat` and `lng`, or `bbox`."
        if "match" in attrs and "condition" not in attrs:
            errors["match"] = "Goes with `condition`."
        if "country" in attrs and "near" not in attrs:
            errors["country"] = "Goes with `near`."
        if attrs["explain"] and attrs["sort"] != "best":
            errors["explain"] = "Goes with `sort=best`."
        if attrs.get("widen") and ("bbox" in attrs or attrs.get("radius_km") == math.inf):
            errors["widen"] = "A circle is widened, `bbox` or `radius_km=any` is not."
        wide = not is_local(attrs["bbox"]) if "bbox" in attrs else attrs.get("radius_km") == math.inf
        if attrs["sort"] != "distance" and wide:
            errors["sort"] = (
                f"Goes with a circle, or with a box whose sides are no longer than {2 * MAX_RADIUS_KM:g} km."
            )
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class PlaceParams(PointParams, LocaleParams):
    q = serializers.CharField(
        max_length=200,
        help_text=(
            "The beginning of a place's name in any language known, maybe with what it lies in; a postal code; "
            "coordinates."
        ),
    )
    country = country_code("Places of this country (ISO 3166-1 alpha-2) first.")
    limit = Integer(required=False, default=10, min_value=1, max_value=50, help_text="Places at most.")


class NearestParams(PointParams, LocaleParams):
    lat = FiniteFloat(min_value=-90, max_value=90, help_text="Latitude in decimal degrees (WGS 84).")
    lng = FiniteFloat(min_value=-180, max_value=180, help_text="Longitude in decimal degrees (WGS 84).")
    limit = Integer(required=False, default=10, min_value=1, max_value=50, help_text="Places at most.")


class Text(serializers.CharField):
    """With something to look up in it."""

    default_error_messages = {"words": "Give letters or digits."}

    def to_internal_value(self, data: Any) -> str:
        text = str(super().to_internal_value(data))
        if not names.key(text):
            self.fail("words")
        return text


class TextParams(PointParams, LocaleParams):
    q = Text(max_length=200, help_text="What was typed.")
    country = country_code("Places there are preferred among namesakes (ISO 3166-1 alpha-2).")


class SuggestParams(TextParams):
    limit = Integer(required=False, default=5, min_value=1, max_value=20, help_text="Of each group.")


class SearchParams(TextParams, PagedParams):
    """What is given beside `q` overrules what `q` says."""

    intent = serializers.ChoiceField(
        ["doctors", "article"], required=False, help_text="What is wanted, whatever the text says."
    )
    condition = slug(required=False, help_text="Slug or id of the condition that is meant.")
    specialty = slug(required=False, help_text="Slug or id of the specialty that is meant.")
    name = Name(required=False, min_length=2, max_length=100, help_text="The doctor's name that is meant.")
    place = serializers.CharField(
        required=False, max_length=255, help_text="Slug or id of the place that is meant."
    )
