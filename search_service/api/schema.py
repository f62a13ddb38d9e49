"""What the API answers, for OpenAPI. Documentation only: answers are made of ready JSON, and a test
holds them against these."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from search_service.pages.indexing import REASONS
from search_service.pages.subjects import KINDS

S = serializers


class LanguageGiven(S.Serializer[Any]):
    asked = S.CharField(
        allow_null=True,
        help_text="By `locale`, else what of `Accept-Language` can be had; null if neither says anything.",
    )
    given = S.CharField(help_text="The language that the answer is in.")
    fallback = S.BooleanField(help_text="Whether that is another one than was asked for.")


class Reference(S.Serializer[Any]):
    id = S.UUIDField()
    slug = S.CharField()
    name = S.CharField()


class Code(S.Serializer[Any]):
    system = S.CharField()
    code = S.CharField()


class Region(S.Serializer[Any]):
    code = S.CharField(allow_blank=True)
    name = S.CharField(allow_blank=True)


class Place(S.Serializer[Any]):
    id = S.IntegerField(
        allow_null=True,
        help_text="geonameid, or an id of the source beyond GeoNames' range; null for postal codes and points.",
    )
    slug = S.CharField()
    name = S.CharField(
        help_text="The name in the locale asked for, else the one under which the place was found."
    )
    official_name = S.CharField()
    # The API's word, though a serializer has an attribute of that name.
    label = S.CharField(help_text="Name, district, region, country.")  # type: ignore[assignment]
    kind = S.CharField(help_text="GeoNames feature code, such as PPL; `postal_code` or `point`.")
    lat = S.FloatField()
    lng = S.FloatField()
    spread_km = S.FloatField(
        allow_null=True,
        help_text="Of a postal code: how far from its middle the furthest place lies that it serves.",
    )
    population = S.IntegerField()
    timezone = S.CharField(allow_blank=True)
    country = Region()
    region = Region()
    district = Region()


class PlaceAtDistance(Place):
    distance_km = S.FloatField()


class PlaceAlternative(Place):
    why = S.ChoiceField(
        ["namesake", "part", "served"],
        help_text=(
            "Another place (or postal code) of that name, another part of the same village, or a place that "
            "the postal code serves."
        ),
    )


class PlaceUnderstood(S.Serializer[Any]):
    status = S.ChoiceField(["exact", "ambiguous", "approximate", "none"])
    match = Place(allow_null=True)
    assumed = S.ChoiceField(
        ["completion", "spelling", "area", "description", "script", "postal_code", "position"],
        allow_null=True,
        help_text="How the text was bent to fit, where `status` is `approximate`.",
    )
    alternatives = PlaceAlternative(many=True)
    nearest = PlaceAtDistance(allow_null=True, help_text="The place nearest to a point asked for.")


class Meta(S.Serializer[Any]):
    generation = S.CharField()
    position = S.IntegerField(help_text="Last `seq` of the change feed that is in this answer.")
    as_of = S.DateTimeField(
        help_text="Since when the index has been so: what was published before is in this answer."
    )


class Total(S.Serializer[Any]):
    value = S.IntegerField()
    relation = S.ChoiceField(["eq", "gte"])


class Address(S.Serializer[Any]):
    street = S.CharField(allow_blank=True)
    locality = S.CharField(allow_blank=True)
    region = S.CharField(allow_blank=True)
    postal_code = S.CharField(allow_blank=True)
    country = S.CharField()


class Image(S.Serializer[Any]):
    url = S.URLField()
    width = S.IntegerField(help_text="Pixels.")
    height = S.IntegerField(help_text="Pixels.")
    alt = S.CharField(allow_blank=True, help_text="What it shows; empty for a mere decoration.")


class Practice(S.Serializer[Any]):
    id = S.UUIDField()
    name = S.CharField()
    lat = S.FloatField()
    lng = S.FloatField()
    address = Address()
    phone = S.CharField(allow_blank=True, help_text="E.164, where it is a telephone number.")
    kind = S.CharField(allow_blank=True, help_text="Kind of facility, such as `hospital`, `health-centre`.")
    accessibility = S.ListField(
        child=S.CharField(), help_text="What has been found to be there, such as `step-free-entrance`."
    )


class PracticeOfResult(Practice):
    hours = S.ListField(
        child=S.CharField(),
        help_text="As schema.org's `openingHours`: `Mo-Fr 09:00-13:00`; a day alone is all of it. Empty where not known.",
    )


class OpeningHours(S.Serializer[Any]):
    day = S.ChoiceField(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
    opens = S.CharField(help_text="HH:MM in the practice's `time_zone`.")
    closes = S.CharField(
        help_text="HH:MM; at or before `opens` it is on the next day, and 00:00 to 00:00 is the whole day."
    )


class PracticeOfDoctor(Practice):
    website = S.CharField(allow_blank=True)
    time_zone = S.CharField(allow_blank=True, help_text="IANA name, such as `Asia/Kolkata`.")
    opening_hours = OpeningHours(many=True, help_text="Empty where they are not known.")
    accepting_new_patients = S.BooleanField()


class WhyListed(S.Serializer[Any]):
    by = S.ChoiceField(["condition", "specialty", "any"])
    condition = S.CharField(required=False, help_text="Slug, where `by` is `condition`.")
    specialty = S.CharField(required=False, help_text="Slug, where `by` is `specialty`.")


class Explanation(S.Serializer[Any]):
    band_km = S.FloatField(allow_null=True, help_text="End of the band of distance; null beyond the last.")
    names_condition = S.BooleanField(
        allow_null=True, help_text="Names the condition itself; null where none was asked for."
    )
    accepting_new_patients = S.BooleanField()
    verified_recently = S.BooleanField(help_text="Within 365 days.")


class DoctorResult(S.Serializer[Any]):
    id = S.UUIDField()
    slug = S.CharField()
    name = S.CharField()
    credentials = S.CharField(allow_blank=True)
    gender = S.ChoiceField(["female", "male", "other", "unknown"])
    practising_since = S.IntegerField(allow_null=True, help_text="Year; null where it is not known.")
    specialties = S.ListField(child=S.CharField(), help_text="Slugs.")
    languages = S.ListField(child=S.CharField(), help_text="Language tags.")
    telehealth = S.BooleanField()
    photo = Image(allow_null=True)
    notice = S.CharField(allow_blank=True)
    verified_at = S.DateField(allow_null=True)
    locale = S.CharField(help_text="Of what is told here in words.")
    last_published_at = S.DateTimeField(allow_null=True)
    distance_km = S.FloatField(help_text="Great-circle distance.")
    why_listed = WhyListed()
    practice = PracticeOfResult(help_text="The nearest one.")
    accepting_new_patients = S.BooleanField(help_text="At that practice.")
    other_practices = S.IntegerField()
    explain = Explanation(required=False, help_text="With `explain=true`.")


class DoctorList(S.Serializer[Any]):
    radius_km = S.FloatField(allow_null=True, help_text="Null where distance is no limit.")
    widened_to_km = S.FloatField(allow_null=True, help_text="Set when nobody was inside `radius_km`.")
    total = Total()
    results = DoctorResult(many=True)
    next = S.CharField(allow_null=True, help_text="`cursor` of the next page.")


class Point(S.Serializer[Any]):
    lat = S.FloatField()
    lng = S.FloatField()


class QueryUnderstood(S.Serializer[Any]):
    condition = Reference(required=False)
    specialties = Reference(many=True, required=False)
    place = PlaceUnderstood(required=False)
    point = Point(required=False)
    bbox = S.ListField(
        child=S.FloatField(),
        min_length=4,
        max_length=4,
        required=False,
        help_text="West, south, east, north.",
    )


class ValueCount(S.Serializer[Any]):
    value = S.CharField(help_text="To give the parameter.")
    count = S.IntegerField(help_text="How many doctors that leaves.")


class NamedValueCount(ValueCount):
    name = S.CharField()


class YearsCount(S.Serializer[Any]):
    value = S.IntegerField()
    count = S.IntegerField()


class DayCount(S.Serializer[Any]):
    value = S.DateField()
    count = S.IntegerField()


class Facets(S.Serializer[Any]):
    """By parameter. What a parameter is set to does not bear upon its own counts."""

    language = ValueCount(many=True)
    gender = ValueCount(many=True)
    telehealth = ValueCount(many=True)
    accepting_new_patients = ValueCount(many=True)
    specialty = NamedValueCount(many=True)
    practice = NamedValueCount(many=True)
    min_years = YearsCount(many=True)
    verified_since = DayCount(many=True)
    exact = S.BooleanField(help_text="False when a part of the matches was counted only.")


class Telehealth(S.Serializer[Any]):
    country = S.CharField()
    total = Total()
    results = DoctorResult(many=True)


class DoctorSearch(DoctorList):
    locale = LanguageGiven()
    query = QueryUnderstood()
    formula = S.CharField(allow_null=True, help_text="With `explain=true`: the order `best`, in words.")
    facets = Facets(allow_null=True, help_text="On the first page; null on further ones.")
    telehealth = Telehealth(
        allow_null=True,
        help_text=(
            "With `telehealth_in`, when nobody is in reach: who may treat patients in that country by "
            "telehealth, nearest first, wherever they are."
        ),
    )
    meta = Meta()


class Question(S.Serializer[Any]):
    question = S.CharField()
    html = S.CharField(allow_blank=True, help_text="The answer.")


class Citation(S.Serializer[Any]):
    title = S.CharField()
    # As with `label`.
    source = S.CharField(  # type: ignore[assignment]
        allow_blank=True, help_text="Journal, publisher or organisation."
    )
    url = S.CharField(allow_blank=True)
    doi = S.CharField(allow_blank=True, help_text="Without a resolver's address: `10.1000/182`.")
    accessed = S.DateField(allow_null=True)


class Section(S.Serializer[Any]):
    aspect = S.CharField(help_text="schema.org's health aspect, such as `symptoms`, `when-to-see-a-doctor`.")
    heading = S.CharField(allow_blank=True)
    html = S.CharField(
        allow_blank=True,
        help_text="All that the section shows, its key points and questions included; without its citations.",
    )
    key_points = S.ListField(child=S.CharField(), help_text="Plain text. They are in `html`, too.")
    faq = Question(many=True, help_text="They are in `html`, too.")
    citations = Citation(many=True, help_text="What the section rests on.")


class Registration(S.Serializer[Any]):
    authority = S.CharField(help_text="Who keeps the register.")
    number = S.CharField()
    scheme = S.ChoiceField(
        ["", "npi"], help_text="The numbering whose form and check digit the number keeps, if one is known."
    )


class Reviewer(S.Serializer[Any]):
    id = S.UUIDField(allow_null=True, help_text="Null where the feed does not tell it.")
    name = S.CharField()
    credentials = S.CharField(allow_blank=True)
    registration = Registration(allow_null=True)
    conflict_of_interest = S.CharField(
        allow_blank=True, help_text="The reviewer's own statement; empty where there is none on record."
    )
    photo = Image(allow_null=True)


class Reviewed(S.Serializer[Any]):
    reviewer = Reviewer(allow_null=True, help_text="The clinician who signed the article.")
    last_reviewed = S.DateField(allow_null=True)
    next_review = S.DateField(allow_null=True)
    review_overdue = S.BooleanField(help_text="`next_review` is past, by today's date in UTC.")


class Article(Reviewed):
    summary = S.CharField(allow_blank=True)
    notice = S.CharField(allow_blank=True)
    sections = Section(many=True)


class Condition(Article):
    id = S.UUIDField()
    slug = S.CharField()
    name = S.CharField()
    locale = S.CharField()
    alternate_names = S.ListField(child=S.CharField())
    search_phrases = S.ListField(child=S.CharField())
    exact_names = S.ListField(
        child=S.CharField(),
        help_text="Those of its names and phrases that mean it only when typed exactly so.",
    )
    codes = Code(many=True)
    specialties = Reference(many=True)
    related_conditions = Reference(many=True)
    first_published_at = S.DateTimeField(allow_null=True)
    last_published_at = S.DateTimeField(allow_null=True)


class Specialty(S.Serializer[Any]):
    id = S.UUIDField()
    slug = S.CharField()
    name = S.CharField()
    locale = S.CharField()
    practitioner_name = S.CharField(allow_blank=True)
    alternate_names = S.ListField(child=S.CharField())
    exact_names = S.ListField(
        child=S.CharField(), help_text="Those of its names that mean it only when typed exactly so."
    )
    description = S.CharField(allow_blank=True)
    codes = Code(many=True)


class Education(S.Serializer[Any]):
    institution = S.CharField()
    degree = S.CharField(allow_blank=True)
    year = S.IntegerField(allow_null=True, help_text="Of completion.")


class Doctor(S.Serializer[Any]):
    id = S.UUIDField()
    slug = S.CharField()
    name = S.CharField()
    locale = S.CharField()
    honorific_prefix = S.CharField(allow_blank=True)
    given_name = S.CharField(allow_blank=True)
    family_name = S.CharField(allow_blank=True)
    credentials = S.CharField(allow_blank=True)
    gender = S.ChoiceField(["female", "male", "other", "unknown"])
    practising_since = S.IntegerField(allow_null=True, help_text="Year; null where it is not known.")
    specialties = Reference(many=True)
    conditions = Reference(many=True)
    languages = S.ListField(child=S.CharField())
    telehealth = S.BooleanField()
    telehealth_countries = S.ListField(
        child=S.CharField(), help_text="Whose patients may be treated by telehealth (ISO 3166-1 alpha-2)."
    )
    practices = PracticeOfDoctor(many=True)
    registrations = Registration(many=True)
    education = Education(many=True)
    memberships = S.ListField(child=S.CharField(), help_text="Professional bodies.")
    photo = Image(allow_null=True)
    bio = S.CharField(allow_blank=True)
    notice = S.CharField(allow_blank=True)
    verified_at = S.DateField(allow_null=True)
    first_published_at = S.DateTimeField(allow_null=True)
    last_published_at = S.DateTimeField(allow_null=True)


class RelatedSearch(S.Serializer[Any]):
    phrase = S.CharField()
    condition = Reference(help_text="The condition that the phrase leads to.")
    url = S.URLField(help_text="Its page, in the same place.")


class RelatedCondition(Reference):
    summary = S.CharField(allow_blank=True)
    url = S.URLField(help_text="Its page, in the same place.")


class NearbyPlaceWithDoctors(PlaceAtDistance):
    url = S.URLField(help_text="The page of the same condition or specialty there.")


class Breadcrumb(S.Serializer[Any]):
    kind = S.ChoiceField(["condition", "specialty", "country", "region", "district", "place"])
    name = S.CharField()
    code = S.CharField(required=False, help_text="Of a country, region or district.")
    slug = S.CharField(
        allow_null=True, help_text="Of a level: that of the place in it that is called as it is."
    )
    url = S.URLField(allow_null=True, help_text="Null where a level is no place.")


class Headings(S.Serializer[Any]):
    page = S.CharField()
    doctors = S.CharField()
    article = S.CharField()


class Alternate(S.Serializer[Any]):
    locale = S.CharField()
    url = S.URLField()


class Indexable(S.Serializer[Any]):
    value = S.BooleanField(help_text="Whether the page is worth the index of a web search engine.")
    reasons = S.ListField(child=S.ChoiceField(REASONS), help_text="Why not.")


class PageTexts(S.Serializer[Any]):
    id = S.UUIDField(help_text="In all languages; of all pages that have these texts.")
    locale = S.CharField(
        help_text="What they are in: maybe another language than the page is, which is then not indexable."
    )


class StructuredData(S.Serializer[Any]):
    """JSON-LD in the vocabulary of schema.org. In HTML, write `<` as `\\u003c`."""

    def get_fields(self) -> dict[str, S.Field[Any, Any, Any, Any]]:
        nodes = S.ListField(child=S.DictField())
        return {"@context": S.CharField(), "@graph": nodes}


class Page(S.Serializer[Any]):
    kind = S.ChoiceField(KINDS, help_text="What the page is about.")
    locale = LanguageGiven()
    title = S.CharField()
    meta_description = S.CharField(allow_blank=True, help_text="160 characters at most.")
    headings = Headings()
    texts = PageTexts(help_text="Of what editors wrote title, description and headings are made.")
    canonical = S.URLField(
        help_text="The page's own address at the front end, in the language that is given."
    )
    alternates = Alternate(
        many=True, help_text="Its address in each language in which it is published: `hreflang`."
    )
    indexable = Indexable()
    last_modified = S.DateTimeField(
        allow_null=True,
        help_text="When the latest of what is shown, of the article and the doctors, was published.",
    )
    condition = Reference(allow_null=True)
    specialty = Reference(allow_null=True)
    place = PlaceUnderstood(allow_null=True, help_text="Null on a page without a place.")
    article = Article(help_text="Of a specialty, its description as `summary`.")
    faq = Question(many=True, help_text="Those of all sections.")
    doctors = DoctorList(allow_null=True, help_text="Null on a page without a place.")
    telehealth = Telehealth(
        allow_null=True,
        help_text="Where nobody is within `radius_km`: who may treat patients in that country by telehealth.",
    )
    related_searches = RelatedSearch(many=True)
    related_conditions = RelatedCondition(many=True)
    nearby_places = NearbyPlaceWithDoctors(
        many=True, help_text="Those of the places around it from which a doctor is in reach, in 500 km."
    )
    breadcrumbs = Breadcrumb(many=True)
    structured_data = StructuredData()
    meta = Meta()


class PlaceDocument(PlaceUnderstood):
    nearby_places = PlaceAtDistance(many=True)


class PlacesNearest(S.Serializer[Any]):
    results = PlaceAtDistance(many=True)


class PlaceList(S.Serializer[Any]):
    results = Place(many=True)


_NOTICE = "What to say to somebody for whom minutes may matter; null for nearly all lines."


class Match(Reference):
    kind = S.ChoiceField(["condition", "specialty", "doctor"])
    matched_name = S.CharField(
        allow_null=True,
        help_text="The name, code or phrase that was typed; null where the text of an article fits.",
    )


class IntentChoice(S.Serializer[Any]):
    value = S.ChoiceField(["doctors", "article"])
    section = S.CharField(allow_null=True, help_text="The section of the article that is asked for.")


class IntentUnderstood(IntentChoice):
    text = S.CharField(allow_blank=True, help_text="The words that say so.")
    alternatives = IntentChoice(many=True, help_text="To choose one, give `intent`.")


class WhatUnderstood(S.Serializer[Any]):
    status = S.ChoiceField(
        ["exact", "ambiguous", "approximate", "chosen", "text", "none"],
        help_text=(
            "`exact`: it was named. `ambiguous`: several are called so, or two are named; `match` is the first. "
            "`approximate`: a word was corrected, a name completed or a part of it left out, see `assumed`. `chosen`: a parameter says it. `text`: nothing is "
            "named, but articles fit; they are in `alternatives`. `none`: nothing fits."
        ),
    )
    text = S.CharField(allow_blank=True)
    match = Match(allow_null=True)
    assumed = S.ChoiceField(["spelling", "completion", "part"], allow_null=True)
    specialty = Match(allow_null=True, help_text="Named beside a condition: who is to treat it.")
    name = S.CharField(
        allow_null=True, help_text="Words of a doctor's name, beside a condition or specialty or alone."
    )
    alternatives = Match(many=True, help_text="To choose one, give `condition` or `specialty`.")


class PlaceOfText(PlaceUnderstood):
    text = S.CharField(allow_blank=True)
    suggestions = Place(many=True, help_text="Where `status` is `none`: what may have been meant.")


class TextUnderstood(S.Serializer[Any]):
    q = S.CharField()
    intent = IntentUnderstood()
    what = WhatUnderstood(allow_null=True)
    place = PlaceOfText(allow_null=True, help_text="To choose another, give `place`.")
    point = Point(allow_null=True, help_text="From which distances are; null where none is known.")
    here = S.BooleanField(help_text="Near to whoever asks was said: `lat` and `lng` tell where that is.")
    did_you_mean = S.CharField(
        allow_null=True, help_text="The text as it was taken, where words were corrected."
    )
    unused = S.ListField(child=S.CharField(), help_text="Words that nothing was made of.")


class ArticleFound(Reference, Reviewed):
    locale = S.CharField()
    summary = S.CharField()
    notice = S.CharField(allow_blank=True)
    section = Section(allow_null=True, help_text="The one that was asked for, if there is one.")


class ConditionFound(Reference):
    summary = S.CharField()


class DoctorFound(DoctorResult):
    distance_km = S.FloatField(allow_null=True, help_text="Great-circle distance; null without a point.")


class DoctorsFound(DoctorList):
    results = DoctorFound(many=True)
    parameters = S.DictField(
        allow_null=True,
        help_text="Of `/doctors/`, for the same doctors, with filters, and with `next` for the page that follows.",
    )


class Notice(S.Serializer[Any]):
    kind = S.ChoiceField(["emergency", "crisis"], help_text="`crisis`: somebody may hurt themselves.")
    locale = S.CharField(help_text="Language of `text`: that of the line.")
    text = S.CharField(help_text="To be shown before all else.")


class TextSearch(S.Serializer[Any]):
    locale = LanguageGiven()
    query = TextUnderstood()
    article = ArticleFound(allow_null=True, help_text="Of the condition that was understood.")
    conditions = ConditionFound(
        many=True, help_text="What was understood and its alternatives, the likeliest first."
    )
    doctors = DoctorsFound(
        allow_null=True, help_text="Null where it is not known whom to look for, or near what point."
    )
    notice = Notice(allow_null=True, help_text=_NOTICE)
    meta = Meta()


class EntitySuggested(Reference):
    matched_name = S.CharField()


class DoctorSuggested(Reference):
    credentials = S.CharField(allow_blank=True)
    specialties = S.ListField(child=S.CharField(), help_text="Slugs.")


class PlaceSuggested(Place):
    text = S.CharField(help_text="What was typed, with this place in it.")


class PhraseSuggested(S.Serializer[Any]):
    text = S.CharField()
    condition = Reference()


class Suggestions(S.Serializer[Any]):
    locale = LanguageGiven()
    conditions = EntitySuggested(many=True)
    specialties = EntitySuggested(many=True)
    doctors = DoctorSuggested(many=True)
    places = PlaceSuggested(many=True)
    phrases = PhraseSuggested(many=True, help_text="What people type, and the condition that it is about.")
    did_you_mean = S.CharField(allow_null=True, help_text="The words as they were taken, if corrected.")
    notice = Notice(allow_null=True, help_text=_NOTICE)
    meta = Meta()


class Status(S.Serializer[Any]):
    generation = S.CharField()
    epoch = S.CharField(help_text="Identity of the change feed's log.")
    position = S.IntegerField()
    as_of = S.DateTimeField(help_text="When the index was last known to hold all that is published.")
    lag_seconds = S.FloatField(help_text="Seconds since `as_of`.")
    counts = S.DictField(child=S.IntegerField(), help_text="Entities per kind.")
    refused = inline_serializer(
        "Refused",
        {
            "count": S.IntegerField(help_text="Changes of the feed that could not be used."),
            "first": inline_serializer(
                "Refusal",
                {
                    "kind": S.CharField(),
                    "id": S.CharField(),
                    "locale": S.CharField(),
                    "seq": S.IntegerField(),
                    "error": S.CharField(),
                },
                many=True,
            ),
        },
    )
    generations = S.ListField(child=S.CharField(), help_text="Those kept, oldest first.")
    rebuild = inline_serializer(
        "RebuildStatus",
        {
            "state": S.ChoiceField(["running", "done", "refused", "failed", "killed"]),
            "started_at": S.DateTimeField(),
            "ended_at": S.DateTimeField(allow_null=True),
            "generation": S.CharField(
                allow_blank=True, help_text="The one that was, or is, to become the live one."
            ),
            "epoch": S.CharField(allow_blank=True, help_text="Identity of the log that it read."),
            "seq": S.IntegerField(help_text="How far it has read the feed."),
            "head": S.IntegerField(help_text="How far the feed goes."),
            "error": S.CharField(allow_blank=True, help_text="Why it was refused or failed."),
        },
        allow_null=True,
        help_text="The last rebuild.",
    )
    audit = inline_serializer(
        "AuditStatus",
        {
            "at": S.DateTimeField(),
            "compared": S.IntegerField(help_text="Documents that are public."),
            "differences": inline_serializer(
                "AuditDifferences",
                {
                    "missing": S.IntegerField(help_text="Public, but not held."),
                    "outdated": S.IntegerField(help_text="Held in another version than the public one."),
                    "left_over": S.IntegerField(help_text="Held, but not public."),
                },
            ),
            "repaired": S.IntegerField(help_text="Differences that are mended."),
            "error": S.CharField(allow_blank=True, help_text="Why it could not be finished."),
            "first": inline_serializer(
                "AuditDifference",
                {
                    "kind": S.CharField(),
                    "id": S.CharField(),
                    "locale": S.CharField(),
                    "difference": S.ChoiceField(["missing", "outdated", "left_over"]),
                },
                many=True,
            ),
        },
        allow_null=True,
        help_text="The last comparison of the index with all that is public in the CMS.",
    )
    places = inline_serializer(
        "PlacesStatus",
        {
            "generation": S.CharField(),
            "count": S.IntegerField(),
            "imported_at": S.DateTimeField(),
            "sources": inline_serializer(
                "PlacesSource",
                {
                    "name": S.CharField(),
                    "kind": S.CharField(help_text="What it is a table of: places, postal codes ..."),
                    "rows": S.IntegerField(help_text="Those that were used."),
                    "data_date": S.DateField(allow_null=True),
                    "attribution": S.CharField(allow_blank=True),
                },
                many=True,
            ),
        },
        allow_null=True,
        help_text="The gazetteer; null while there is none.",
    )
    places_import = inline_serializer(
        "PlacesImportStatus",
        {
            "state": S.ChoiceField(["running", "done", "refused", "failed", "killed"]),
            "started_at": S.DateTimeField(),
            "ended_at": S.DateTimeField(allow_null=True),
            "files": S.ListField(child=S.CharField(), help_text="Names of those that were given."),
            "step": S.CharField(allow_blank=True),
            "fraction": S.FloatField(help_text="How far the step has come, 0 to 1."),
            "generation": S.CharField(allow_blank=True, help_text="The one that has become the live one."),
            "places": S.IntegerField(help_text="Read so far."),
            "error": S.CharField(allow_blank=True, help_text="Why it was refused or failed."),
            "sources": inline_serializer(
                "PlacesImportSource",
                {
                    "name": S.CharField(),
                    "kind": S.CharField(),
                    "rows": S.IntegerField(),
                    "used": S.IntegerField(),
                    "other": S.IntegerField(help_text="Of no use here: rivers, links."),
                    "repeated": S.IntegerField(help_text="With the id or code of an earlier row."),
                    "bad": S.IntegerField(),
                    "mended": S.IntegerField(help_text="Whose population was none and was read as 0."),
                    "faults": inline_serializer(
                        "PlacesImportFault", {"line": S.IntegerField(), "reason": S.CharField()}, many=True
                    ),
                },
                many=True,
            ),
        },
        allow_null=True,
        help_text="The last import of places.",
    )
    limits = inline_serializer(
        "LimitsStatus",
        {
            "state": S.ChoiceField(
                ["on", "off", "open"],
                help_text="`open`: nothing can be counted for now, so that nobody is refused.",
            ),
            "counted_in": S.ChoiceField(["redis", "file"]),
            "error": S.CharField(allow_blank=True, help_text="Why nothing can be counted."),
        },
        help_text="Of the web process that answers.",
    )
    purge = inline_serializer(
        "PurgeStatus",
        {
            "purged_at": S.DateTimeField(allow_null=True, help_text="When the CDN was told last."),
            "position": S.IntegerField(help_text="Up to which of the feed's changes."),
            "pending": S.IntegerField(help_text="Keys of which it could not be told; it is tried again."),
            "error": S.CharField(allow_blank=True, help_text="Why not."),
        },
        allow_null=True,
        help_text="What a CDN was told to purge; null where none is told.",
    )
    sitemaps = inline_serializer(
        "SitemapsStatus",
        {
            "state": S.ChoiceField(
                ["off", "none", "running", "done", "failed", "killed"],
                help_text="Of the last build. `off`: it is not set where the pages are; `none`: nothing was built yet.",
            ),
            "error": S.CharField(allow_blank=True, help_text="Why it failed, or there are none."),
            "served": inline_serializer(
                "SitemapsServed",
                {
                    "built_at": S.DateTimeField(),
                    "seconds": S.FloatField(help_text="How long that took."),
                    "generation": S.CharField(help_text="Of the index that it was built of."),
                    "position": S.IntegerField(help_text="Up to which of the feed's changes, at least."),
                    "urls": S.IntegerField(),
                    "files": S.IntegerField(),
                },
                allow_null=True,
                help_text="Null while there is none.",
            ),
        },
        help_text="Of the sitemaps for web search engines.",
    )


class ProblemDetails(S.Serializer[Any]):
    """RFC 9457."""

    type = S.CharField()
    title = S.CharField()
    status = S.IntegerField()
    detail = S.CharField(required=False)
    errors = S.DictField(  # type: ignore[assignment]  # as with `label`
        child=S.ListField(child=S.CharField()), required=False
    )
    place = PlaceUnderstood(required=False)
    suggestions = Place(many=True, required=False)
