"""The page "Doctors near you for C in P", composed of what the index and the gazetteer hold."""
