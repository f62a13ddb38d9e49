"""Reads the CMS's change feed into the index."""
