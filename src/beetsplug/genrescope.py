"""Beets plugin: genres of songs, predicted by genrescope.

Adds the command `beet genrescope [QUERY]` and, while importing, a stage that fills in what has no
genre. Configuration, with the defaults:

    plugins: genrescope
    genrescope:
        auto: yes        # classify while importing
        overwrite: no    # also where there is a genre
        pretend: no      # only list what would be set
        model:           # name or folder of a model; empty: genrescope's default
        vocabulary:      # name of a vocabulary or a mapping file; empty: the model's genres
        threshold:       # confidence below which nothing is set; empty: the model's own
        top: 1           # most genres of a song
        styles: no       # styles, such as Indie Rock, behind the genre; where beets has lists
        placeholders: [] # genres that count as missing, beside Other, Unknown and the like
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from beets import ui
from beets.library import Item
from beets.plugins import BeetsPlugin

from genrescope.engine.alone import Isolated
from genrescope.errors import GenrescopeError
from genrescope.inference.card import ModelCard
from genrescope.inference.classified import ClassifiedSong
from genrescope.inference.options import PredictionOptions
from genrescope.inference.prediction import UNKNOWN, Prediction
from genrescope.inference.registry import find_model
from genrescope.inference.song import classify_by
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.rows.song_rows import written_labels
from genrescope.taxonomy.tag_names import is_placeholder

# Beets has a list of genres; older versions have one text.
_LIST = "genres" in Item._fields


class GenrescopePlugin(BeetsPlugin):  # type: ignore[misc]
    """Fills in genres of items, and of albums that have none."""

    def __init__(self) -> None:
        super().__init__()
        defaults: dict[str, Any] = {"auto": True, "overwrite": False, "pretend": False, "top": 1}
        defaults |= {"placeholders": [], "styles": False}
        self._used: Counter[str] | None = None
        self.config.add({**defaults, "model": "", "vocabulary": "", "threshold": ""})
        if self.config["auto"].get(bool):
            self.import_stages = [self.imported]

    def commands(self) -> list[Any]:
        """The command `genrescope`."""
        command = ui.Subcommand("genrescope", help="fill in genres predicted from the sound")
        options = command.parser
        options.add_option("-p", "--pretend", action="store_true", help="only list what would be")
        options.add_option("-f", "--force", action="store_true", help="also where there is one")
        options.add_option("-t", "--threshold", type="float", help="least confidence, 0 to 1")
        options.add_option("-m", "--model", help="name or folder of a model")
        options.add_option("-w", "--write", action="store_true", help="write the files' tags")
        options.add_option("-W", "--nowrite", action="store_false", dest="write")
        command.func = self.command
        return [command]

    def command(self, lib: Any, options: Any, query: list[str]) -> None:
        """Fill in the genres of what the query finds."""
        given = {"pretend": options.pretend, "overwrite": options.force}
        given |= {"threshold": options.threshold, "model": options.model}
        self.config.set({name: value for name, value in given.items() if value is not None})
        self.fill(lib.items(query), lib, write=ui.should_write(options.write))

    def imported(self, session: Any, task: Any) -> None:
        """While importing; the importer writes the tags itself, afterwards."""
        self.fill(task.imported_items(), session.lib, write=False)

    def fill(self, items: Iterable[Any], lib: Any, *, write: bool) -> None:
        """Set the genres of items that have none, or of all where that is wanted."""
        if self._used is None:
            self._used = Counter(genre for item in lib.items() for genre in genres_of(item))
        overwrite, pretend = (self.config[name].get(bool) for name in ("overwrite", "pretend"))
        albums: dict[int, Any] = {}
        for item in items:
            if self._has_genre(item) and not overwrite:
                self._log.debug("{} has a genre", name_of(item))
                continue
            path = Path(os.fsdecode(item.path))
            sound = sound_of(path)
            genres, confidence = self.predicted_genres(item)
            if genres and sound_of(path) != sound:
                name = name_of(item)
                self._log.warning("{}: replaced by another song meanwhile, left alone", name)
                continue
            if genres:
                old = ", ".join(genres_of(item)) or "none"
                line = f"{name_of(item)}: {old} -> {', '.join(genres)} ({confidence:.2f})"
                ui.print_(line) if pretend else self._log.info("{}", line)
            if not genres or pretend:
                continue
            set_genres(item, genres)
            if write:
                item.try_write()
            item.store()
            if (album := item.get_album()) is not None:
                albums[album.id] = album
        for album in albums.values():
            self._fill_album(album, overwrite=overwrite)

    def predicted_genres(self, item: Any) -> tuple[list[str], float]:
        """The genres of an item, none where they are not sure or it cannot be read; confidence."""
        try:
            options, prediction = self._prediction(os.fsdecode(item.path))
        except GenrescopeError as error:
            self._log.error("{}", error)
            return [], 0.0
        if prediction.genre == UNKNOWN:
            self._log.info("{}: {} ({})", name_of(item), prediction.reason, prediction.best)
            return [], 0.0
        styles = _LIST and self.config["styles"].get(bool)
        return written(options, prediction, self._used or Counter(), styles), prediction.confidence

    def _has_genre(self, thing: Any) -> bool:
        more = self.config["placeholders"].as_str_seq()
        return not all(is_placeholder(genre, more) for genre in genres_of(thing))

    def _prediction(self, path: str) -> tuple[PredictionOptions, Prediction]:
        model, vocabulary = self.config["model"].get(), self.config["vocabulary"].get()
        given = self.config["threshold"].get() not in (None, "")
        folder = find_model(model or None).absolute()
        options = PredictionOptions(
            ModelCard.read(folder),
            threshold=self.config["threshold"].as_number() if given else None,
            vocabulary=vocabulary or None,
            top=self.config["top"].get(int),
        )
        found = self._classify((folder, Path(path)), place=path)
        return options, options.apply(found.prediction)

    @cached_property
    def _classify(self) -> Isolated[tuple[Path, Path], ClassifiedSong]:
        """Classifies in a process of its own: a file that crashes its decoder ends no import."""
        isolated = Isolated(classify_by)
        self.register_listener("cli_exit", lambda **_: isolated.close())
        return isolated

    def _fill_album(self, album: Any, *, overwrite: bool) -> None:
        """Give an album the genre that most of its songs have; the songs keep theirs."""
        if self._has_genre(album) and not overwrite:
            return
        songs = (item for item in album.items() if self._has_genre(item))
        counts = Counter(genre for item in songs for genre in genres_of(item)[:1])
        if counts:
            set_genres(album, [counts.most_common(1)[0][0]])
            album.store(inherit=False)


def written(
    options: PredictionOptions, prediction: Prediction, used: Counter[str], styles: bool
) -> list[str]:
    """The genres of a prediction as a library writes them, on request with styles behind them."""
    names = options.tag_names(used)
    found = [names[genre] for genre in options.named(prediction)]
    if styles:
        labels = written_labels(used)
        found += [labels[label.name] for label in prediction.labels if label.kind == "style"]
    return list(dict.fromkeys(found))


def name_of(item: Any) -> str:
    """An item as beets names it; its path where artist or title are empty."""
    return str(item) if item.artist and item.title else os.fsdecode(item.path)


def sound_of(path: Path) -> str:
    """The hash of a file's sound; empty where it cannot be read."""
    try:
        return audio_hash(path, full=False)
    except OSError:
        return ""


def genres_of(thing: Any) -> list[str]:
    """The genres of an item or album, in any version of beets."""
    if _LIST:
        return list(thing.genres or ())
    return [thing.genre] if thing.genre else []


def set_genres(thing: Any, genres: list[str]) -> None:
    """Set the genres of an item or album, in any version of beets."""
    if _LIST:
        thing.genres = genres
    else:
        thing.genre = ", ".join(genres)
