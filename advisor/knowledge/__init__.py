"""Reads rules and profiles: strict YAML, JSON Schema, errors with file, line and column."""
