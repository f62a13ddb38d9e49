"""Conditions and the articles about them."""
