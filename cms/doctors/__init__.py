"""Doctors and the practices where they work."""
