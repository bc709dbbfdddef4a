"""What the configuration files will make of the host at its next boot, and who else changes it."""
