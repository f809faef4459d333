"""An audit as JSON values: its findings, and all that they rest on."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from genrescope.benchmark.audit import Audit, SetAudit
from genrescope.benchmark.findings import findings
from genrescope.evaluation.duplicates import DuplicatePair
from genrescope.evaluation.record import finite
from genrescope.version import __version__

SCHEMA = 2


def audit_document(audit: Audit, command: str) -> dict[str, Any]:
    """The whole audit as values that JSON holds; rows are named by their ids.

    Args:
        audit: what was found.
        command: what makes it again.
    """
    subject = audit.subject
    return {
        "schema": SCHEMA,
        "genrescope": __version__,
        "command": command,
        "data": subject.name,
        "rows": len(subject),
        "findings": [asdict(item) for item in findings(audit)],
        "balance": None if audit.balance is None else finite(asdict(audit.balance)),
        "split": _split_facts(audit),
        "copies": [_copy_facts(audit, copy) for copy in audit.copies],
        "labels": _label_facts(audit),
        "sets": [_set_facts(audit, item) for item in audit.sets],
        "notes": list(subject.notes),
        "seconds": {name: round(value, 2) for name, value in audit.seconds.items()},
    }


def _copy_facts(audit: Audit, copy: DuplicatePair) -> dict[str, Any]:
    table = audit.subject.tables[0]
    rows = [copy.first, copy.second]
    return {
        "ids": table.ids[rows].tolist(),
        "genres": None if table.labels is None else table.labels[rows].tolist(),
        "equal": list(copy.equal),
        "near": {name: round(value, 4) for name, value in copy.near.items()},
    }


def _split_facts(audit: Audit) -> dict[str, Any] | None:
    split, ids = audit.split, audit.subject.tables[0].ids
    if split is None:
        return None
    return {
        "name": split.name,
        "train": split.train,
        "test": split.test,
        "tested_with_a_copy_in_training": ids[split.copies].tolist(),
        "tested_with_their_artist_in_training": (
            None if split.artists is None else ids[split.artists].tolist()
        ),
    }


def _label_facts(audit: Audit) -> dict[str, Any] | None:
    found, ids = audit.labels, audit.subject.tables[0].ids
    if found is None:
        return None
    facts: dict[str, Any] = finite(asdict(replace(found, issues=())))
    facts["issues"] = [
        {"id": str(ids[issue.row]), **finite(asdict(issue))} for issue in found.issues
    ]
    return facts


def _set_facts(audit: Audit, item: SetAudit) -> dict[str, Any]:
    near, faults, ids = item.near, item.faults, audit.subject.tables[0].ids
    return {
        "set": item.name,
        "values": len(item.columns),
        "equal_rows": len(item.equal),
        "copied_genres": finite(item.copied_genres),
        "near": finite(
            {
                "pairs": len(near.pairs),
                "searched": near.searched,
                "directions": near.directions,
                "intrinsic_dimension": near.dimension,
                "limit": near.limit,
                "every_pair_compared": near.exhaustive,
                "candidates_left_aside": near.unchecked,
            }
        ),
        "constant": [item.columns[i] for i in faults.constant],
        "nearly_constant": {item.columns[i]: s for i, s in faults.nearly_constant.items()},
        "not_finite": {item.columns[i]: n for i, n in faults.not_finite.items()},
        "equal_to": {item.columns[i]: item.columns[j] for i, j in faults.copies.items()},
        "absurd": {
            item.columns[i]: {"rows": n, "worst": str(ids[row])}
            for i, (n, row) in faults.outliers.items()
        },
        "rescaled": {item.columns[i]: part for i, part in item.rescaled.items()},
    }
