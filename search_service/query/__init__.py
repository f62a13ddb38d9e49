"""Understands a request - what is looked for, where - and answers it from the index.

Knows neither HTTP nor an engine of the index.
"""
