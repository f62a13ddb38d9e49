"""The location index: documents, and which of them is found near a point.

`protocol` says what an index does; each engine (`sqlite`) is one way of doing it.
"""
