"""Reads a sosreport into a Host: a directory or an archive, which is never extracted."""
