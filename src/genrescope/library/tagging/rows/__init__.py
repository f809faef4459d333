"""From predictions to rows of a plan; `options` has what is wanted."""
