"""One library a file: a compressed file's samples in blocks."""
