"""Trained models applied, through onnxruntime only: vectors, samples, files, collections to genres.

Each rung adds one stage and can be used alone: `model.GenreModel`, `samples.SamplesClassifier`,
`song.SongClassifier`, `collection.classify_files`.
"""
