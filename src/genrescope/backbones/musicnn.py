"""`musicnn`: log-mel patches to an embedding and the 50 commonest tags of Last.fm.

Pons, Nieto, Prockup, Schmidt, Ehmann, Serra, "End-to-end learning for music audio tagging at
scale", ISMIR 2018; Pons and Serra, "musicnn: pre-trained convolutional neural networks for music
audio tagging", 2019. Trained on the audio of the Million Song Dataset. The wheel of musicnn 0.1.0
carries the trained variables as TensorFlow checkpoints; its code needs libraries of 2019 and is not
used.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.backbone import Backbone, Origin, Samples, Tensors
from genrescope.backbones.melpatches import RATE, mel_patches

WHEEL = Origin(
    "musicnn-0.1.0-py3-none-any.whl",
    29_292_476,
    "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa",
    requirement="musicnn==0.1.0",
)

_LICENCE = "musicnn-0.1.0.dist-info/LICENSE.md"


def patches(samples: Samples) -> Iterator[NDArray[np.float32]]:
    """Each patch of 3 s of a clip, (1, 187, 96)."""
    for patch in mel_patches(samples):
        yield patch[None]


def convert(wheel: bytes, checkpoint: str) -> tuple[Tensors, bytes]:
    """The graph's initialisers from a checkpoint in the wheel, and the text of the licence."""
    import io
    import zipfile

    from genrescope.backbones.weights.musicnn import graph_tensors
    from genrescope.backbones.weights.tf_checkpoint import read_checkpoint

    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        index = archive.read(f"{checkpoint}.index")
        data = archive.read(f"{checkpoint}.data-00000-of-00001")
        licence = archive.read(_LICENCE)
    variables = read_checkpoint(index, data)
    return graph_tensors({name: value.astype("f4") for name, value in variables.items()}), licence


MUSICNN = Backbone(
    name="musicnn",
    title="the 50 commonest tags of Last.fm",
    rate=RATE,
    graph="musicnn.onnx",
    weights="musicnn.weights",
    embedding=200,
    tag_table="musicnn_tags.csv",
    outputs=("embedding", "tags"),
    logits=False,
    inputs=patches,
    convert=lambda wheel: convert(wheel, "musicnn/MSD_musicnn/"),
    origin=WHEEL,
    trained_on="the Million Song Dataset's audio and Last.fm's tags",
    licence="ISC",
    reference="Pons, Nieto, Prockup, Schmidt, Ehmann, Serra, ISMIR 2018",
    milliseconds=700,
)
