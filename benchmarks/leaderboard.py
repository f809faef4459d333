"""The leaderboard: runs the benchmarks that it shows, then writes docs/results.md and its scores.

    python benchmarks/leaderboard.py --work FOLDER --shared DIR --training FOLDER

Each command runs in a process of its own, in the folder of work, where DIR leads to the real data;
so the records hold the command as it was run and no path of a machine. What is there already is not
run again. With `--only` some commands run, and of other data and protocols the page stays as it is.
The seconds of each run, added up where it was interrupted, are in the scores.

The fault-filtered split leaves few of the built-in songs of rare genres, of some none, to test: the
page notes of which, and has the genres that are whole apart. Vectors of pretrained networks are
those in DIR/data/embeddings, of the clips before they were coded; musicnn-mtt, which is to be
installed, is extracted from the clips. The networks' tags as predicted from descriptors are those
of the student that was fitted without GTZAN, in the folder of work of `training/make_models.py`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from genrescope.evaluation.paired import Difference
from genrescope.evaluation.record import Record
from genrescope.evaluation.scores import Interval
from genrescope.files.atomic import write_atomic
from genrescope.report.leaderboard import Comparison, Section, leaderboard, load_sections
from genrescope.report.markdown import Row, table, wrapped
from genrescope.report.wording import percent
from leaderboard_runs import RUNS, TAGGER, prepare, run, seconds_of

COMMAND = "python benchmarks/leaderboard.py --work FOLDER --shared DIR --training FOLDER"
HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "results.md"
RESULT = HERE / "results" / "leaderboard.json"
MODELS = HERE / "results" / "models.json"
CODED = f"{TAGGER}: the vectors of 281 of the 753 songs are those of clips coded at 20 kbit/s"

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for all results")
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    parser.add_argument("--training", type=Path, required=True, help="training/make_models.py's")
    parser.add_argument("--only", nargs="+", choices=RUNS, help="folders to make, all by default")
    arguments = parser.parse_args()
    names = [name for name in RUNS if name in (arguments.only or RUNS)]
    prepare(arguments.work, arguments.shared, arguments.training)
    for name in names:
        run(name, RUNS[name], arguments.work)
    write([arguments.work / name for name in names], PAGE, RESULT, keep=bool(arguments.only))


def write(folders: Sequence[Path], page: Path, result: Path, keep: bool = False) -> None:
    """The page, and all its scores as JSON.

    Every section keeps its place, new ones come last.

    Args:
        folders: of the results.
        page: replaced.
        result: replaced.
        keep: whether sections and seconds stay that are not made again.
    """
    sections = load_sections([folder for folder in folders if (folder / "records").is_dir()])
    earlier = json.loads(_text(result) or '{"sections": []}')
    found = {_key(item): item for item in map(_section, sections)}
    known = {_key(item): item for item in earlier["sections"]}
    spent = {folder.name: taken for folder in folders if (taken := seconds_of(folder))}
    scores = {
        "command": COMMAND,
        "seconds": in_place(spent, earlier.get("seconds", {}), keep),
        "sections": list(in_place(found, known, keep).values()),
    }
    write_atomic(page, with_earlier(_page(sections), _text(page), keep).encode())
    write_atomic(result, (json.dumps(scores, indent=1) + "\n").encode())
    print(f"{page}\n{result}")


def _text(path: Path) -> str:
    """Of the file, none where it is not."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _key(section: Mapping[str, Any]) -> tuple[str, str]:
    return section["dataset"], section["protocol"]


def in_place(
    new: Mapping[Key, Value], earlier: Mapping[Key, Value], keep: bool
) -> dict[Key, Value]:
    """`new`, each where `earlier` has it and others last; with `keep` what only `earlier` has."""
    return {key: value for key, value in earlier.items() if keep or key in new} | dict(new)


def _page(sections: Sequence[Section]) -> str:
    text = leaderboard(sections, COMMAND).rstrip("\n")
    if any(TAGGER in record.feature_sets for item in sections for record in item.records):
        head, *rest = text.split("\n\n## ")
        text = "\n\n## ".join([f"{head}\n{wrapped(CODED, '- ')}", *rest])
    return "\n".join([text, "", *bundled_lines(json.loads(MODELS.read_text(encoding="utf-8")))])


def with_earlier(text: str, earlier: str, keep: bool) -> str:
    """The page `text` with its sections, and the list at its top, as `in_place`."""
    (head, new), (old_head, old) = map(_parts, (text, earlier))
    items, known = map(_items, (head, old_head))
    lines = "\n- ".join([head.partition("\n- ")[0], *in_place(items, known, keep)])
    return "\n\n## ".join([lines, *in_place(new, old, keep).values()]) + "\n"


def _items(head: str) -> dict[str, None]:
    """What the list at the end of `head` has."""
    return dict.fromkeys(head.split("\n- ")[1:])


def _parts(page: str) -> tuple[str, dict[str, str]]:
    """What stands before the first heading, and the sections by their title."""
    head, *sections = page.rstrip("\n").split("\n\n## ")
    return head, {section.partition("\n")[0]: section for section in sections}


def bundled_lines(models: Mapping[str, Any]) -> Iterator[str]:
    """The bundled models as a section of their own: the only honest figures on songs like these."""
    yield from ("## Bundled models on GTZAN: the corpus left out", "")
    yield wrapped(
        "The models that ship were fitted to these songs. The figures here are of the same heads "
        "fitted to AllMusic's clips alone, which lack some of the ten genres, and tested on all "
        "753 songs; the models that ship are in no other table."
    )
    yield ""
    head = ("model", "ten genres: macro recall", "accuracy", "calib.", "six shared genres")
    rows = [_bundled(name, found) for name, found in models.items() if isinstance(found, dict)]
    yield from table(head, rows, numbers=range(1, 5))
    yield from ("", f"`{models['command']}`")


def _bundled(name: str, found: Mapping[str, Any]) -> Row:
    ten = found["GTZAN"]["corpus left out"]["gtzan"]
    six = found["shared genres, corpus left out"]["gtzan"]
    recall = ten["macro recall over songs of one genre"]
    shares = (recall, ten["right"], ten["calibration error"], six["macro recall"])
    return Row((name, *map(percent, shares)))


def _section(section: Section) -> dict[str, Any]:
    first = section.first
    return {
        "dataset": first.dataset,
        "protocol": first.protocol,
        "tested": {item.genre: item.support for item in first.scores.genres},
        "results": [row_of(record) for record in section.records],
        "comparisons": [_compared(item) for item in section.comparisons],
        "versions": first.versions,
    }


def row_of(record: Record) -> dict[str, Any]:
    """A record as a row of the committed scores."""
    scores = record.scores
    return {
        "sets": list(record.feature_sets),
        "model": record.learner,
        "kind": record.kind,
        "macro recall": _rounded(scores.macro_recall),
        "accuracy": _rounded(scores.accuracy),
        "log loss": _rounded(scores.log_loss),
        "calibration error": _rounded(scores.calibration_error),
        "command": record.command,
    }


def _rounded(score: Interval) -> list[float]:
    """Value, low and high end."""
    return [round(value, 4) for value in (score.value, score.low, score.high)]


def _compared(item: Comparison) -> dict[str, Any]:
    names = {"what": item.what, "a": item.a.name, "b": item.b.name}
    scores = {"macro recall": item.macro_recall, "accuracy": item.accuracy}
    return names | {name: _difference(found) for name, found in scores.items()}


def _difference(found: Difference) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(found).items()}


if __name__ == "__main__":
    main()
