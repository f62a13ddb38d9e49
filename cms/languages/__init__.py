"""Languages: each has a tree of its own, texts that somebody translated, and a language that stands in for it."""
