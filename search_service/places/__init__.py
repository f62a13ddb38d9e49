"""The gazetteer: places of the world by name, slug, id and position."""
