"""A collection of music files: what is in it, what its tags should say, and writing them."""
