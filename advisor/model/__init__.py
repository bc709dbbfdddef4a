"""What things are: frozen dataclasses without I/O."""
