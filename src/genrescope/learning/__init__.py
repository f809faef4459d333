"""Training of genre networks and their baselines. Keras is imported here and nowhere else."""
