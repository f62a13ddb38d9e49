"""How much a client may ask for: policies, and counters that all web processes share."""
