"""Many hosts at once: reads their lines, puts them into tables, and asks those what stands out."""
