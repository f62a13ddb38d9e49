"""The root of the page tree, the health endpoints and the read-only content API."""
