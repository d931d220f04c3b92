"""Hybrid search over short Chinese passages. Knows nothing of notices; imports no `assistant`."""
