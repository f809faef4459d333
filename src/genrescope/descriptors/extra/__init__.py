"""Descriptors beyond the thirteen published sets: what those do not measure of a clip.

They are `genrescope.featuresets.EXTRA_SETS`, extracted when they are named: there are no published
files of them.
"""

from genrescope.descriptors.extra.band_correlation import band_correlation
from genrescope.descriptors.extra.fluctuation import loudness_fluctuation
from genrescope.descriptors.extra.mel_patches import mel_patches
from genrescope.descriptors.extra.spectral_contrast import spectral_contrast
from genrescope.descriptors.extra.tonality import tonality

__all__ = [
    "band_correlation",
    "loudness_fluctuation",
    "mel_patches",
    "spectral_contrast",
    "tonality",
]
