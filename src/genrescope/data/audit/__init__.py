"""What is wrong with tables before anything is learnt from them; needs no model."""
