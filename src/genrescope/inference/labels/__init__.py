"""Styles, moods, voices and instruments of a song, from the tags of pretrained networks.

`label`: what a label is; `fits`: how it follows from tags; `choose`: which are shown.
"""
