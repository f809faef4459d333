"""The whole audit: on the built-in songs, on published files, and on made-up faults."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from genrescope.benchmark.audit import Audit, audit
from genrescope.benchmark.audit_document import audit_document
from genrescope.benchmark.findings import findings
from genrescope.data.audit.source import AuditInput, AuditOptions, open_audit_input
from genrescope.data.corpora.gtzan import KNOWN_REPEATS, NEAR_REPEATS
from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable
from genrescope.evaluation.duplicates import DuplicatePair
from genrescope.report.audit import audit_lines
from genrescope.taxonomy.vocabulary import GTZAN

ARFFS = "gtzan_tuwien_arff"


def messages(found: Audit, severity: str) -> str:
    return "\n".join(item.what for item in findings(found) if item.severity == severity)


def ids_of(found: Audit) -> set[tuple[str, str]]:
    ids = found.subject.tables[0].ids
    return {(str(ids[copy.first]), str(ids[copy.second])) for copy in found.confirmed}


@pytest.fixture(scope="module")
def built_in() -> Audit:
    return audit(open_audit_input(["gtzan"], AuditOptions(sets=SETS)))


SETS = ["rh", "ssd", "jmir_lpc"]


def test_the_known_repeats_are_found_from_the_descriptors(built_in):
    here = set(built_in.subject.tables[0].ids.tolist())
    pairs = {(first, copy) for copy, first in KNOWN_REPEATS.items() if {first, copy} <= here}
    equal = [copy for copy in built_in.confirmed if copy.equal]
    assert ids_of(replace(built_in, copies=tuple(equal))) == pairs
    assert all(copy.equal == tuple(SETS) for copy in equal)
    assert ids_of(built_in) - pairs <= {(first, copy) for copy, first in NEAR_REPEATS.items()}
    assert f"{len(pairs) - 1} with equal vectors" in messages(built_in, "warning")
    assert "1 pair of songs that are one under two genres" in messages(built_in, "error")


def test_the_fault_filtered_split_holds_no_copies(built_in):
    assert built_in.split is not None
    assert len(built_in.split.copies) == 0
    assert "no copy lies on both sides of fault-filtered" in messages(built_in, "info")


def test_labels_and_balance_are_audited(built_in):
    assert built_in.labels is not None
    songs = len(built_in.subject.tables[0])
    assert built_in.labels.rows == songs
    assert 0.6 < built_in.labels.accuracy < 1
    assert 0 < len(built_in.labels.issues) < songs / 4
    assert "jmir_lpc: 2 columns constant" in messages(built_in, "info")
    assert f"always predicting blues scores {100 * 100 / songs:.1f}%" in messages(built_in, "info")


def test_the_document_is_json_and_has_the_same(built_in):
    document = json.loads(json.dumps(audit_document(built_in, "the command"), allow_nan=False))
    assert document["command"] == "the command"
    assert document["rows"] == len(built_in.subject.tables[0])
    assert len(document["copies"]) == len(built_in.confirmed) + len(built_in.unconfirmed)
    assert document["copies"][0]["ids"] == ["disco.00098", "disco.00099"]
    assert [item["what"] for item in document["findings"]] == [f.what for f in findings(built_in)]
    assert len(document["labels"]["issues"]) == len(built_in.labels.issues)
    assert document["split"]["tested_with_a_copy_in_training"] == []


def test_the_terminal_shows_errors_first_and_few_examples(built_in):
    lines = [line.plain for line in audit_lines(built_in, examples=2)]
    assert (
        lines[0] == f"GTZAN, built in: {len(built_in.subject.tables[0])} songs, rh, ssd, jmir_lpc"
    )
    assert lines[1].startswith("1 error, ")
    pairs = len(built_in.confirmed) - 1  # but for the one under two genres
    at = next(i for i, line in enumerate(lines) if f"{pairs} pairs" in line)
    assert lines[at + 1].strip() == "disco.00098 = disco.00099 (equal in 3 sets)"
    assert lines[at + 3].strip() == f"and {pairs - 2} more"
    assert lines.index("\nerrors") < lines.index("\nwarnings")
    assert lines.index("\nwarnings") < lines.index("\nnotes")


def test_published_files_hold_a_copied_genre_and_repeats(shared):
    folder = str(shared / "data" / ARFFS)
    found = audit(
        open_audit_input([folder], AuditOptions(sets=["rh", "ssd", "timbral"])), max_label_rows=0
    )
    wrong = messages(found, "error")
    assert "every row of disco repeats the row of hiphop, in 1 of 3 sets: marsyas_timbral" in wrong
    assert "1 pair of songs that are one under two genres" in wrong
    assert [item.set_aside for item in found.sets] == [(), (), ("disco",)]
    assert [1000 - len(item.equal) for item in found.sets[:2]] == [986, 986]
    copies = ids_of(found)
    assert {(original, copy) for copy, original in KNOWN_REPEATS.items()} <= copies
    assert {("metal.00058", "rock.00016"), ("jazz.00033", "jazz.00051")} <= copies
    assert not any({"disco", "hiphop"} == {name.split(".")[0] for name in pair} for pair in copies)


def test_what_one_set_alone_shows_must_be_all_but_equal(built_in):
    def copy(equal: tuple[str, ...], **near: float) -> DuplicatePair:
        return DuplicatePair(0, 1, equal, near)

    confirmed = [copy(("rh",)), copy((), rh=0.4, ssd=0.4), copy((), rh=0.01)]
    unconfirmed = [copy((), rh=0.2)]
    text = replace(built_in, copies=(*unconfirmed, *confirmed))
    assert (text.confirmed, text.unconfirmed) == (confirmed, unconfirmed)
    alone = replace(text, sets=built_in.sets[:1])
    assert alone.unconfirmed == []


def made_up() -> AuditInput:
    """Sixty songs: two copies, one across genres and split, artists on both sides, a bad value."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 12)).astype(np.float32)
    vectors[31] = vectors[2]
    vectors[7] = vectors[6]
    vectors[50, 4] = np.nan
    labels = np.repeat(["blues", "rock"], 30)
    groups = np.array([f"artist {row // 2}" for row in range(60)])
    groups[[10, 40]] = "on both sides"
    table = FeatureTable(
        "made up", np.arange(60).astype(str), vectors, labels=labels, groups=groups
    )
    split = Split("halves", np.r_[0:15, 45:60], np.r_[15:45])
    return AuditInput("made up", (table,), (tuple("abcdefghijkl"),), GTZAN, split)


def test_made_up_faults_are_all_found():
    found = audit(made_up())
    wrong = messages(found, "error")
    assert "1 pair of songs that are one under two genres" in wrong
    assert "1 of 30 tested songs of halves have a copy that is trained on" in wrong
    # Rows 14 and 15, and 44 and 45, are divided by the halves; 10 and 40 are of one artist.
    assert "3 of 30 tested songs of halves (10.0%) are by 3 artists" in wrong
    assert "made up: 1 values are missing or not finite, in 1 column" in wrong
    assert "1 pair of songs that are one: 1 with equal vectors" in messages(found, "warning")
    assert found.labels is not None
    assert found.labels.rows == 59


def test_without_labels_copies_and_columns_are_still_looked_for():
    subject = made_up()
    bare = replace(subject.tables[0], labels=None, groups=None)
    found = audit(replace(subject, tables=(bare,), split=None, vocabulary=None))
    assert (found.balance, found.labels, found.split) == (None, None, None)
    assert len(found.confirmed) == 2
    assert "no labels known" in messages(found, "info")


def test_without_a_fault_nothing_is_wrong():
    rng = np.random.default_rng(1)
    labels = np.repeat(["blues", "rock"], 100)
    vectors = rng.normal(size=(200, 12)) + 6 * np.eye(12)[np.repeat([0, 1], 100)]
    table = FeatureTable(
        "made up", np.arange(200).astype(str), vectors.astype(np.float32), labels=labels
    )
    found = audit(AuditInput("made up", (table,), (tuple("abcdefghijkl"),), GTZAN, None))
    assert [item for item in findings(found) if item.severity != "info"] == []
    assert [line.plain for line in audit_lines(found)][1].startswith("0 errors, 0 warnings, ")
