"""Cases of what people type and what they should find, and a runner that prints how many pass: `make eval`."""
