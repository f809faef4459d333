"""Genres of one song over time, as `genrescope classify --timeline` writes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genrescope.audio.collect import Collection
    from genrescope.cli.songs.rows import Form
    from genrescope.inference.options import PredictionOptions


def show_timeline(
    collection: Collection,
    folder: Path,
    options: PredictionOptions,
    form: Form,
    jams: Path | None,
) -> None:
    """Write the windows of the one song that is named."""
    from genrescope.cli.songs.rows import begun
    from genrescope.engine.alone import iterate_alone
    from genrescope.errors import UsageError
    from genrescope.inference.classified import WindowPrediction
    from genrescope.inference.song import timeline
    from genrescope.inference.storage.jams import write_timeline

    for problem in collection.problems:
        raise problem
    if len(collection.files) != 1:
        raise UsageError(
            f"a timeline of {len(collection.files)} songs", remedy="name one audio file"
        )
    path, windows = collection.files[0], list[WindowPrediction]()
    found = begun(iterate_alone(timeline, folder.absolute(), path, place=path))
    with form.windows(options.genres) as writer:
        for window in found:
            windows.append(replace(window, prediction=options.apply(window.prediction)))
            writer.write(windows[-1])
    if jams is not None:
        write_timeline(jams / f"{path.name}.jams", path, windows, folder.name)
