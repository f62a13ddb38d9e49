"""Sitemaps: which pages web search engines are told of, in files that crawlers read."""
