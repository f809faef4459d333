"""Songs that a library has twice: the same sound, the same recording, edits of it."""
