"""Documents as they come, change and go, and in which locale they are shown."""

from __future__ import annotations

import json

from search_service.index.protocol import (
    ANY,
    Change,
    Delete,
    Document,
    Gone,
    Listing,
    Query,
    Term,
    Writer,
)
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import (
    ACCEPTING,
    CARDIOLOGY,
    DELHI,
    LEH,
    MYOCLONUS,
    NEUROLOGY,
    SUVA,
    Point,
    at,
    doctor,
    found,
    gone,
    practice,
    puts,
    stored,
    uid,
)


class Documents(Base):
    def test_documents_come_back_as_they_were_put(self, writer: Writer) -> None:
        document = Document(
            "condition", uid(7), "en", "myoclonus", "Myoclonus", b'{"raw":"\xe0\xbd\x96 \\u0000"}', b"{}"
        )
        writer.apply(puts(document), at(1))
        assert writer.get("condition", uid(7), "en") == stored(document)
        assert writer.get_by_slug("condition", "myoclonus", "en") == stored(document)
        assert writer.cards("condition", [uid(7), uid(8)], "en") == {uid(7): document.card}
        assert writer.get("doctor", uid(7), "en") is None
        assert writer.get_by_slug("doctor", "myoclonus", "en") is None
        assert writer.counts() == {"condition": 1, "refused": 0}

    def test_put_replaces(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, DELHI, terms=[NEUROLOGY], own=[[ACCEPTING]])), at(1))
        moved = doctor(1, SUVA, terms=[CARDIOLOGY])
        writer.apply(puts(moved), at(2))
        assert writer.get_by_slug("doctor", "doctor-1", "en") == stored(moved)
        assert found(writer, Query(*LEH, (NEUROLOGY,))) == []
        assert found(writer, Query(*LEH, (ACCEPTING,))) == []
        (hit,) = writer.search(Query(*LEH, (CARDIOLOGY,))).hits
        assert hit.distance_km > 10_000
        assert hit.listings == 1
        assert writer.counts() == {"doctor": 1, "refused": 0}

    def test_delete(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH), doctor(2, LEH)), at(1))
        writer.apply([gone(1)], at(2))
        assert isinstance(writer.get("doctor", uid(1), "en"), Gone)
        assert isinstance(writer.get("doctor", uid(1), "bo"), Gone)
        assert isinstance(writer.get_by_slug("doctor", "doctor-1", "en"), Gone)
        assert writer.cards("doctor", [uid(1), uid(2), uid(3)], "en").keys() == {uid(2)}
        assert found(writer, Query(*LEH)) == [2]
        assert writer.counts() == {"doctor": 1, "refused": 0}
        # As a kind of its own, it never was.
        assert writer.get("clinic", uid(1), "en") is None
        assert writer.get_by_slug("clinic", "doctor-1", "en") is None

    def test_delete_of_what_was_never_seen(self, writer: Writer) -> None:
        """A tombstone tells by its slugs whether there ever was something to be seen."""
        writer.apply(
            [Delete("doctor", uid(77), "en"), Delete("unheard-of", uid(1), "xx"), gone(78, "was-here")], at(1)
        )
        assert writer.get("doctor", uid(77), "en") is None
        assert writer.get("unheard-of", uid(1), "xx") is None
        assert isinstance(writer.get("doctor", uid(78), "en"), Gone)
        assert isinstance(writer.get_by_slug("doctor", "was-here", "en"), Gone)
        assert writer.cards("doctor", [uid(78)], "en") == {}
        assert writer.counts() == {"refused": 0}

    def test_published_again(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH)), at(1))
        for seq in 2, 4:
            writer.apply([gone(1)], at(seq))
            assert isinstance(writer.get("doctor", uid(1), "en"), Gone)
            again = doctor(1, LEH, says=f"{seq}")
            writer.apply(puts(again), at(seq + 1))
            assert writer.get("doctor", uid(1), "en") == stored(again)
            assert writer.get_by_slug("doctor", "doctor-1", "en") == stored(again)
            assert found(writer, Query(*LEH)) == [1]

    def test_changes_are_applied_in_order(self, writer: Writer) -> None:
        (put,), delete = puts(doctor(1, LEH)), gone(1)
        writer.apply([put, delete], at(1))
        assert writer.counts() == {"refused": 0}
        writer.apply([put, delete, put, *puts(doctor(1, LEH, says="the last word"))], at(2))
        (hit,) = writer.search(Query(*LEH)).hits
        assert b"the last word" in hit.card

    def test_a_document_without_listings_is_found_by_slug_only(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, terms=[NEUROLOGY], names=("anna",))), at(1))
        assert writer.get_by_slug("doctor", "doctor-1", "en") is not None
        for query in Query(*LEH), Query(*LEH, (NEUROLOGY,)), Query(*LEH, name=("anna",), sort="name"):
            assert found(writer, query) == []

    def test_a_document_is_shown_in_the_best_locale(self, writer: Writer) -> None:
        in_locale = {locale: doctor(1, LEH, locale=locale, slug=locale) for locale in ("fr", "bo", "en")}
        writer.apply(puts(*in_locale.values()), at(1))
        for asked, shown in {"fr": "fr", "bo": "bo", "en": "en", "hi": "en"}.items():
            assert writer.get("doctor", uid(1), asked) == stored(in_locale[shown])
            # Any slug leads to the entity, whichever locale it is of.
            assert writer.get_by_slug("doctor", "bo", asked) == stored(in_locale[shown])
        writer.apply([gone(1, "en")], at(2))
        assert writer.get("doctor", uid(1), "hi") == stored(in_locale["bo"])
        assert writer.get("doctor", uid(1), "en") == stored(in_locale["bo"])
        assert writer.counts()["doctor"] == 1

    def test_cards_are_of_the_locale_asked_for(self, writer: Writer) -> None:
        writer.apply(puts(doctor(1, LEH, DELHI), doctor(1, LEH, locale="bo"), doctor(2, LEH)), at(1))

        def shown(centre: Point, locale: str) -> list[tuple[str, str]]:
            hits = writer.search(Query(*centre, locale=locale)).hits
            return [(json.loads(hit.card)["locale"], json.loads(hit.listing_card)["locale"]) for hit in hits]

        assert shown(LEH, "en") == [("en", "en"), ("en", "en")]
        assert shown(LEH, "bo") == [("bo", "bo"), ("en", "en")]
        assert shown(LEH, "fr") == [("en", "en"), ("en", "en")]
        # The Tibetan document does not list the practice in Delhi, where the doctor is found all the same.
        assert shown(DELHI, "bo") == [("bo", "en"), ("en", "en")]

    def test_where_there_is_no_translation_the_nearest_fallback_is_shown(self, writer: Writer) -> None:
        """Nepali falls back to Hindi, Hindi to French, which is not the default locale."""
        french = doctor(1, LEH, DELHI, locale="fr", fallback_for=("hi", "ne", "bo"))
        hindi = doctor(1, LEH, locale="hi", fallback_for=("ne",))
        english = doctor(1, LEH, DELHI)
        writer.apply(puts(french, hindi, english), at(1))
        for asked, shown in {"ne": hindi, "bo": french, "hi": hindi, "n": english, "de": english}.items():
            assert writer.get("doctor", uid(1), asked) == stored(shown)
            assert writer.cards("doctor", [uid(1)], asked) == {uid(1): shown.card}
            (hit,) = writer.search(Query(*LEH, locale=asked)).hits
            assert (hit.card, hit.listing_card) == (shown.card, shown.listings[0].card)
        # The Hindi document does not list the practice in Delhi.
        (hit,) = writer.search(Query(*DELHI, locale="ne")).hits
        assert (hit.card, hit.listing_card) == (hindi.card, english.listings[1].card)
        writer.apply([gone(1, locale="hi")], at(2))
        assert writer.get("doctor", uid(1), "ne") == stored(french)

    def test_translations_and_the_locales_in_which_there_is_something_to_show(self, writer: Writer) -> None:
        assert writer.locales(but="note") == {}
        hindi = doctor(1, LEH, locale="hi", slug="hindi", fallback_for=("bo", "ne"))
        notes = [Document("note", uid(9), tag, "note", "Note", b"{}", b"{}") for tag in ("en", "ja")]
        writer.apply(puts(doctor(1, LEH), hindi, doctor(2, LEH, locale="pt-br"), *notes), at(1))
        assert writer.translations("doctor", uid(1)) == {"en": "doctor-1", "hi": "hindi"}
        assert writer.translations("doctor", uid(3)) == {}
        assert writer.translations("clinic", uid(1)) == {}
        assert writer.locales(but="note") == {
            "en": "en", "hi": "hi", "bo": "hi", "ne": "hi", "pt-br": "pt-br",
        }  # fmt: skip
        writer.apply(puts(doctor(3, LEH, locale="fr", fallback_for=("bo", "hi", "ne", "pt"))), at(2))
        assert writer.locales(but="note") == {
            "en": "en", "hi": "hi", "bo": "hi", "ne": "hi", "pt-br": "pt-br", "fr": "fr", "pt": "fr",
        }  # fmt: skip
        writer.apply([gone(1, locale="hi"), gone(2, locale="pt-br"), gone(3, locale="fr")], at(3))
        assert writer.translations("doctor", uid(1)) == {"en": "doctor-1"}
        assert writer.locales(but="note") == {"en": "en"}
        assert writer.locales(but="doctor") == {"en": "en", "ja": "ja"}

    def test_what_names_an_entity_is_listed_by_it(self, writer: Writer) -> None:
        def condition(number: int, sort_name: str, *named: Term, locale: str = "en") -> Document:
            return doctor(number, kind="condition", sort_name=sort_name, names_of=named, locale=locale)

        hindi = condition(2, "z", NEUROLOGY, locale="hi")
        writer.apply(
            puts(
                condition(1, "c", NEUROLOGY, CARDIOLOGY),
                condition(2, "b", NEUROLOGY, NEUROLOGY),
                hindi,
                condition(3, "b", NEUROLOGY),
                condition(4, "a"),
                doctor(5, LEH, terms=[NEUROLOGY]),
            ),
            at(1),
        )

        def naming(named: Term, locale: str = "en", limit: int = 9) -> list[tuple[int, str]]:
            cards = map(json.loads, writer.naming("condition", named, locale, limit))
            return [(card["of"], card["locale"]) for card in cards]

        assert naming(NEUROLOGY) == [(2, "en"), (3, "en"), (1, "en")]
        assert naming(NEUROLOGY, "hi", limit=2) == [(2, "hi"), (3, "en")]
        assert naming(CARDIOLOGY) == [(1, "en")]
        assert naming(MYOCLONUS) == []
        writer.apply([*puts(condition(1, "c", CARDIOLOGY)), gone(3, kind="condition")], at(2))
        assert naming(NEUROLOGY) == [(2, "en")]
        assert naming(CARDIOLOGY) == [(1, "en")]

    def test_the_primary_document_says_where_an_entity_is_found(self, writer: Writer) -> None:
        def where() -> dict[str, list[int]]:
            return {
                name: found(writer, Query(*centre, (term,), radius_km=1))
                for name, centre, term in [
                    ("fr", SUVA, CARDIOLOGY), ("bo", LEH, NEUROLOGY), ("en", DELHI, MYOCLONUS),
                ]
            }  # fmt: skip

        french = doctor(1, SUVA, locale="fr", terms=[CARDIOLOGY])
        tibetan = doctor(1, LEH, locale="bo", terms=[NEUROLOGY])
        english = doctor(1, DELHI, locale="en", terms=[MYOCLONUS])
        nowhere: dict[str, list[int]] = {"fr": [], "bo": [], "en": []}
        history: list[tuple[list[Change], str]] = [
            (puts(french), "fr"),
            (puts(tibetan), "bo"),  # the lower code of the two
            (puts(english), "en"),  # the default locale
            (puts(tibetan, french), "en"),
            ([gone(1)], "bo"),
            ([gone(1, locale="bo")], "fr"),
            ([*puts(english), gone(1, locale="fr")], "en"),
        ]
        for changes, name in history:
            writer.apply(changes, at(1))
            assert where() == nowhere | {name: [1]}
            assert writer.counts() == {"doctor": 1, "refused": 0}
        writer.apply([gone(1)], at(2))
        assert where() == nowhere

    def test_the_primary_document_says_what_is_filtered_and_sorted_by(self, writer: Writer) -> None:
        english = doctor(1, LEH, names=("anna",), sort_name="b", since=2000)
        tibetan = doctor(1, LEH, locale="bo", names=("dorje",), sort_name="z", since=1980)
        writer.apply(puts(tibetan, english, doctor(2, LEH, sort_name="m")), at(1))
        assert found(writer, Query(*LEH, sort="name", locale="bo")) == [1, 2]
        assert found(writer, Query(*LEH, name=("anna",), locale="bo")) == [1]
        assert found(writer, Query(*LEH, since_to=1990)) == []
        writer.apply([gone(1)], at(2))
        assert found(writer, Query(*LEH, sort="name")) == [2, 1]
        assert found(writer, Query(*LEH, name=("dorje",))) == [1]
        assert found(writer, Query(*LEH, since_to=1990)) == [1]

    def test_the_card_of_a_listing_by_its_term(self, writer: Writer) -> None:
        """What a filter is called: a practice's name stands in the cards of its listings."""
        first, second = (
            doctor(1, LEH, DELHI, own=[[practice("snm")], [practice("aiims"), ACCEPTING]]),
            doctor(2, LEH, terms=[NEUROLOGY], own=[[practice("snm")]]),
        )
        writer.apply(puts(first, second), at(1))
        terms = [practice("snm"), practice("aiims"), NEUROLOGY, ACCEPTING, practice("nonesuch"), CARDIOLOGY]
        cards = writer.listing_cards("doctor", terms)
        assert cards.keys() == {practice("snm"), practice("aiims"), NEUROLOGY}
        assert cards[practice("aiims")] == first.listings[1].card
        assert cards[practice("snm")] in {first.listings[0].card, second.listings[0].card}
        assert writer.listing_cards("clinic", terms) == {}
        assert writer.listing_cards("doctor", []) == {}

        writer.apply([gone(1)], at(2))
        cards = writer.listing_cards("doctor", terms)
        assert cards == {practice("snm"): second.listings[0].card, NEUROLOGY: second.listings[0].card}
        renamed = doctor(2, LEH, own=[[practice("snm")]], says="a new name")
        writer.apply(puts(renamed), at(3))
        assert writer.listing_cards("doctor", terms) == {practice("snm"): renamed.listings[0].card}

    def test_terms_are_told_apart_by_facet(self, writer: Writer) -> None:
        same = [Term("condition", "one"), Term("specialty", "one"), Term("condition", "")]
        writer.apply(puts(*(doctor(n, LEH, terms=[term]) for n, term in enumerate(same, 1))), at(1))
        for number, term in enumerate(same, 1):
            assert found(writer, Query(*LEH, (term,))) == [number]
        assert found(writer, Query(*LEH, (ANY,))) == [1, 2, 3]

    def test_a_doctor_with_three_hundred_listings(self, writer: Writer) -> None:
        chain = doctor(
            1,
            *((34.0 + n / 100, 77.0) for n in range(300)),
            terms=[NEUROLOGY],
            own=[[practice(f"{n % 100}")] for n in range(300)],
        )
        nearby = [doctor(2 + n, (34.005 + n / 100, 77.0), terms=[NEUROLOGY]) for n in range(30)]
        writer.apply(puts(chain, *nearby), at(1))
        hits = writer.search(Query(35.0, 77.0, filters={"practice": ["7"]}, limit=5)).hits
        assert [hit.listing_card for hit in hits] == [chain.listings[107].card]
        assert hits[0].listings == 300
        assert found(writer, Query(34.0, 77.0, (NEUROLOGY,), limit=100)) == list(range(1, 32))
        writer.apply(puts(doctor(1, LEH, terms=[NEUROLOGY])), at(2))
        assert found(writer, Query(34.0, 77.0, (NEUROLOGY,), radius_km=12)) == list(range(2, 13))
        assert found(writer, Query(35.0, 77.0, filters={"practice": ["7"]})) == []

    def test_listings_may_share_an_id(self, writer: Writer) -> None:
        """Two doctors at one practice: the id is the practice's."""
        listing = Listing(uid(5), *LEH, b"{}")
        pair = [
            Document("doctor", uid(n), "en", f"{n}", "", b"{}", b"{}", listings=(listing, listing))
            for n in (1, 2)
        ]
        writer.apply(puts(*pair), at(1))
        assert found(writer, Query(*LEH)) == [1, 2]
        writer.apply(puts(doctor(1)), at(2))
        assert found(writer, Query(*LEH)) == [2]
