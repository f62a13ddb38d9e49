"""Medical specialties: what links a condition to the doctors who treat it."""
