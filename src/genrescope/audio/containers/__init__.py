"""What is known of a file from its bytes before it is decoded: its kind, its length, its parts."""
