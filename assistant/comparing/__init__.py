"""The parts of a comparison: counts, peers, practices, shared wording."""
