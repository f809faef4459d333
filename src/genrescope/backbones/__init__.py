"""A pretrained network as a second pair of ears: musicnn, trained on the Million Song Dataset."""
