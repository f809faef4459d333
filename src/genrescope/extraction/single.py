"""One song to its vectors: read, resample, describe."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from genrescope.audio.decode import open_source
from genrescope.audio.excerpt import Excerpt
from genrescope.audio.load import load_windows
from genrescope.audio.resample import resample
from genrescope.backbones.backbone import Network
from genrescope.backbones.family import BACKBONES, network_folder
from genrescope.descriptors import Settings, describe_what_fits
from genrescope.descriptors.blocks import as_channels
from genrescope.engine.worker import numeric_threads
from genrescope.errors import AudioError, UsageError
from genrescope.extraction.request import Request
from genrescope.inference.song import song_classifier
from genrescope.sources import NetworkVector

Vectors = dict[str, NDArray[np.float64]]


def extract(
    source: str | os.PathLike[str] | NDArray[Any],
    sets: Sequence[str] | None = None,
    *,
    rate: int | None = None,
    settings: Settings | None = None,
    excerpt: Excerpt | None = None,
    model: str | os.PathLike[str] | None = None,
) -> Vectors:
    """The vectors of a song: descriptor sets, and what pretrained networks make of it.

    Args:
        source: an audio file, or samples of shape (n,) or (channels, n), full scale 1.
        sets: names from `genrescope.sources.SOURCES`; the thirteen descriptor sets of
            `FEATURE_SETS` by default. A pretrained network's vector is its embedding and then the
            outputs of its tags, as its `columns` name them.
        rate: sampling rate of the samples in Hz; needed with samples, and only then.
        settings: how descriptor sets are computed. What has another rate than the settings need
            for, by default 22,050 Hz, or than a network takes, is resampled.
        excerpt: which part of a file is read, by default the middle 30 seconds, or what the model
            needs. Samples are taken whole.
        model: a model's name or folder, instead of sets and settings: the vectors are those that
            `load_model(model).predict` takes, exactly. The song is brought to the model's level;
            without a model it stays as loud as it is, as the original programs leave it.

    Returns:
        By set, shape (dims,), float64; the names of the values are `SOURCES[name].columns`.

    Raises:
        AudioError: the file cannot be read, is too short for a set, or, with a model, silent.
        UsageError: an unknown set or model, a network that is not installed, or samples without a
            rate.

    Example:
        >>> vectors = extract("song.mp3", ["rp", "ssd"])  # doctest: +SKIP
        >>> vectors["rp"].reshape(60, 24).shape  # doctest: +SKIP
        (60, 24)
    """
    request = Request.of(sets, settings, excerpt, model)
    if isinstance(source, np.ndarray):
        if rate is None:
            raise UsageError("samples have no rate of their own", remedy="give rate=")
        found, missing, _ = _vectors_of_samples(source, rate, request)
    elif rate is not None:
        raise UsageError("a file has its own rate", remedy="leave out rate=")
    else:
        found, missing, _ = _vectors_of_file(Path(source), request)
    if missing:
        place = None if isinstance(source, np.ndarray) else Path(source)
        raise AudioError(missing[0], place=place, remedy="leave them out")
    return {name: vector.astype(np.float64, copy=False) for name, vector in found.items()}


@dataclass(frozen=True)
class Extraction:
    """What one file gave.

    Attributes:
        vectors: by set, shape (dims,), float32.
        notes: for people: a set that is missing, a file that is cut off.
    """

    vectors: dict[str, NDArray[np.float32]]
    notes: tuple[str, ...]


def extract_song(path: Path, request: Request) -> Extraction:
    """As `extract`, but what a short file cannot give is left out and noted.

    Raises:
        AudioError: the file cannot be read, or is too short for all of the sets.
    """
    found, missing, remarks = _vectors_of_file(path, request)
    if not found:
        raise AudioError(missing[0], place=path, remedy="leave it out")
    with np.errstate(over="ignore"):  # noted below
        vectors = {name: vector.astype(np.float32) for name, vector in found.items()}
    infinite = [name for name, vector in vectors.items() if not np.isfinite(vector).all()]
    notes = [f"a value of {name} is too large to be stored" for name in infinite]
    kept = {name: vector for name, vector in vectors.items() if name not in infinite}
    return Extraction(kept, (*remarks, *missing, *notes))


def prepare(request: Request) -> None:
    """Load what a process needs for `request`.

    Raises:
        GenrescopeError: a network or the model is damaged, or not there.
    """
    if request.model is not None:
        song_classifier(request.model, request.excerpt)
        return
    for name in request.networks:
        _network(name, network_folder(name))


class _Rated(Protocol):
    """Whatever has the rate at which it takes samples."""

    @property
    def rate(self) -> int | None:
        """Hz; None where it depends on the file."""

    def rate_for(self, original: int) -> int:
        """Hz, for a file of the rate `original`."""


@dataclass(frozen=True)
class Song:
    """Samples at a wanted rate.

    Attributes:
        samples: shape (n,), the mean of the channels, or (channels, n); windows one after the
            other.
        rate: Hz of `samples`.
        channels: channels of the file that `samples` is the mean of; None where it is no mean.
        notes: for people, on the file.
    """

    samples: NDArray[Any]
    rate: int
    channels: int | None = None
    notes: tuple[str, ...] = ()


def read_song(path: Path, wanted: _Rated, excerpt: Excerpt) -> Song:
    """Read what is described of a file.

    Raises:
        AudioError: the file cannot be read.
    """
    rate = wanted.rate or wanted.rate_for(open_source(path).rate)
    windows = load_windows(path, excerpt=excerpt, rate=rate)
    samples = [window.samples for window in windows]
    whole = samples[0] if len(samples) == 1 else np.concatenate(samples)
    return Song(whole, rate, windows[0].channels, tuple(filter(_is_remark, windows[0].notes)))


def _is_remark(note: str) -> bool:
    """Whether a note is on the file; a change of rate follows from what is wanted."""
    return not note.startswith("resampled")


_Found = tuple[dict[str, NDArray[Any]], list[str], tuple[str, ...]]
"""Vectors by set, why sets are missing, and notes on the file."""


def _vectors_of_file(path: Path, request: Request) -> _Found:
    if request.model is not None:
        found, notes = song_classifier(request.model, request.excerpt).vectors(path)
        return dict(found), [], tuple(note for note in notes if _is_remark(note))
    try:
        return _vectors(lambda wanted: read_song(path, wanted, request.excerpt), request)
    except AudioError as error:
        raise AudioError(error.message, place=path, remedy=error.remedy) from error


def _vectors_of_samples(samples: NDArray[Any], rate: int, request: Request) -> _Found:
    if request.model is not None:
        inner = song_classifier(request.model, request.excerpt).samples_classifier
        return dict(inner.vectors(inner.clip(samples, rate))), [], ()
    return _vectors(lambda wanted: _resampled(samples, rate, wanted), request)


def _resampled(samples: NDArray[Any], rate: int, wanted: _Rated) -> Song:
    needed = wanted.rate_for(rate)
    if needed == rate:
        return Song(samples, rate)
    parts = [
        np.concatenate(list(resample([part.astype(np.float32)], rate, needed)))
        for part in as_channels(samples)
    ]
    return Song(np.stack(parts), needed)


def _vectors(read: Callable[[_Rated], Song], request: Request) -> _Found:
    """The sets of what `read` gives at the rates that they need."""
    found: dict[str, NDArray[Any]] = {}
    missing: list[str] = []
    notes: tuple[str, ...] = ()
    if request.descriptors:
        song = read(request.settings)
        vectors, missing = describe_what_fits(
            song.samples, song.rate, request.descriptors, request.settings, channels=song.channels
        )
        found, notes = dict(vectors), song.notes
    for name in request.networks:
        network = _network(name, network_folder(name))
        song = read(network)
        mono = as_channels(song.samples).mean(axis=0).astype(np.float32, copy=False)
        found |= network.describe(mono, song.rate)
        notes = song.notes
    return {name: found[name] for name in request.sets if name in found}, missing, notes


@lru_cache(maxsize=len(BACKBONES))
def _network(name: str, folder: Path) -> NetworkVector:
    """The network in a folder, loaded once a process."""
    return NetworkVector(Network.load(BACKBONES[name], folder, threads=numeric_threads()))
