"""What a file's bytes say before it is decoded: its kind, its length, its parts."""
