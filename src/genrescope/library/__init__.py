"""A collection of music files: what is in it, what its tags should be, and writing them."""
