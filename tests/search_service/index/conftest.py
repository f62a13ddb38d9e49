"""The suite's own modules tell what their asserts saw, as test modules do."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.search_service.index.behaviour")
