"""Published files of weights to the initialisers of graphs."""
