"""Results of an evaluation: scores with their intervals, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A score with its bootstrap 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class GenreScore:
    """Scores of one genre; recall etc. are None where they are undefined (nothing to divide by)."""

    genre: str
    support: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class ReliabilityBin:
    """Predictions whose confidence lies in one bin: how sure they were, how right they were."""

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Scores:
    """Scores of one set of predictions.

    Attributes:
        rows: predictions evaluated (songs times repeats).
        macro_recall: mean recall over the genres that occur; the headline.
        accuracy: share right; to be read beside `majority_rate`, what always predicting the
            commonest genre of the test part would score.
        log_loss: mean negative natural logarithm of the true genre's probability; to be read
            beside `uniform_log_loss` (ln of the number of genres) and `prior_entropy` (what
            knowing only the test part's genre shares would score).
        top3: share of songs with the true genre among the three likeliest.
        calibration_error: expected calibration error of the likeliest genre.
        confusion: confusion[i][j] counts songs of genre i predicted as genre j.
    """

    rows: int
    macro_recall: Interval
    accuracy: Interval
    majority_rate: float
    macro_f1: Interval
    log_loss: Interval
    uniform_log_loss: float
    prior_entropy: float
    top3: Interval
    calibration_error: Interval
    genres: tuple[GenreScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]


@dataclass(frozen=True)
class RuleScores:
    """Scores of the same predictions under one rule of genre shares.

    Attributes:
        rule: `balanced` (the probabilities as they are), `known shares` or `estimated shares`.
        shares: (genres,) genre shares that the rule's probabilities assume.
        shares_off: how far these are from the test part's own: the share of songs that would have
            to be of another genre (total variation distance, 0 to 1).
        macro_recall: of the rule's predictions.
        accuracy: of the rule's predictions.
        log_loss: of the rule's probabilities.
    """

    rule: str
    shares: tuple[float, ...]
    shares_off: float
    macro_recall: Interval
    accuracy: Interval
    log_loss: Interval
