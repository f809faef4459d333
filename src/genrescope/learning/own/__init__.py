"""Models of a person's own labels, fitted to what a general model predicts of their songs."""
