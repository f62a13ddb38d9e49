"""Content from files: drafts of conditions from lists of names and codes."""
