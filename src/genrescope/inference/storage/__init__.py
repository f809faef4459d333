"""Predictions kept: the results file, and arrays as bytes."""
