"""After each act, what a consumer of the feed holds is exactly what the public may see.

Each act says which entities it moves in the log, by name, so that none is moved for nothing.
"""

from __future__ import annotations

import pytest

from tests.cms.feed.acts import (  # the modules note their acts
    ACTS,
    NEVER_PUBLIC,
    Act,
    beside,
    editing,
    images,
    languages,
    prepare,
    privacy,
    reviews,
    rows,
    snippets,
    texts,
    tree,
)
from tests.cms.feed.conftest import Consumer, World
from tests.cms.feed.truth import differences, public_truth

MODULES = (editing, tree, privacy, snippets, languages, reviews, beside, images, rows, texts)


def follow(consumer: Consumer) -> set[str]:
    """Have the consumer read on; the names of the entities that moved are returned: with a plus if they came,
    with a minus if they left."""
    before = dict(consumer.held)
    moved = set()
    for change in consumer.pull():
        entity = (change["kind"], change["id"], change["locale"])
        was, now = before.get(entity), consumer.held.get(entity)
        name = (was or now or {"name": NEVER_PUBLIC})["name"]
        if change["locale"] != "en":
            name += f" ({change['locale']})"
        moved.add(name if bool(was) == bool(now) else f"+ {name}" if now else f"- {name}")
    return moved


@pytest.mark.parametrize(("act", "moved"), ACTS)
def test_the_feed_tells_the_public_truth(act: Act, moved: set[str], consumer: Consumer, world: World) -> None:
    prepare(act, world)
    follow(consumer)
    assert differences(consumer.held, public_truth()) == []
    act(world)
    assert follow(consumer) == moved
    assert differences(consumer.held, public_truth()) == []
