"""`musicnn-mtt`: the network of `musicnn` with other weights, trained on MagnaTagATune's 50 tags.

Its wheel, its front end and its graph are those of musicnn; see there.
"""

from __future__ import annotations

from dataclasses import replace

from genrescope.backbones.musicnn import MUSICNN, convert

MUSICNN_MTT = replace(
    MUSICNN,
    name="musicnn-mtt",
    title="the 50 commonest tags of MagnaTagATune",
    tag_table="musicnn_mtt_tags.csv",
    convert=lambda wheel: convert(wheel, "musicnn/MTT_musicnn/"),
    trained_on="MagnaTagATune's audio and tags",
)
