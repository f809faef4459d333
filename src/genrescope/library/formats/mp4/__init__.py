"""MP4: `items` reads and writes tags, `boxes` takes a file apart, `moving` makes room in it."""
