"""What each input of a model measures, in words of people who collect music."""

from __future__ import annotations

from typing import NamedTuple

from genrescope.inference.card import MUSICNN


class Aspect(NamedTuple):
    """What an input measures.

    Attributes:
        heading: the side of music that it looks at, shared by the inputs that look at the same.
        phrase: what it measures of it.
    """

    heading: str
    phrase: str


RHYTHM, LOUDNESS = "the rhythm", "the balance of bass and treble"
TONE, HARMONY, NETWORK = "the tone colour", "the harmony", "the music-tagging network"

ASPECTS = {
    "rp": Aspect(RHYTHM, "beat of each band, bass to treble"),
    "rh": Aspect(RHYTHM, "beat of all bands together"),
    "trh": Aspect(RHYTHM, "how the beat changes"),
    "mvd": Aspect(RHYTHM, "how alike bass and treble pulse"),
    "ssd": Aspect(LOUDNESS, "loudness of each band, and swings"),
    "tssd": Aspect(LOUDNESS, "how the loudness of bands changes"),
    "marsyas_timbral": Aspect(TONE, "timbre, brightness and notes"),
    "jmir_mfcc": Aspect(TONE, "timbre"),
    "jmir_spectral": Aspect(TONE, "brightness and noise"),
    "jmir_derivatives": Aspect(TONE, "how fast brightness changes"),
    "jmir_lpc": Aspect(TONE, "resonances"),
    "jmir_moments": Aspect(TONE, "shape of the spectrum"),
    "jmir_area_moments": Aspect(TONE, "shape of the spectrum over time"),
    "spectral_contrast": Aspect(TONE, "clear notes or noise in each band"),
    "tonality": Aspect(HARMONY, "chords, tuning and how they change"),
    "band_correlation": Aspect(TONE, "which bands sound together"),
    "loudness_fluctuation": Aspect(TONE, "how abruptly bands swell and fade"),
    "mel_patches": Aspect(TONE, "which short patterns of sound occur"),
    MUSICNN: Aspect(NETWORK, "what listeners would tag it"),
}
"""By input, as in `ModelCard.inputs`."""
