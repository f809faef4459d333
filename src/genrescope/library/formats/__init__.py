"""Text fields of tags, one file a family of formats.

Each module has `read(file)`, the text fields by name; `write(file, field, values)`, which changes
one field and returns its values as they can be read back; and `others(file, field)`, everything
else in the tags, byte for byte, each with a name for people. Field names: genre,
album, artist, title, comment, mood, custom:NAME; a module that has `NAMES_MOOD` has a name of its
own for a mood, in others it is custom:MOOD. `file` is open in binary mode, for writing too where
`write` is called.
"""
