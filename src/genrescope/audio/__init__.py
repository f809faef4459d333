"""Audio files to float32 mono samples: `load.load_audio`, `collect.collect`, `excerpt.Excerpt`."""
