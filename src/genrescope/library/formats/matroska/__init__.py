"""Matroska and WebM: SimpleTags of the whole file or of its one track of sound."""
