"""Many files to rows: in parallel, each as soon as it is ready, and never stopped by a bad file."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from genrescope.audio.excerpt import Excerpt
from genrescope.backbones.family import check_networks
from genrescope.engine import Failure, map_files
from genrescope.engine.worker import copies_itself
from genrescope.inference.card import DescribedModel
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.registry import find_model
from genrescope.inference.storage.results import FailedSong, ResultsFile, Row

if TYPE_CHECKING:
    from genrescope.inference.song import SongClassifier


def classify_files(
    files: Iterable[str | os.PathLike[str]],
    model: str | os.PathLike[str] | None = None,
    *,
    excerpt: Excerpt | None = None,
    results: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    engine: str = "processes",
    timeout: float | None = None,
) -> Generator[ClassifiedSong | FailedSong, None, None]:
    """The genres of many files.

    Every file is decoded in a worker process, each of which loads the model once; a file that
    crashes its process is a row that failed. See `genrescope.engine` on what a script needs for it.

    Args:
        files: audio files.
        model: a model's name or folder; the default model where None.
        excerpt: which part of each is analysed; by default the model's own.
        results: a file that keeps the rows, see `genrescope.inference.storage.results`. Files that
            are unchanged since are not classified again; those that failed are.
        jobs: worker processes; see `map_files`.
        engine: see `map_files`.
        timeout: seconds for one file; see `map_files`.

    Yields:
        A row for each file: first those that the results file has, then the others, in the order
        in which they are done.

    Raises:
        UsageError: no such model, a part that it needs is missing, or a results file that is of
            another model or excerpt.
        DataError: the model or the results file is damaged.
    """
    described = DescribedModel.read(find_model(model))
    check_networks(described.card.inputs, f"the model {described.card.name}")
    load = partial(_load, described.folder.absolute(), excerpt)
    taken = excerpt or described.card.excerpt
    kept = None if results is None else Path(results)
    with ResultsFile(kept, described, taken) as known:
        todo = []
        for path in map(Path, files):
            if (song := known.find(path)) is not None:
                yield song
            else:
                todo.append(path)
        if todo and copies_itself():
            _import_all()
        outcomes = map_files(
            partial(_classify, load),
            todo,
            jobs=jobs,
            engine=engine,
            timeout=timeout,
            prepare=load,
            lone=len(todo) == 1,
            copied=True,
        )
        with closing(outcomes):
            for path, outcome in outcomes:
                row = _row(path, outcome)
                known.append(row)
                yield row


def _import_all() -> None:
    """Import what classifying needs, so that a worker that is a copy of this process has it."""
    import onnxruntime  # noqa: F401

    import genrescope.inference.song  # noqa: F401


def _load(folder: Path, excerpt: Excerpt | None) -> SongClassifier:
    """The classifier, in a worker process: nothing else needs what it imports."""
    from genrescope.inference.song import song_classifier

    return song_classifier(folder, excerpt)


def _classify(load: Callable[[], SongClassifier], path: Path) -> ClassifiedSong:
    return load().classify(path)


def _row(path: Path, outcome: ClassifiedSong | Failure) -> Row:
    if isinstance(outcome, Failure):
        return FailedSong(path, outcome.reason, outcome.remedy)
    return outcome
