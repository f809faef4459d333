"""The version, which every artefact names."""

__version__ = "0.2.0"
