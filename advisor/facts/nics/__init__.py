"""Network interfaces: links, drivers' settings, queues, interrupts, completions, qdiscs."""
