"""Published scores that a benchmark stands beside, each with the protocol it was measured under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class PublishedScore:
    """One published number.

    Attributes:
        source: authors, venue and year.
        feature_set: name of the set as in `FEATURE_SETS` (`ssd`), or the source's own words where
            it is none of those.
        method: the classifier.
        protocol: how the data were split; in the words of `Record.protocol` where `comparable`.
        metric: `accuracy`, `macro_recall`, `log_loss`, or `recall of <genre>`.
        value: a share (0 to 1), or nats for `log_loss`.
        comparable: measured on the same songs under the same protocol as the benchmark that it is
            shown with. False is always safe: the number then stands apart.
        note: what is needed to read the number rightly.
    """

    source: str
    feature_set: str
    method: str
    protocol: str
    metric: str
    value: float
    comparable: bool
    note: str = ""


def under_another_protocol(
    scores: Iterable[PublishedScore], reason: str
) -> tuple[PublishedScore, ...]:
    """The same numbers, none comparable, each with `reason` added to its note."""
    return tuple(
        replace(score, comparable=False, note="; ".join(filter(None, (score.note, reason))))
        for score in scores
    )


GTZAN_SONGS = "gtzan"
MSD_TRACKS = "msd"
_TUWIEN = "GTZAN, TU Wien's files"

TEN_FOLD = "stratified 10-fold"
MSD_2000 = "MSD partition msd-topMAGD-partition_fixedSizeSplit_2000-v1.0"

_AMR_2012 = "Schindler, Rauber, AMR 2012"
_LEAKS = "random folds: GTZAN's repeats and artists lie on both sides"

# Comparable with a run over all 1,000 songs in ten stratified folds.
GTZAN_TEN_FOLD = tuple(
    PublishedScore(
        _AMR_2012, name, "SVM (polynomial)", TEN_FOLD, "accuracy", percent / 100, True, _LEAKS
    )
    for name, percent in (
        ("marsyas_timbral", 75.2),
        ("Marsyas MFCC", 67.8),
        ("rp", 64.9),
        ("rh", 45.5),
        ("trh", 38.9),
        ("ssd", 73.2),
        ("tssd", 66.2),
    )
)

_SPLIT = "other inputs; 443 / 197 / 290 songs, artist-aware, without repeats"
_COMPARED = "compared on the split of Kereliuk, Sturm, Larsen"
_PONS_2019 = "Pons, Serra, musicnn, ISMIR late-breaking 2019"
_PCA = f"{_SPLIT}; 128 principal components of the embedding"
_QUOTED = f"{_SPLIT}; unverified, quoted in a model card"
_ZERO_SHOT = "other inputs; zero-shot, by genre names as text; unverified which songs were tested"

# Other inputs than our sets; they show what the fault-filtered split leaves of GTZAN's numbers.
GTZAN_FAULT_FILTERED = tuple(
    PublishedScore(
        source, name, method, "fault-filtered split", "accuracy", percent / 100, False, note
    )
    for source, name, method, percent, note in (
        (_COMPARED, "MFCC", "SVM", 53.4, _SPLIT),
        (_COMPARED, "CLMR", "learned representation", 68.6, _SPLIT),
        (_COMPARED, "audio", "Lee et al. 2018", 82.1, _SPLIT),
        (_PONS_2019, "VGGish", "SVM", 77.58, _PCA),
        (_PONS_2019, "musicnn, MSD", "SVM", 77.24, _PCA),
        (_PONS_2019, "OpenL3", "SVM", 74.65, _PCA),
        (_PONS_2019, "musicnn, MagnaTagATune", "SVM", 71.37, _PCA),
        ("README of EVAR", "BYOL-A", "linear probe", 75.9, _SPLIT),
        ("README of M2D", "M2D", "linear probe", 83.9, _SPLIT),
        ("model card", "MULE", "learned representation", 73.5, _QUOTED),
        ("model card", "Jukebox", "learned representation", 79.7, _QUOTED),
        ("model card", "MERT-330M", "learned representation", 77.6, _QUOTED),
        ("model card", "MuQ", "learned representation", 83.8, _QUOTED),
        ("model card", "MusicFM", "learned representation", 84.1, _QUOTED),
        ("model card", "MERT-v2", "learned representation", 91.7, _QUOTED),
        ("zero-shot", "LAION-CLAP", "text similarity", 71.5, _ZERO_SHOT),
        ("zero-shot", "TTMR++", "text similarity", 81.7, _ZERO_SHOT),
    )
)

# What stands beside the songs that come with genrescope.
GTZAN_BUILT_IN = (
    *under_another_protocol(GTZAN_TEN_FOLD, "all 1,000 songs, 100 of each genre"),
    *under_another_protocol(GTZAN_FAULT_FILTERED, "all genres complete"),
)

_REPORTED = ("accuracy", "log_loss")
_PROPORTIONAL = "proportional split"
_TEST_FILE = "trained on the test file"


def _student_project(
    feature_set: str, protocol: str, values: Mapping[str, float], note: str = ""
) -> tuple[PublishedScore, ...]:
    """One network's numbers: what was reported, and what its published confusion matrix gives."""
    return tuple(
        PublishedScore(
            "student project, Top-MAGD",
            feature_set,
            "student network",
            protocol,
            metric,
            value,
            protocol == MSD_2000,
            "; ".join(
                filter(
                    None,
                    (
                        "as reported" if metric in _REPORTED else "from its confusion matrix",
                        "selected on the test part",
                        note,
                    ),
                )
            ),
        )
        for metric, value in values.items()
    )


def _figures(
    accuracy: float, loss: float, macro_recall: float, folk: float, pop_rock: float
) -> dict[str, float]:
    """The five figures published of each network of the student project, by metric."""
    return {
        "macro_recall": macro_recall,
        "accuracy": accuracy,
        "log_loss": loss,
        "recall of Folk": folk,
        "recall of Pop_Rock": pop_rock,
    }


# Reported, and what that really was.
MSD_STUDENT = (
    *_student_project("marsyas_timbral", _PROPORTIONAL, _figures(0.701, 0.963, 0.393, 0.06, 0.90)),
    *_student_project("ssd", MSD_2000, _figures(0.46, 1.8, 0.412, 0.32, 0.48)),
    *_student_project("rh", MSD_2000, _figures(0.321, 2.24, 0.311, 0.21, 0.32)),
    *_student_project(
        "rp",
        MSD_2000,
        _figures(0.31, 3.8, 0.308, 0.36, 0.29),
        "each Rhythm Pattern was read in the wrong orientation",
    ),
    *_student_project("tssd", MSD_2000, _figures(0.46, 1.8, 0.292, 0.04, 0.60)),
    *_student_project("jmir_mfcc", _TEST_FILE, _figures(0.67, 1.05, 0.186, 0.0, 0.95)),
    *_student_project("jmir_spectral", _TEST_FILE, _figures(0.635, 1.25, 0.113, 0.0, 0.97)),
)


_IN_WORDS = {7: "seven", 8: "eight", 9: "nine"}


def tuwien_dataset(genres: int) -> str:
    """What results on TU Wien's GTZAN files are called where they have `genres` of the ten."""
    return _with_genres(_TUWIEN, genres)


def gtzan_dataset(genres: int) -> str:
    """What results on the built-in songs are called where they are of `genres` of the ten."""
    return _with_genres(GTZAN_SONGS, genres)


def _with_genres(name: str, genres: int) -> str:
    return name if genres == 10 else f"{name}, {_IN_WORDS.get(genres, genres)} genres"


def published_beside(dataset: str) -> tuple[PublishedScore, ...]:
    """What stands beside results on the data set of that name; nothing where none is known."""
    tuwien = (*GTZAN_TEN_FOLD, *GTZAN_FAULT_FILTERED)
    if dataset == _TUWIEN:
        return tuwien
    if dataset.startswith((_TUWIEN, f"{GTZAN_SONGS},")):
        return under_another_protocol(tuwien, "all ten genres")
    return {GTZAN_SONGS: GTZAN_BUILT_IN, MSD_TRACKS: MSD_STUDENT}.get(dataset, ())
