"""The pretrained networks that can be added, by name, in the order in which they are offered."""

from __future__ import annotations

from genrescope.backbones.audioset import AUDIOSET
from genrescope.backbones.backbone import Backbone
from genrescope.backbones.musicnn import MUSICNN
from genrescope.backbones.musicnn_mtt import MUSICNN_MTT

BACKBONES: dict[str, Backbone] = {item.name: item for item in (AUDIOSET, MUSICNN, MUSICNN_MTT)}
