"""The editorial half: write and govern condition articles and doctor pages."""
