"""What every engine of the location index must do: a suite written against the protocol alone.

An engine's test module inherits `IndexBehaviour` and gives it `make_index`: a function that makes a new, empty
index, whose default locale is "en". The modules here hold the suite by subject: in classes of examples,
which are run on the oracle too, and in `properties`, where an engine is compared with the oracle.
"""

from __future__ import annotations

from tests.search_service.index.behaviour.counting import Counting
from tests.search_service.index.behaviour.documents import Documents
from tests.search_service.index.behaviour.filtering import Filtering
from tests.search_service.index.behaviour.generations import Generations
from tests.search_service.index.behaviour.holdings import Holdings
from tests.search_service.index.behaviour.near import Near
from tests.search_service.index.behaviour.properties import Properties
from tests.search_service.index.behaviour.slugs import Slugs
from tests.search_service.index.behaviour.sorting import Sorting
from tests.search_service.index.behaviour.updating import Updating
from tests.search_service.index.behaviour.words import Words


class IndexExamples(Documents, Slugs, Near, Filtering, Sorting, Counting):
    """What is to be answered, by examples."""


class IndexBehaviour(IndexExamples, Generations, Holdings, Updating, Words, Properties):
    """All of it."""
