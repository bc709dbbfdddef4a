"""Judges a host: rules and a profile in, findings out. Pure: no kernel, no files."""
