"""The change feed: what changed for the public, in order, for the search service to read."""
