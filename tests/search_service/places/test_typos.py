"""Misspelt names: that none which is one letter off is overlooked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from search_service.places.gazetteer import Gazetteer
from search_service.places.sqlite import SQLiteStore
from search_service.places.typos import one_letter_off
from tests.search_service.places.dump import row

Make = Callable[..., Gazetteer]

letters = st.text(alphabet="abcdez ", min_size=1, max_size=8)


@given(letters, letters)
def test_one_letter_off_is_a_distance_of_one(one: str, other: str) -> None:
    assert (other in set(one_letter_off(one, 0, len(one)))) == (OSA.distance(one, other) <= 1)


@given(st.text(alphabet="абвयलख", min_size=1, max_size=6), st.text(alphabet="абвयलख", min_size=1, max_size=6))
def test_other_alphabets_have_their_own_letters(one: str, other: str) -> None:
    if OSA.distance(one, other) == 1 and {ord(char) // 128 for char in other} <= {ord(c) // 128 for c in one}:
        assert other in set(one_letter_off(one, 0, len(one)))


class Keys(list[str]):
    """Of which nothing is shown when a test fails: there are hundreds of thousands."""

    def __repr__(self) -> str:
        return f"{len(self)} keys"


@pytest.fixture(scope="module")
def keys(shipped: Gazetteer) -> Keys:
    rows = shipped._live()[0]._db.execute("SELECT DISTINCT key FROM name WHERE length(key) > 2")
    return Keys(key for (key,) in rows)


@settings(deadline=None, max_examples=100)
@given(st.data(), st.sampled_from(["left out", "added", "another", "swapped"]))
def test_all_keys_one_letter_off_are_found(
    shipped: Gazetteer, keys: Keys, data: st.DataObject, mistake: str
) -> None:
    key = keys[data.draw(st.integers(0, len(keys) - 1))]
    i = data.draw(st.integers(0, len(key) - 1))
    start, letter, end = key[:i], key[i], key[i + 1 :]
    other = data.draw(st.sampled_from("aeiourst"))
    asked = {
        "left out": start + end,
        "added": start + other + letter + end,
        "another": start + other + end,
        "swapped": start + end[:1] + letter + end[1:],
    }[mistake]
    found = set(next(shipped._live()[0].spelt_like(asked, 1)))
    assert all(OSA.distance(asked, each) <= 1 for each in found)
    # A digit or a letter of another script is only tried where there is one.
    if key.isascii() and not any(map(str.isdigit, key)):
        assert key in found


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Skurbcuhan", "Skurbuchan"),  # two letters changed places
        ("Skurbuchanz", "Skurbuchan"),
        ("kSurbuchan", "Skurbuchan"),
        ("Skurbuhcna", "Skurbuchan"),  # two wrong in the second half
        ("Sqrbuchan", "Skurbuchan"),  # and in the first
        ("Skorbuchen", "Skurbuchan"),  # one in each
        ("Skur buchan", "Skurbuchan"),
    ],
)
def test_kinds_of_mistakes(gazetteer_of: Make, asked: str, name: str) -> None:
    gazetteer = gazetteer_of(row(1, name), row(2, "Hanu Thang", lat=20.0))
    resolution = gazetteer.resolve_text(asked)
    assert (resolution.status, resolution.assumed) == ("approximate", "spelling")
    assert resolution.matched_name == name


def test_a_misspelt_name_of_several_places_is_ambiguous(gazetteer_of: Make) -> None:
    gazetteer = gazetteer_of(row(1, "Skurbuchan", population=900), row(2, "Skurbuchan", lat=20.0))
    resolution = gazetteer.resolve_text("Skurbuchn")
    assert (resolution.status, resolution.assumed) == ("ambiguous", "spelling")
    assert [other.place.id for other in resolution.alternatives] == [2]


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Domkahr, Ladak", 801411805),
        ("domkahr ladak", 801411805),
        ("Domkahr Ladakh India", 801411805),
        ("Lonodn Untied Kingdom", 2643743),
        ("berlni germny", 2950159),
    ],
)
def test_both_the_name_and_what_it_lies_in_may_be_misspelt(shipped: Gazetteer, text: str, id_: int) -> None:
    resolution = shipped.resolve_text(text)
    assert (resolution.status, resolution.assumed) == ("approximate", "spelling")
    assert resolution.match is not None
    assert resolution.match.id == id_


def test_what_is_found_at_once_is_looked_for_no_further(
    shipped: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_far(*_: object) -> list[str]:
        raise AssertionError("there is a name with one wrong letter")

    monkeypatch.setattr(SQLiteStore, "_alike", too_far)
    monkeypatch.setattr(SQLiteStore, "_starting", too_far)
    assert shipped.search("Srinagra")[0].place.name == "Srinagar"
