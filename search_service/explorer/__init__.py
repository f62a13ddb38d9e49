"""A face to look at: pages for people, made of what the public API answers."""
