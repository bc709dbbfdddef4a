"""Changing the host, and being able to take it back: journal, lock, layers."""
