"""What each input of a model measures, in words of people who collect music."""

from __future__ import annotations

from typing import NamedTuple

from genrescope.sources import networks_among


class FeatureGroup(NamedTuple):
    """What an input measures.

    Attributes:
        heading: the side of music, shared by the inputs that measure the same side.
        description: what it measures of it.
    """

    heading: str
    description: str


RHYTHM, LOUDNESS = "the rhythm", "the balance of bass and treble"
TONE, HARMONY = "the tone colour", "the harmony"
DISTILLED = "what the networks would find"

FEATURE_GROUPS = {
    "rp": FeatureGroup(RHYTHM, "beat of each band, bass to treble"),
    "rh": FeatureGroup(RHYTHM, "beat of all bands together"),
    "trh": FeatureGroup(RHYTHM, "how the beat changes"),
    "mvd": FeatureGroup(RHYTHM, "how alike bass and treble pulse"),
    "ssd": FeatureGroup(LOUDNESS, "loudness of each band, and swings"),
    "tssd": FeatureGroup(LOUDNESS, "how the loudness of bands changes"),
    "marsyas_timbral": FeatureGroup(TONE, "timbre, brightness and notes"),
    "jmir_mfcc": FeatureGroup(TONE, "timbre"),
    "jmir_spectral": FeatureGroup(TONE, "brightness and noise"),
    "jmir_derivatives": FeatureGroup(TONE, "how fast brightness changes"),
    "jmir_lpc": FeatureGroup(TONE, "resonances"),
    "jmir_moments": FeatureGroup(TONE, "shape of the spectrum"),
    "jmir_area_moments": FeatureGroup(TONE, "shape of the spectrum over time"),
    "spectral_contrast": FeatureGroup(TONE, "clear notes or noise in each band"),
    "tonality": FeatureGroup(HARMONY, "chords, tuning and how they change"),
    "band_correlation": FeatureGroup(TONE, "which bands sound together"),
    "loudness_fluctuation": FeatureGroup(TONE, "how abruptly bands swell and fade"),
    "mel_patches": FeatureGroup(TONE, "which short patterns of sound occur"),
}
"""By descriptor set."""

_DISTILLED = {
    "student_audioset": FeatureGroup(DISTILLED, "AudioSet's kinds of sound, from descriptors"),
    "student_musicnn": FeatureGroup(DISTILLED, "Last.fm's tags, from descriptors"),
    "student_codes": FeatureGroup(DISTILLED, "what these have in common"),
}
"""By member of a model that predicts the networks' tags from descriptors."""


def describe_input(name: str) -> FeatureGroup:
    """What a model's input measures, or a member of several inputs; its own name where unknown."""
    for network in networks_among([name]):
        return FeatureGroup(network.name, network.title)
    known = FEATURE_GROUPS | _DISTILLED
    return known.get(name, FeatureGroup(name, name))
