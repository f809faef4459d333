"""Audio files to vectors: one song, or a collection of any size into tables."""
