"""Many files to stores or tables: in parallel, resumable, and never stopped by a bad file.

While it runs, what is done is in a log (`.journal`) in the output folder. A run that is killed goes
on from there when the same command is given again. The tables are written from the log at the end,
in the order of the songs' names, so that they do not depend on what finished first, nor on how
often the run was interrupted. A song's name is its path relative to a common root.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from genrescope.engine import Failure, map_files
from genrescope.errors import AudioError, UsageError
from genrescope.extraction.assembly import STORE, check_format, finish, writing
from genrescope.extraction.journal import Entry, Journal
from genrescope.extraction.request import Request
from genrescope.extraction.single import Extraction, extract_song, prepare
from genrescope.extraction.songs import Shard, listing_digest, name_songs
from genrescope.extraction.summary import SUMMARY, Run, Summary, check_same, read_summary

_JOURNAL = ".journal"


@dataclass(frozen=True)
class Progress:
    """How far a run is: songs done, how many of them failed, how many there are in all."""

    done: int
    failed: int
    total: int


def extract_files(
    files: Iterable[Path],
    output: Path,
    request: Request | None = None,
    *,
    root: Path | None = None,
    problems: Iterable[AudioError] = (),
    format_: str = STORE,
    shard: Shard | None = None,
    jobs: int | None = None,
    engine: str = "processes",
    timeout: float | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Summary:
    """Extract the sets of many files into `output`.

    Args:
        files: the audio files.
        output: folder for the tables, `failures.csv`, `notes.csv` and `extraction.json`. A shard
            writes into a folder of its own below it; see `genrescope.extraction.merge`.
        request: what is extracted from each; `Request()` where None.
        root: folder to which the songs' names are relative; see `name_songs`.
        problems: what is already known to fail, with its place.
        format_: "store", "parquet", "csv", "arff" or "npz".
        shard: do only this part.
        jobs: worker processes; see `map_files`.
        engine: see `map_files`.
        timeout: seconds for one file; see `map_files`.
        progress: called before the first song and after each.

    Returns:
        What was done. A run that was finished before is not done again.

    Raises:
        UsageError: nothing to extract, or the output folder holds another run.
        DataError: the output cannot be written; what is done is kept.
    """
    check_format(format_)
    request = request or Request()
    songs = _songs(files, problems, root)
    if not songs:
        raise UsageError("there is nothing to extract", remedy="name audio files or their folder")
    if shard is not None:
        if format_ != STORE:
            raise UsageError(
                "a shard is written as a store", remedy="choose the format when merging the shards"
            )
        songs = {name: song for name, song in songs.items() if shard.holds(name)}
        output = output / shard.folder
    run = Run(request.provenance(), list(request.sets), None if shard is None else str(shard))
    if (finished := _finished(output, run, format_, songs)) is not None:
        return finished
    work = partial(_extract_named, request=request)
    apply = partial(
        map_files,
        work,
        jobs=jobs,
        engine=engine,
        timeout=timeout,
        prepare=partial(prepare, request),
        copied=True,
    )
    with writing(output):
        output.mkdir(parents=True, exist_ok=True)
        with Journal(output / _JOURNAL, asdict(run)) as journal:
            check_same(asdict(run), journal.plan, output / _JOURNAL)
            _process(songs, journal, apply, progress)
            entries = journal.entries(sorted(songs))
            summary = finish(entries, output, run, format_, listing_digest(songs))
        (output / _JOURNAL).unlink()
    return summary


def _songs(
    files: Iterable[Path], problems: Iterable[AudioError], root: Path | None
) -> dict[str, Path | Failure]:
    """Each file, or why there is none, by the name of its song."""
    songs: dict[str, Path | Failure] = {**name_songs(files, root)}
    for problem in problems:
        [name] = name_songs([Path(problem.place or "")], root)
        songs[name] = Failure(problem.message, problem.remedy)
    return songs


def _finished(output: Path, run: Run, format_: str, songs: Mapping[str, object]) -> Summary | None:
    """What an earlier run did, if it was finished and was this one.

    Raises:
        UsageError: it was another one.
    """
    summary = read_summary(output)
    if summary is None or (output / _JOURNAL).exists():
        return None
    wanted = asdict(run) | {"format": format_, "listing": listing_digest(songs)}
    check_same(wanted, asdict(summary), output / SUMMARY)
    return summary


def _extract_named(song: tuple[str, Path], request: Request) -> Extraction:
    return extract_song(song[1], request)


def _process(
    songs: Mapping[str, Path | Failure],
    journal: Journal,
    apply: Callable[[list[tuple[str, Path]]], Generator[tuple[tuple[str, Path], Any], None, None]],
    progress: Callable[[Progress], None],
) -> None:
    """Bring every song that is not yet there into the journal."""
    files = []
    for name, song in songs.items():
        if name in journal:
            continue
        if isinstance(song, Failure):
            journal.append(Entry(name, failure=song))
        else:
            files.append((name, song))
    done, failed = len(songs) - len(files), len(journal.failed & songs.keys())
    progress(Progress(done, failed, len(songs)))
    with closing(apply(files)) as outcomes:
        for (name, _), outcome in outcomes:
            if isinstance(outcome, Failure):
                failed += 1
                journal.append(Entry(name, failure=outcome))
            else:
                journal.append(Entry(name, outcome.vectors, outcome.notes))
            done += 1
            progress(Progress(done, failed, len(songs)))
