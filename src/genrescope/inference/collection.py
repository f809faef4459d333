"""Many files to rows: in parallel, each as soon as it is ready, and never stopped by a bad file."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path

from genrescope.audio.excerpt import Excerpt
from genrescope.engine import Failure, map_files
from genrescope.engine.attempt import attempt
from genrescope.inference.registry import find_model
from genrescope.inference.results import FailedSong, ResultsFile, Row
from genrescope.inference.song import ClassifiedSong, song_classifier


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

    A single file is classified in this process, several in worker processes, each of which loads
    the model once; see `genrescope.engine` on what that asks of a script.

    Args:
        files: audio files.
        model: a model's name or folder; the default model where None.
        excerpt: which part of each is analysed; by default the model's own.
        results: a file that keeps the rows, see `genrescope.inference.results`. Files that are
            unchanged since are not classified again; those that failed are.
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
    folder = find_model(model)
    classifier = song_classifier(folder, excerpt)  # what is wrong with it is told at once
    kept = None if results is None else Path(results)
    work = partial(_classify, folder=folder.absolute(), excerpt=excerpt)
    with ResultsFile(kept, classifier.samples_classifier.model, classifier.excerpt) as known:
        todo = []
        for path in map(Path, files):
            if (song := known.find(path)) is not None:
                yield song
            else:
                todo.append(path)
        if len(todo) == 1 and engine == "processes" and timeout is None:
            outcomes = _here(work, todo[0])
        else:
            outcomes = map_files(work, todo, jobs=jobs, engine=engine, timeout=timeout)
        with closing(outcomes):
            for path, outcome in outcomes:
                row = _row(path, outcome)
                known.append(row)
                yield row


def _classify(path: Path, folder: Path, excerpt: Excerpt | None) -> ClassifiedSong:
    return song_classifier(folder, excerpt).classify(path)


def _here(
    work: partial[ClassifiedSong], path: Path
) -> Generator[tuple[Path, ClassifiedSong | Failure], None, None]:
    """`map_files` of one file in this process: no process need be started."""
    yield path, attempt(work, path)


def _row(path: Path, outcome: ClassifiedSong | Failure) -> Row:
    if isinstance(outcome, Failure):
        return FailedSong(path, outcome.reason, outcome.remedy)
    return outcome
