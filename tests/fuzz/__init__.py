"""Fuzzing of what reads foreign bytes and foreign text."""
