"""The page of transfer is the committed result."""

from __future__ import annotations

import json
from pathlib import Path

from genrescope.report.corpora.transfer import transfer_page, transfer_tables

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_made_of_the_result() -> None:
    result = json.loads((ROOT / "benchmarks/results/transfer.json").read_text(encoding="utf-8"))
    page = (ROOT / "docs/transfer.md").read_text(encoding="utf-8")
    assert transfer_page(result) == page
    ends = {(item["trained_on"], item["tested_on"]) for item in result["results"]}
    abroad = [table.title for table in transfer_tables(result["results"])]
    assert abroad == [f"Trained on {a}, tested on {b}" for a, b in sorted(ends)[::-1] if a != b]
