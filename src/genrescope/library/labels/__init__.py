"""Labels of a library's songs: from tags, folders and playlists, and corrections by hand."""
