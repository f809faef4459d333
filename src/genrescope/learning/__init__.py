"""Training of genre networks and their rivals. Keras is imported here and nowhere else."""
