"""The six clip-level sets of jMIR (jAudio): window features and their statistics over the clip."""
