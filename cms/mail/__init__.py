"""E-mail: kept with the act that it tells of, and sent by the worker."""
