"""The leaderboard: runs the benchmarks that it shows, then writes docs/results.md and its scores.

    python benchmarks/leaderboard.py --work FOLDER --shared DIR

Each command runs in a process of its own, in the folder of work, where DIR leads to the real data;
so the records hold the command as it was run and no path of a machine. What is there already is not
run again. With `--only` some commands run, and of other data and protocols the page stays as it is.
The fault-filtered split leaves few of the built-in songs of rare genres, of some none, to test: the
page says of which, and has the genres that are whole apart. Vectors of pretrained networks are
those in DIR/data/embeddings, of the clips before they were coded.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from genrescope.evaluation.paired import Difference
from genrescope.evaluation.record import Record
from genrescope.evaluation.scores import Interval
from genrescope.files.atomic import write_atomic
from genrescope.report.leaderboard import Comparison, Section, leaderboard, load_sections
from genrescope.report.markdown import Row, table, wrapped
from genrescope.report.wording import percent

COMMAND = "python benchmarks/leaderboard.py --work FOLDER --shared DIR"
HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "results.md"
RESULT = HERE / "results" / "leaderboard.json"
MODELS = HERE / "results" / "models.json"

GENRESCOPE = ("-m", "genrescope", "benchmark")
TUWIEN = (*GENRESCOPE, "tuwien", "--root", "DIR/data/gtzan_tuwien_arff")
MEMBERS = ("--ensemble", "--learners", "ranked,lda,kda")
LIGHT = ("--ensemble", "--learners", "lda,kda")
# Members between artists: chosen by the split's validation part (LOG.md).
FILTERED = (*MEMBERS, "--no-baselines", "--protocol", "fault-filtered")
GTZAN = (*GENRESCOPE, "gtzan", *LIGHT, "--no-baselines")
JMIR = "jmir_spectral+jmir_derivatives+jmir_mfcc+jmir_lpc+jmir_moments+jmir_area_moments"
DESCRIPTORS = f"rh+ssd+marsyas_timbral,marsyas_timbral+{JMIR}"
PRETRAINED = "audioset,musicnn"
VECTORS = "vectors.npz"
INPUTS = {
    "descriptors": ("--sets", DESCRIPTORS),
    "networks": ("--sets", PRETRAINED, "--vectors", VECTORS),
    "both": ("--sets", f"{DESCRIPTORS},{PRETRAINED}", "--vectors", VECTORS),
}
SPLITS = {
    "gtzan": (),
    "gtzan-filtered": ("--protocol", "fault-filtered"),
    "gtzan-seven": ("--protocol", "fault-filtered", "--whole-genres"),
}
# Folder of the results to the arguments of Python; "--output FOLDER" is added.
RUNS: dict[str, tuple[str, ...]] = {
    "gtzan": (*GENRESCOPE, "gtzan"),
    **{
        f"{split}-{what}": (*GTZAN, *inputs, *options)
        for split, options in SPLITS.items()
        for what, inputs in INPUTS.items()
    },
    "tuwien-ten": (*TUWIEN, *MEMBERS, "--sets", "rh,ssd,rh+ssd"),
    "tuwien-rh": (*TUWIEN, *MEMBERS, "--sets", "rh"),
    "tuwien-ssd": (*TUWIEN, *MEMBERS, "--sets", "ssd"),
    "tuwien-nine": (*TUWIEN, *LIGHT, "--sets", "rh,ssd,timbral,rh+ssd+timbral"),
    "tuwien-timbral": (*TUWIEN, *MEMBERS, "--sets", "timbral"),
    "tuwien-ten-filtered": (*TUWIEN, *FILTERED, "--sets", "rh,ssd,rh+ssd"),
    "tuwien-nine-filtered": (*TUWIEN, *FILTERED, "--sets", "rh,ssd,timbral,rh+ssd+timbral"),
    "msd-subset": (str(HERE / "msd_subset.py"), "--shared", "DIR"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for all results")
    parser.add_argument("--shared", type=Path, required=True, help="folder of real data")
    parser.add_argument("--only", nargs="+", choices=RUNS, help="folders to make, all by default")
    arguments = parser.parse_args()
    runs = {name: RUNS[name] for name in arguments.only or RUNS}
    prepare(arguments.work, arguments.shared)
    run(runs, arguments.work)
    earlier = PAGE.read_text(encoding="utf-8") if arguments.only else ""
    write([arguments.work / name for name in runs], PAGE, RESULT, earlier)


def prepare(work: Path, shared: Path) -> None:
    """What commands need in the folder of work: DIR, a link to `shared`, and the vectors."""
    work.mkdir(parents=True, exist_ok=True)
    link = work / "DIR"
    link.unlink(missing_ok=True)
    link.symlink_to(shared.resolve(), target_is_directory=True)
    write_vectors(work / VECTORS, shared / "data/embeddings/embeddings.npz")


def write_vectors(path: Path, embeddings: Path) -> None:
    """The vectors of GTZAN's clips, as `--vectors` takes them."""
    with np.load(embeddings, allow_pickle=False) as archive:
        clips = np.char.find(archive["ids"], ".") > 0
        audioset = [archive[name][clips] for name in ("audioset_embedding", "audioset_logits")]
        arrays = {"audioset": np.concatenate(audioset, axis=1), "musicnn": archive["musicnn_msd"]}
        arrays["musicnn"] = arrays["musicnn"][clips]
        np.savez(path, allow_pickle=False, ids=archive["ids"][clips], **arrays)


def run(runs: Mapping[str, Sequence[str]], work: Path) -> None:
    """Run each command in `work`, which is prepared."""
    for name, arguments in runs.items():
        print(f"-- {name}", flush=True)
        command = [sys.executable, *arguments, "--output", name]
        subprocess.run(command, cwd=work, check=True)


def write(folders: Sequence[Path], page: Path, result: Path, earlier: str = "") -> None:
    """The page, and all its scores as JSON.

    Args:
        folders: of the results.
        page: replaced.
        result: replaced.
        earlier: the page whose other sections are kept; empty for none.
    """
    sections = load_sections(folders)
    found = [_section(section) for section in sections]
    if earlier:
        kept = json.loads(result.read_text(encoding="utf-8"))["sections"]
        found += [item for item in kept if not any(_same(item, other) for other in found)]
    bundled = "\n".join(["", *bundled_lines(json.loads(MODELS.read_text(encoding="utf-8"))), ""])
    text = with_earlier(leaderboard(sections, COMMAND) + bundled, earlier)
    write_atomic(page, text.encode())
    scores = {"command": COMMAND, "sections": found}
    write_atomic(result, (json.dumps(scores, indent=1) + "\n").encode())
    print(f"{page}\n{result}")


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["dataset"], one["protocol"]) == (other["dataset"], other["protocol"])


def with_earlier(text: str, earlier: str) -> str:
    """`text`, then the sections of `earlier` that it has not, and what those say at the top."""
    head, *sections = text.split("\n## ")
    old_head, *old = earlier.split("\n## ")
    titles = {section.partition("\n")[0] for section in sections}
    kept = [section for section in old if section.partition("\n")[0] not in titles]
    lines = head.rstrip("\n").split("\n")
    lines += [line for line in old_head.split("\n") if line[:2] == "- " and line not in lines]
    parts = [section.rstrip("\n") + "\n" for section in (*sections, *kept)]
    return "\n## ".join(["\n".join(lines) + "\n", *parts])


def bundled_lines(models: Mapping[str, Any]) -> Iterator[str]:
    """The bundled models as a section of their own: the only honest figures on songs like these."""
    yield from ("## Bundled models on GTZAN: the corpus left out", "")
    yield wrapped(
        "The models that ship were fitted to these songs. What is told here are the same heads "
        "fitted to AllMusic's clips alone, which lack some of the ten genres, and asked about all "
        "753 songs; the songs of the whole corpora are in no table above."
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
