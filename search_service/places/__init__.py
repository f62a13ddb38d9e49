"""The gazetteer: which place is meant, and what lies near it.

`Gazetteer` (gazetteer.py) is what the rest of the service uses; `import_places` (importer.py) fills it.
"""
