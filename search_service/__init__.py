"""Finds doctors and articles near a place, from what the CMS published."""
