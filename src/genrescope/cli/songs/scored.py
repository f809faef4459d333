"""What `genrescope evaluate` found: in the terminal, as JSON, as a page."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genrescope.cli.options import command_line
from genrescope.cli.output import console, write_line

if TYPE_CHECKING:
    from genrescope.benchmark.own_songs import MappedLabels, OwnSongs
    from genrescope.data.song_labels import SongLabels


@dataclass(frozen=True)
class Scored:
    """Scored predictions, and what they were compared with.

    Attributes:
        songs: the scores of the songs.
        mapped: the labels in the genres of the predictions.
        given: the labels as they are written.
        name: of the model, or of the file of predictions.
        threshold: confidence from which a genre is named.
    """

    songs: OwnSongs
    mapped: MappedLabels
    given: SongLabels
    name: str
    threshold: float

    def left_out(self) -> Iterator[str]:
        """What was not scored, by name."""
        from genrescope.report.own_songs import listed

        given = self.given
        if self.mapped.unmapped:
            yield f"labels that name no genre of the model: {listed(self.mapped.unmapped)}"
        if given.unlabelled:
            yield f"songs without a label: {len(given.unlabelled)}, {given.unlabelled[0]} first"
        if given.without_file:
            yield f"labels without a file: {len(given.without_file)}, {given.without_file[0]} first"
        for path, reason in (*self.songs.unread.items(), *self.songs.empty.items()):
            yield f"no prediction: {path}: {reason}"


def print_scores(found: Scored) -> None:
    """Scores, genres, and all that was left out by name."""
    from genrescope.report.own_songs import genre_table, score_lines

    scores = found.songs.scores
    genres = sum(item.support > 0 for item in scores.genres)
    write_line(f"{found.name}: {scores.rows} songs of {genres} genres\n")
    for line in score_lines(found.songs, found.threshold):
        write_line(line)
    console().print(genre_table(scores))
    for line in found.left_out():
        write_line(line)


def document(found: Scored) -> dict[str, Any]:
    """All that is known, as JSON values."""
    from genrescope.version import __version__

    return {
        "command": command_line(),
        "version": __version__,
        "model": found.name,
        "threshold": found.threshold,
        **found.songs.as_json(),
        "unmapped_labels": dict(found.mapped.unmapped),
        "unlabelled": list(map(str, found.given.unlabelled)),
        "labels_without_file": list(found.given.without_file),
    }


def check_page() -> None:
    """Refuse a page where it cannot be written, before anything is classified.

    Raises:
        MissingExtraError: the extra `train` is not installed.
    """
    from genrescope.errors import MissingExtraError

    if importlib.util.find_spec("jinja2") is None:
        raise MissingExtraError.of("train", "writing a page (--report)")


def write_page(path: Path, found: Scored) -> None:
    """A page that needs nothing beside itself."""
    from genrescope.report.own_songs import own_record, score_lines
    from genrescope.report.page import write_report

    command = command_line()
    write_report(
        path,
        [own_record(found.songs, found.name, command, tuple(found.left_out()))],
        title=f"{found.name} on songs of one's own",
        introduction="\n\n".join(score_lines(found.songs, found.threshold)),
        published=(),
        command=command,
    )
