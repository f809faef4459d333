"""The files in which corpora keep the genres of their songs, one layout a file.

A layout's reader takes the file's text and gives an entry a song; it never looks for audio.
`genrescope.data.song_labels` finds which file has which layout, and the songs' files.
"""
