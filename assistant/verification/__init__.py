"""Checks of answers and drafts: pure code, no model, no store."""
