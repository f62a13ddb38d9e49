"""Query parameters, parsed strictly: unknown, repeated or malformed ones are named in a 400."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request

from search_service.api.problems import InvalidParameters
from search_service.query.doctors import DEFAULT_RADIUS_KM, MAX_RADIUS_KM


class FiniteFloat(serializers.FloatField):
    """A number: none of "nan", "inf", "1_0" and digits of other scripts, which Python's float() takes too."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not str(data).isascii() or "_" in str(data):
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class Params(serializers.Serializer[Any]):
    """Base of all parameter sets."""

    at_most_one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()

    @classmethod
    def parse(cls, request: Request) -> dict[str, Any]:
        """The values, defaults filled in. Raises InvalidParameters."""
        given = request.query_params
        params = cls(data={name: given[name] for name in given})
        known = ", ".join(sorted(params.fields))
        errors = {
            name: [
                f"Unknown parameter. Known ones: {known}." if known else "This address takes no parameters."
            ]
            for name in given
            if name not in params.fields
        }
        errors |= {name: ["Given more than once."] for name in given if len(given.getlist(name)) > 1}
        if not params.is_valid():
            errors = {name: [str(text) for text in texts] for name, texts in params.errors.items()} | errors
        if errors:
            raise InvalidParameters(errors)
        values: dict[str, Any] = params.validated_data
        return values

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for names in self.at_most_one_of:
            given = [name for name in names if name in attrs]
            if len(given) > 1:
                raise serializers.ValidationError(
                    {name: f"Give only one of {', '.join(names)}." for name in given}
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


class PageParams(Params):
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
    page_size = serializers.IntegerField(
        required=False, default=20, min_value=1, max_value=100, help_text="Doctors per page."
    )


class DoctorParams(PageParams, PointParams):
    """What and where. Without a condition or specialty, any doctor; a place is needed."""

    at_most_one_of = (("condition", "specialty"), ("place", "near", "lat"))

    condition = serializers.CharField(required=False, max_length=255, help_text="Slug of a condition.")
    specialty = serializers.CharField(required=False, max_length=255, help_text="Slug of a specialty.")
    place = serializers.CharField(
        required=False, max_length=255, help_text="Slug (`domkhar-ladakh-in`) or id of a place."
    )
    near = serializers.CharField(
        required=False, max_length=200, help_text="A place in words: `Domkhar, Ladakh`."
    )
    cursor = serializers.CharField(
        required=False,
        max_length=1000,
        help_text="`next` of the page before; the other parameters as for the first page.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if not any(name in attrs for name in ("place", "near", "lat")):
            raise serializers.ValidationError({"place": "Say where: `place`, `near`, or `lat` and `lng`."})
        return attrs


class PlaceParams(PointParams):
    q = serializers.CharField(
        max_length=200, help_text="The beginning of a place's name, in any language known."
    )
    limit = serializers.IntegerField(required=False, default=10, min_value=1, max_value=50)
