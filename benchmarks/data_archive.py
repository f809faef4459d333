"""The built-in descriptors laid out for an archive with a DOI.

    python benchmarks/data_archive.py OUTPUT

Writes `README.md` (the data card), `songs.csv`, `features/NAME.csv` of each descriptor set,
`gtzan_index.json` in the form of mirdata's indexes, and `SHA256SUMS`. The same version of
genrescope writes the same bytes. There is no audio in it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
from pathlib import Path

from genrescope.data.corpora.gtzan import load_gtzan, with_proxy_artist_groups
from genrescope.data.table import FeatureTable
from genrescope.extraction.writers import write_csv
from genrescope.featuresets import FEATURE_SETS
from genrescope.files.atomic import write_atomic
from genrescope.version import __version__

CARD = """\
# Descriptors of {songs} songs of GTZAN

- **What**: {sets} descriptor sets of {songs} excerpts of 30 s, as the original programs print them.
- **Songs**: {genres}. GTZAN: Tzanetakis, Cook, "Musical genre classification of audio signals",
  IEEE TSAP 10(5), 2002. Its known faults: Sturm, JNMR 43(2), 2014.
- **Files**: `songs.csv` (id, genre, neighbours: ten songs side by side, perhaps of one artist);
  `features/NAME.csv` (id, then each value by its name); `gtzan_index.json` (mirdata's form: where a
  copy of GTZAN has each track's audio); `SHA256SUMS`.
- **Not in it**: audio.
- **For**: training and comparing genre classifiers. Read macro recall: {rare} have fewer than
  twenty songs. Songs of one artist lie side by side: keep neighbours on one side of a split.
- **Made by**: genrescope {version}, `python benchmarks/data_archive.py OUTPUT`.

| set | values | title | reference |
|---|---|---|---|
{table}
"""


def main() -> None:
    """Write the archive's folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path)
    write_archive(parser.parse_args().output)


def write_archive(output: Path) -> None:
    """Write all files into `output`."""
    tables = {name: load_gtzan(name) for name in FEATURE_SETS}
    songs = with_proxy_artist_groups(next(iter(tables.values())))
    (output / "features").mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_csv(table, output / "features" / f"{name}.csv")
    write_atomic(output / "songs.csv", _songs(songs).encode())
    write_atomic(
        output / "gtzan_index.json", (json.dumps(index_of(songs), indent=1) + "\n").encode()
    )
    write_atomic(output / "README.md", _card(songs).encode())
    files = sorted(path for path in output.rglob("*") if path.is_file())
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(output).as_posix()}\n"
        for path in files
        if path.name != "SHA256SUMS"
    ]
    write_atomic(output / "SHA256SUMS", "".join(sums).encode())


def index_of(songs: FeatureTable) -> dict[str, object]:
    """The songs as a mirdata index; checksums of the audio are not known here."""
    tracks = {
        name: {"audio": [f"gtzan_genre/genres/{genre}/{name}.wav", None]}
        for name, genre, _ in _rows(songs)
    }
    return {"version": "1.0", "tracks": tracks}


def _rows(songs: FeatureTable) -> list[tuple[str, str, str]]:
    columns = [[] if c is None else c.tolist() for c in (songs.ids, songs.labels, songs.groups)]
    return list(zip(*columns, strict=True))


def _songs(songs: FeatureTable) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([("id", "genre", "neighbours"), *_rows(songs)])
    return text.getvalue()


def _card(songs: FeatureTable) -> str:
    genres = [genre for _, genre, _ in _rows(songs)]
    counts = {name: genres.count(name) for name in dict.fromkeys(genres)}
    rare = [name for name, count in counts.items() if count < 20]
    rows = [
        f"| `{item.name}` | {item.dims} | {item.title} | {item.reference} |"
        for item in FEATURE_SETS.values()
    ]
    return CARD.format(
        songs=len(songs),
        sets=len(FEATURE_SETS),
        genres=", ".join(f"{name} {count}" for name, count in counts.items()),
        rare=", ".join(rare) or "none",
        version=__version__,
        table="\n".join(rows),
    )


if __name__ == "__main__":
    main()
