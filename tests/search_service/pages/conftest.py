"""The world of the API's tests, as pages."""

from tests.search_service.api.conftest import get, published

__all__ = ["get", "published"]
