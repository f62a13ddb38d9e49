"""The root of the page tree, and the health endpoints."""
