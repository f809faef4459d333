"""A song's sound and pictures, as a browser takes them."""
