"""How descriptors are computed: what a model must share with the vectors it is given."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from genrescope.descriptors.blocks import Precision
from genrescope.descriptors.tuwien import TuWienSettings
from genrescope.errors import UsageError

Like = Literal["default", "2012", "msd"]

EXTRACTOR = "genrescope descriptors 1"
"""Name and version of the descriptors: counts up whenever a value changes for the same samples."""

MSD_RATES = (22050, 44100)


@dataclass(frozen=True)
class Settings:
    """How vectors are computed from samples.

    `like` names whose files the vectors resemble:

    - "default": the original programs with their own defaults, at 22,050 Hz.
    - "2012": as TU Wien's ARFF files of 2012. The six TU Wien sets without spectral masking, the
      Nyquist bin counted once, variances with n - 1 (known: equal to every printed digit).
    - "msd": as the files of the Million Song Dataset Benchmarks. The six jMIR sets at 44,100 Hz,
      to which material of 22,050 Hz is raised by linear interpolation (inferred from the
      published values, very likely); the TU Wien sets as "2012" (inferred from their authors and
      year); Marsyas at the file's own rate, every file on its own (the published flux columns
      probably carry state from the file before, which nobody can reproduce).

    Attributes:
        like: see above.
        dtype: precision of the spectra, "float32" or "float64". float32 is faster and stays
            within a thousandth of each value's spread over songs.
        masking: whether critical bands mask each other in the TU Wien sets; by default by
            `like`.
    """

    like: Like = "default"
    dtype: Precision = "float32"
    masking: bool | None = None

    def __post_init__(self) -> None:
        for name, known in (("like", get_args(Like)), ("dtype", get_args(Precision))):
            if getattr(self, name) not in known:
                raise UsageError(
                    f"no {name} '{getattr(self, name)}'", remedy=f"choose from {', '.join(known)}"
                )

    @property
    def rate(self) -> int | None:
        """Hz at which every file is described; None where it depends on the file."""
        return None if self.like == "msd" else MSD_RATES[0]

    def rate_for(self, original: int) -> int:
        """Hz at which a file of the rate `original` is described.

        Where it depends on the file, that one of the Million Song Dataset's two rates that keeps
        what is in the file.
        """
        return self.rate or (MSD_RATES[0] if original <= MSD_RATES[0] else MSD_RATES[1])

    @property
    def tuwien(self) -> TuWienSettings:
        """The settings of the TU Wien sets."""
        return TuWienSettings(
            masking=self.masking, variant_2012=self.like != "default", dtype=self.dtype
        )

    def as_json(self) -> dict[str, Any]:
        """JSON values with nothing left to choose; `Settings(**values)` computes the same."""
        return asdict(self) | {"masking": self.tuwien.masks}


DEFAULT = Settings()
