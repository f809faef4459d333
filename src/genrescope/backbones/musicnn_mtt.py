"""`musicnn-mtt`: the network of `musicnn` with other weights, trained on MagnaTagATune's 50 tags.

Its wheel, its front end and its graph are those of musicnn; see there.
"""

from __future__ import annotations

CHECKPOINT = "musicnn/MTT_musicnn/"
"""Where in musicnn's wheel its trained variables are."""

TAGS = (
    *("guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast"),
    *("piano", "ambient", "beat", "violin", "vocal", "synth", "female", "indian", "opera", "male"),
    *("singing", "vocals", "no vocals", "harpsichord", "loud", "quiet", "flute", "woman"),
    *("male vocal", "no vocal", "pop", "soft", "sitar", "solo", "man", "classic", "choir", "voice"),
    *("new age", "dance", "male voice", "female vocal", "beats", "harp", "cello", "no voice"),
    *("weird", "country", "metal", "female voice", "choral"),
)
