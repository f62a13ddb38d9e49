"""The read-only content API at /api/v2/, for the CMS's own clients."""
