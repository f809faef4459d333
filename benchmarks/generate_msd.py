"""Make a folder of files like those of the Million Song Dataset Benchmarks, with made-up values.

The formats are those published, with every quirk seen in them; the counts are the published ones,
scaled down; the values differ by genre, so that learning is possible, and mean nothing else.

    python benchmarks/generate_msd.py msd --scale 0.01
    python benchmarks/generate_msd.py msd --stores          26,000 + 380,000 tracks, stores at once
"""

from __future__ import annotations

import argparse
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genrescope.data.corpora.msd_files import ARTIST_STEM, LABEL_FILES
from genrescope.data.partitions import partition_file
from genrescope.data.store.writer import StoreWriter
from genrescope.featuresets import FEATURE_SETS, feature_set
from genrescope.taxonomy.mappings import mapping
from msd_names import MAGD_TRACKS, TOP_MAGD_TRACKS, published_columns

_TRACKS = 994_188  # that have features, labelled or not
_HIDDEN = 12
_BLOCK = 8_192
_JAVA_SETS = tuple(name for name in FEATURE_SETS if name.startswith("jmir"))
# The student networks' sets: what a benchmark of the whole path needs.
STUDENT_SETS = (*("marsyas_timbral", "rh", "jmir_spectral", "jmir_mfcc", "rp", "ssd", "tssd"),)


@dataclass(frozen=True)
class Tracks:
    """Made-up tracks.

    Attributes:
        ids, artists: (n,).
        genres: (n,) "" for tracks without a label.
        places: (n, hidden) float32, where a track stands in the space that all sets look at.
    """

    ids: NDArray[np.str_]
    genres: NDArray[np.str_]
    artists: NDArray[np.str_]
    places: NDArray[np.float32]

    def take(self, rows: NDArray[np.int64]) -> Tracks:
        """The tracks at `rows`."""
        return Tracks(self.ids[rows], self.genres[rows], self.artists[rows], self.places[rows])


def generate(
    root: Path, scale: float = 0.01, sets: Sequence[str] = tuple(FEATURE_SETS), seed: int = 0
) -> Tracks:
    """Write labels, partitions, artist ids and feature files of `sets` into `root`.

    Some labelled tracks have no features, some tracks with features no label, each kind of file
    lacks other tracks, and one row of the Rhythm Histograms is there twice.

    Returns:
        All tracks, labelled or not, whether they have features or not.
    """
    rng = np.random.default_rng(seed)
    root.mkdir(parents=True, exist_ok=True)
    counts = {genre: max(12, round(n * scale)) for genre, n in MAGD_TRACKS.items()}
    bare = round((_TRACKS - sum(MAGD_TRACKS.values())) * scale)
    tracks = _make_tracks(counts | {"": bare}, rng)
    _write_labels(root, tracks, rng)
    _write_partitions(root, tracks, max(4, round(2_000 * scale)), rng)
    having = rng.permutation(len(tracks.ids))[: -max(3, len(tracks.ids) // 200)]
    for name in sets:
        lacking = max(1, len(having) // 1_000)
        rows = having[:-lacking] if name.startswith("jmir") else np.sort(having[lacking:])
        _write_features(root, name, tracks.take(rows), seed)
    return tracks


def generate_stores(
    root: Path,
    train_rows: int = 26_000,
    test_rows: int = 380_000,
    sets: Sequence[str] = STUDENT_SETS,
    seed: int = 0,
) -> Tracks:
    """Write stores of `sets`, Top-MAGD labels and partition of the published size into `root`.

    As many tracks of each genre to train; the rest has the genre shares of the published rest.
    """
    rng = np.random.default_rng(seed)
    root.mkdir(parents=True, exist_ok=True)
    each = train_rows // len(TOP_MAGD_TRACKS)
    left = {genre: max(n - 2_000, 1) for genre, n in TOP_MAGD_TRACKS.items()}
    share = test_rows / sum(left.values())
    counts = {genre: each + max(1, round(n * share)) for genre, n in left.items()}
    tracks = _make_tracks(counts, rng)
    _write_labels(root, tracks, rng)
    _write_partitions(root, tracks, each, rng)
    for name in sets:
        known = feature_set(name)
        folder = root / f"{known.msd_stem}.store"
        job = {"made": "up", "seed": seed}
        with StoreWriter(folder, name, known.columns, job=job) as writer:
            for start, vectors in _vectors(name, tracks, seed):
                writer.append(tracks.ids[start : start + len(vectors)].tolist(), vectors)
            writer.finish({**job, "missing": "error"})
    return tracks


def _make_tracks(counts: dict[str, int], rng: np.random.Generator) -> Tracks:
    """Tracks in random order; an artist has some ten of them, of one genre, near each other."""
    codes = np.repeat(np.arange(len(counts)), list(counts.values()))
    genres = np.array(list(counts))[codes]
    number = np.concatenate([np.arange(count) for count in counts.values()]) // 10
    artists = np.array([f"AR{g:04X}{n:06X}1187B9" for g, n in zip(codes, number, strict=True)])
    _, artist = np.unique(artists, return_inverse=True)
    places = 0.8 * rng.normal(size=(len(counts), _HIDDEN))[codes]
    places += 0.6 * rng.normal(size=(artist.max() + 1, _HIDDEN))[artist]
    places += 0.8 * rng.normal(size=places.shape)
    order = rng.permutation(len(genres))
    ids = np.array([_track_id(number) for number in range(len(genres))])
    return Tracks(ids, genres[order], artists[order], places[order].astype(np.float32))


def _track_id(number: int) -> str:
    letters = "".join(chr(65 + number // 26**place % 26) for place in reversed(range(5)))
    return f"TR{letters}128F{(number * 2_654_435_761) % 16**7:07X}"


def _vectors(name: str, tracks: Tracks, seed: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """(start, values) of a set, block by block.

    Every set is a linear view of the tracks' hidden places with noise, made positive and
    heavy-tailed where a set measures loudness.
    """
    rng = np.random.default_rng([seed, *name.encode()])
    dims = feature_set(name).dims
    view = rng.normal(0, 0.5, (_HIDDEN, dims)).astype(np.float32)
    scale = np.exp(rng.normal(0, 1, dims)).astype(np.float32)
    for start in range(0, len(tracks.ids), _BLOCK):
        places = tracks.places[start : start + _BLOCK]
        values = places @ view + rng.standard_normal((len(places), dims), dtype=np.float32)
        if not name.startswith(("jmir", "marsyas")):
            np.exp(values, out=values)
        yield start, values * scale


def _write_labels(root: Path, tracks: Tracks, rng: np.random.Generator) -> None:
    top = np.isin(tracks.genres, list(TOP_MAGD_TRACKS))
    labelled = np.flatnonzero(tracks.genres != "")
    homes: dict[str, list[str]] = {}
    for style, genre in (mapping("MASD", "topMAGD") or {}).items():
        homes.setdefault(genre, []).append(style)
    lines = {"topMAGD": [], "MAGD": [], "MASD": [], "CD1": []}
    for row in labelled:
        track, genre = tracks.ids[row], str(tracks.genres[row])
        lines["MAGD"].append(f"{track}\t{genre.replace(' ', '_')}")
        if top[row]:
            lines["topMAGD"].append(f"{track}\t{genre}")
        if styles := homes.get(genre):
            lines["MASD"].append(f"{track}\t{rng.choice(styles)}")
        if top[row] and rng.random() < 0.33:
            vote = rng.choice(list(TOP_MAGD_TRACKS)) if rng.random() < 0.27 else genre
            lines["CD1"].append(f"{track}\t{genre}" + (f"\t{vote}" if vote != genre else ""))
    for name, body in lines.items():
        head = [] if name == "CD1" else [f"% {name} of made-up tracks", "% trackid<TAB>label"]
        _write_lines(root / f"{LABEL_FILES[name].stem}.cls", [*head, *body])
    pairs = zip(tracks.ids, tracks.artists, strict=True)
    _write_lines(root / f"{ARTIST_STEM}.cls", [f"{track}\t{artist}" for track, artist in pairs])


def _write_partitions(root: Path, tracks: Tracks, each: int, rng: np.random.Generator) -> None:
    """As many of each genre to train, and two thirds to train; a few tracks are in neither part."""
    rows = np.flatnonzero(np.isin(tracks.genres, list(TOP_MAGD_TRACKS)))
    order = rng.permutation(rows)
    fixed: dict[str, int] = dict.fromkeys(TOP_MAGD_TRACKS, 0)
    parts = []
    for row in order:
        genre = str(tracks.genres[row])
        fixed[genre] += 1
        parts.append("TRAIN" if fixed[genre] <= each else "TEST")
    dropped = max(1, len(order) // 1_000)
    _write_partition(root, "fixedSizeSplit_2000", tracks.ids[order], parts, dropped)
    share = ["TRAIN" if rng.random() < 0.66 else "TEST" for _ in order]
    _write_partition(root, "percentageSplit_0.66", tracks.ids[order], share, dropped)


def _write_partition(
    root: Path, kind: str, ids: NDArray[np.str_], parts: list[str], dropped: int
) -> None:
    pairs = list(zip(ids, parts, strict=True))[: len(parts) - dropped]
    head = [f"% {kind} of made-up tracks", "%"]
    name = partition_file("topMAGD", kind)
    _write_lines(root / name, [*head, *(f"{track}\t{part}" for track, part in pairs)])


def _write_lines(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_features(root: Path, name: str, tracks: Tracks, seed: int) -> None:
    stem = feature_set(name).msd_stem
    rows = _rows(name, tracks, seed)
    if name == "mvd":
        _write_mirror(root / f"{stem}.csv", name, list(rows))
    elif name == "ssd":
        with gzip.open(root / f"{stem}.arff.gz", "wt", compresslevel=1) as packed:
            packed.writelines(f"{line}\n" for line in [*_header(name, stem), *rows])
    else:
        with (root / f"{stem}.arff").open("w", encoding="utf-8") as plain:
            plain.writelines(f"{line}\n" for line in _header(name, stem))
            plain.writelines(f"{line}\n" for line in rows)


def _header(name: str, stem: str) -> list[str]:
    *columns, last = published_columns(name)
    kind, word = ("real", "string") if name == "marsyas_timbral" else ("NUMERIC", "STRING")
    if name == "jmir_area_moments":  # as its tool calls them
        columns = [f"'{column.replace('_', ' ')}'" for column in columns]
    head = ["% made-up values", f"@RELATION {stem}", ""]
    attributes = [f"@ATTRIBUTE {column} {kind}" for column in columns]
    return [*head, *attributes, f"@attribute {last} {word}", "", "@DATA"]


def _rows(name: str, tracks: Tracks, seed: int) -> Iterator[str]:
    """The data lines of a set's file."""
    quote = "'" if name in _JAVA_SETS else ""
    comma = "," if name == "jmir_lpc" else ""
    first = ""
    for start, block in _vectors(name, tracks, seed):
        for offset, vector in enumerate(block.tolist()):
            values = ",".join(_printed(name, value) for value in vector)
            line = f"{values},{quote}{tracks.ids[start + offset]}{quote}{comma}"
            first = first or line
            yield line
    if name == "rh":
        yield "% one more row, which is there already"
        yield first


def _printed(name: str, value: float) -> str:
    """Marsyas prints six decimals, jMIR four digits and a power of ten as Java writes it."""
    if name in _JAVA_SETS:
        digits, power = f"{value:.3E}".split("E")
        return f"{digits.rstrip('0').rstrip('.')}E{int(power)}"
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _write_mirror(folder: Path, name: str, rows: list[str]) -> None:
    """Two parts without a header, and a file of names and types beside the folder."""
    folder.mkdir(exist_ok=True)
    half = len(rows) // 2
    for number, part in enumerate((rows[:half], rows[half:])):
        with gzip.open(folder / f"part-{number:05d}.csv.gz", "wt", compresslevel=1) as packed:
            packed.writelines(f"{row}\n" for row in part)
    *columns, last = published_columns(name)
    types = [*(f"{column},NUMERIC" for column in columns), f"{last},STRING"]
    _write_lines(folder.with_name(f"{folder.stem}.attributes.csv"), types)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path, help="folder to write")
    parser.add_argument("--scale", type=float, default=0.01, help="share of the published counts")
    parser.add_argument(
        "--stores", action="store_true", help="stores of the published split's size"
    )
    parser.add_argument("--sets", nargs="+", choices=list(FEATURE_SETS), help="feature sets")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.stores:
        generate_stores(options.root, sets=options.sets or STUDENT_SETS, seed=options.seed)
    else:
        generate(options.root, options.scale, options.sets or tuple(FEATURE_SETS), options.seed)


if __name__ == "__main__":
    main()
