"""WAV, AIFF and DSDIFF files: chunks with ID3 tags, and the older texts of WAV."""
