"""What is kept of the answers, and what makes room."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from search_service.api.response_cache import _OVERHEAD_BYTES, Kept, ResponseCache

SIZE = 1_000
ROOM = 20 * (SIZE + _OVERHEAD_BYTES)


def kept(number: int, size: int = SIZE) -> Kept:
    return Kept(f'"{number}"', (), number.to_bytes(4, "big") * (size // 4), {"Content-Language": "en"})


@pytest.fixture
def cache() -> ResponseCache:
    return ResponseCache(ROOM)


def there(cache: ResponseCache, numbers: range) -> list[int]:
    return [number for number in numbers if cache.get(str(number))]


def test_what_was_not_asked_for_lately_makes_room(cache: ResponseCache) -> None:
    for number in range(20):
        cache.put(str(number), kept(number))
    assert cache.get("0") == kept(0)
    for number in range(20, 25):
        cache.put(str(number), kept(number))
    assert there(cache, range(25)) == [0, *range(6, 25)]


def test_the_same_again_takes_no_more_room(cache: ResponseCache) -> None:
    for number in range(20):
        cache.put(str(number), kept(number))
    for _ in range(100):
        cache.put("7", kept(7))
    assert there(cache, range(20)) == [*range(20)]


def test_one_that_is_huge_drives_no_other_out(cache: ResponseCache) -> None:
    cache.put("0", kept(0))
    cache.put("1", kept(1, ROOM // 16))
    assert there(cache, range(2)) == [0]


def test_threads_share_it() -> None:
    """Each finds what it asks for or nothing, and the room is never exceeded."""
    cache = ResponseCache(ROOM)

    def use(thread: int) -> None:
        for step in range(3_000):
            number = (step * (thread + 1)) % 40
            found = cache.get(str(number))
            assert found is None or found == kept(number)
            cache.put(str(number), kept(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    assert len(there(cache, range(40))) == 20
