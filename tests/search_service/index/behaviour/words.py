"""Documents by words: phrases, their beginnings, words spelt alike, full text."""

from __future__ import annotations

from search_service.index.protocol import (
    NO_TEXTS,
    Acquaintance,
    Delete,
    Document,
    Form,
    Match,
    Phrase,
    Put,
    Texts,
    Writer,
)
from tests.search_service.index.behaviour.base import Base
from tests.search_service.index.directory import LEH, at, doctor, puts, uid


def phrase(text: str, form: Form = "name", *, exact_only: bool = False) -> Phrase:
    return Phrase(text.lower(), text, form, exact_only)


def condition(number: int, *phrases: Phrase, locale: str = "en", texts: Texts = NO_TEXTS) -> Document:
    return doctor(number, kind="condition", locale=locale, phrases=phrases, texts=texts)


RESTLESS = condition(
    1,
    phrase("Restless legs syndrome"),
    phrase("Restless leg syndrome", "alternate_name"),
    phrase("WED", "alternate_name", exact_only=True),
    phrase("G25.81", "code"),
    phrase("legs that will not rest", "search_phrase"),
    texts=Texts("restless legs syndrome", "an urge to move the legs", "it is worse in the evening"),
)
MYOCLONUS = condition(
    2,
    phrase("Myoclonus"),
    phrase("Jerks", "alternate_name"),
    texts=Texts("myoclonus", "sudden jerks", "the jerks may come at night legs too"),
)
CRAMPS = condition(3, phrase("Leg cramps"), phrase("Jerks", "search_phrase"))


def seen(matches: list[Match]) -> list[tuple[int, str]]:
    return [(match.id.int >> 64, match.phrase.text) for match in matches]


def text(writer: Writer, word: str) -> list[int]:
    return [ranked.id.int >> 64 for ranked in writer.full_text("condition", [(word, [])], "en", 5)]


class Words(Base):
    def test_phrases_of_keys(self, writer: Writer) -> None:
        writer.apply(puts(RESTLESS, MYOCLONUS, CRAMPS), at(3))
        assert seen(writer.phrases(["jerks", "wed", "leg", "nothing"], "en")) == [
            (2, "Jerks"),
            (3, "Jerks"),
            (1, "WED"),
        ]
        (match,) = writer.phrases(["g25.81"], "en")
        assert match == Match("condition", uid(1), RESTLESS.card, phrase("G25.81", "code"))
        assert writer.phrases([], "en") == []

    def test_an_entity_is_found_once_by_a_key(self, writer: Writer) -> None:
        translated = condition(2, phrase("Myoclonus"), phrase("Zuckungen", "alternate_name"), locale="de")
        writer.apply(puts(MYOCLONUS, translated), at(3))
        assert seen(writer.phrases(["myoclonus"], "de")) == [(2, "Myoclonus")]
        (match,) = writer.phrases(["zuckungen"], "en")
        assert match.card == MYOCLONUS.card
        (match,) = writer.phrases(["zuckungen"], "de")
        assert match.card == translated.card

    def test_completions_in_order(self, writer: Writer) -> None:
        writer.apply(puts(RESTLESS, MYOCLONUS, CRAMPS), at(3))
        assert seen(writer.completions("condition", ["leg"], "en", 10)) == [
            (3, "Leg cramps"),
            (1, "legs that will not rest"),
        ]
        assert seen(writer.completions("condition", ["leg", "restl"], "en", 10)) == [
            (1, "Restless leg syndrome")
        ]
        assert seen(writer.completions("condition", ["leg"], "en", 1)) == [(3, "Leg cramps")]
        assert seen(writer.completions("condition", ["leg"], "en", 10, ["search_phrase"])) == [
            (1, "legs that will not rest")
        ]
        assert writer.completions("specialty", ["leg"], "en", 10) == []
        assert writer.completions("condition", ["leg", "nothing"], "en", 10) == []
        assert writer.completions("condition", [], "en", 10) == []

    def test_what_matches_only_exactly_is_not_completed(self, writer: Writer) -> None:
        writer.apply(puts(RESTLESS), at(3))
        assert writer.completions("condition", ["we"], "en", 10) == []
        assert seen(writer.completions("condition", ["wed"], "en", 10)) == [(1, "WED")]

    def test_words_alike(self, writer: Writer) -> None:
        writer.apply(puts(RESTLESS, MYOCLONUS), at(3))
        assert writer.words_like("restles", 1) == [("restless", 1)]
        assert writer.words_like("mioclunos", 2) == []
        assert writer.words_like("mioclonis", 2) == [("myoclonus", 2)]
        assert writer.words_like("ejrks", 1) == [("jerks", 1)]
        assert writer.words_like("wedd", 1) == []
        assert writer.words_like("sindr", 1, unfinished=True) == [("syndrome", 1)]
        assert writer.words_like("sindr", 1) == []

    def test_words_alike_are_those_of_now(self, writer: Writer) -> None:
        writer.apply(puts(RESTLESS, MYOCLONUS), at(3))
        assert writer.words_like("mioclonus", 1) == [("myoclonus", 1)]
        writer.apply([Put(condition(2, phrase("Dystonia")))], at(4))
        assert writer.words_like("mioclonus", 1) == []
        assert writer.words_like("distonia", 1) == [("dystonia", 1)]
        assert writer.phrases(["myoclonus"], "en") == []
        assert text(writer, "jerks") == []
        writer.apply([Delete("condition", uid(2), "en")], at(5))
        assert writer.words_like("distonia", 1) == []

    def test_acquaintance(self, writer: Writer) -> None:
        spanish = condition(3, phrase("Síndrome de tic"), locale="es", texts=Texts("sindrome de tic"))
        german = condition(4, phrase("Tics"), locale="de", texts=Texts("tics"))
        named = doctor(7, LEH, names=("angmo",))
        writer.apply(puts(RESTLESS, MYOCLONUS, spanish, german, named), at(5))
        known = writer.acquaintance(["restless", "angmo", "evening", "night", "tics", "unheard"], "de")
        # In phrases, in phrases in this locale, in names, in texts.
        assert known == {
            "restless": Acquaintance(True, True, False, True),
            "angmo": Acquaintance(False, False, True, False),
            "evening": Acquaintance(False, False, False, True),
            "night": Acquaintance(False, False, False, True),
            "tics": Acquaintance(True, True, False, True),
            "unheard": Acquaintance(False, False, False, False),
        }
        assert not writer.acquaintance(["tics"], "es")["tics"].in_locale

    def test_full_text_puts_names_before_bodies(self, writer: Writer) -> None:
        writer.apply(puts(RESTLESS, MYOCLONUS), at(3))
        found = writer.full_text("condition", [("legs", []), ("syndrome", [])], "en", 5)
        assert [ranked.id.int >> 64 for ranked in found] == [1, 2]
        assert found[0].score > found[1].score
        assert found[0].card == RESTLESS.card
        assert text(writer, "jerk") == text(writer, "jerking") == [2]
        assert writer.full_text("doctor", [("legs", [])], "en", 5) == []
        assert writer.full_text("condition", [], "en", 5) == []

    def test_what_stands_for_a_word_says_less_than_it(self, writer: Writer) -> None:
        shaking = condition(4, texts=Texts("", "shaking hands"))
        tremor = condition(5, texts=Texts("", "tremor of hands"))
        writer.apply(puts(shaking, tremor), at(2))
        found = writer.full_text("condition", [("tremor", ["shaking"])], "en", 5)
        assert [ranked.id.int >> 64 for ranked in found] == [5, 4]
        assert text(writer, "quiver") == []

    def test_what_is_rare_says_more(self, writer: Writer) -> None:
        many = [condition(number, texts=Texts("", "pain in the back")) for number in range(10, 20)]
        writer.apply(puts(*many, condition(20, texts=Texts("", "socks"))), at(2))
        found = writer.full_text("condition", [("pain", []), ("socks", [])], "en", 3)
        assert [ranked.id.int >> 64 for ranked in found] == [20, 10, 11]

    def test_words_may_be_anything(self, writer: Writer) -> None:
        writer.apply(puts(RESTLESS), at(3))
        for word in ('"', "'", "NEAR", "a*", "names:legs", "\0", "%", "लेह", "-", "(", "^"):
            assert writer.phrases([word], "en") == []
            assert writer.words_like(word, 3, unfinished=True) is not None
            assert text(writer, word) == []
            assert writer.completions("condition", [word], "en", 5) == []
            assert not any(writer.acquaintance([word], "en")[word])
