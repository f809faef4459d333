"""musicnn: log-mel patches to an embedding and the 50 commonest tags of Last.fm.

Pons, Nieto, Prockup, Schmidt, Ehmann, Serra, "End-to-end learning for music audio tagging at
scale", ISMIR 2018; Pons and Serra, "musicnn: pre-trained convolutional neural networks for music
audio tagging", 2019. Trained on the audio of the Million Song Dataset.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genrescope.backbones.melpatches import mel_patches
from genrescope.errors import DataError
from genrescope.session import open_session

EMBEDDING = 200
TAGS = (
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s"),
    *("alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists"),
    *("classic rock", "soul", "indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill"),
    *("instrumental", "punk", "oldies", "blues", "hard rock", "ambient", "acoustic"),
    *("experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country"),
    *("easy listening", "sexy", "catchy", "funk", "electro", "heavy metal", "Progressive rock"),
    *("60s", "rnb", "indie pop", "sad", "House", "happy"),
)
DIMS = EMBEDDING + len(TAGS)
GRAPH = "musicnn.onnx"
WEIGHTS = "musicnn.weights"


class Musicnn:
    """The network, ready to run.

    Attributes:
        session: the `onnxruntime.InferenceSession`.
    """

    def __init__(self, session: Any) -> None:
        self.session = session

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> Musicnn:
        """Read graph and weights from `folder`.

        Raises:
            DataError: they are not there, or damaged.
        """
        try:
            return cls(open_session(folder / GRAPH, threads=threads))
        except ValueError as error:
            raise DataError(
                f"musicnn cannot be loaded: {error}",
                place=folder,
                remedy="fetch it again: genrescope models add musicnn",
            ) from error

    def describe(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Means over the patches of a clip.

        Args:
            samples: (n,) float32 at 16,000 Hz, n > 0, full scale 1.

        Returns:
            (250,) float32: 200 values of the embedding, then the probabilities of `TAGS`.
        """
        embedding, tags = self.patches(mel_patches(samples))
        return np.concatenate([embedding.mean(axis=0), tags.mean(axis=0)])

    def patches(
        self, patches: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(n, 187, 96) patches to the embedding (n, 200) and the tags' probabilities (n, 50)."""
        outputs = [
            self.session.run(["embedding", "tags"], {"patches": patch[None]}) for patch in patches
        ]
        embeddings, tags = zip(*outputs, strict=True)
        return np.concatenate(embeddings), np.concatenate(tags)
