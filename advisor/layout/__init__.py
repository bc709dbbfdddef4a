"""Derives, from the facts alone, where the work of an interface is done."""
