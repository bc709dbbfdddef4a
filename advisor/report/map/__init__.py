"""The layout of network interfaces as a picture: what is drawn, and how in each format."""
