"""What makes scores dishonest: songs, vectors or artists seen in training, and pretraining."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from genrescope.data.splits import Split
from genrescope.data.table import FeatureTable, Positions
from genrescope.errors import LeakError

_BLOCK = 8192  # rows read at once
_SHOWN = 3  # examples named in a message


def check_leakage(trained_ids: Collection[str], test_ids: Iterable[str]) -> None:
    """Refuse to evaluate on what was trained on.

    Args:
        trained_ids: everything a model saw in training or for its selection.
        test_ids: what it is about to be tested on.

    Raises:
        LeakError: they share an id; it counts them and names the first few.
    """
    tested = [str(name) for name in test_ids]
    seen = trained_ids if isinstance(trained_ids, set | frozenset) else frozenset(trained_ids)
    if leaked := [name for name in tested if name in seen]:
        raise LeakError(
            f"the model was trained on {len(leaked)} of the {len(tested)} songs it would be "
            f"tested on: {_examples(leaked)}",
            remedy="evaluate on songs it has not seen, or train it again without these",
        )


def row_hashes(table: FeatureTable) -> NDArray[np.uint64]:
    """(rows,) a 64-bit hash of the bytes of each vector, read in blocks.

    Equal vectors have equal hashes; unequal ones nearly never do (a sum of 32-bit words times
    random 64-bit factors, modulo 2**64).
    """
    factors = np.random.default_rng(0).integers(
        0, 2**64, size=table.dims, dtype=np.uint64, endpoint=False
    )
    hashes = np.empty(len(table), dtype=np.uint64)
    for start, vectors in table.batches(_BLOCK):
        hashes[start : start + len(vectors)] = vectors.view(np.uint32) @ (factors | np.uint64(1))
    return hashes


def identical_vectors(
    table: FeatureTable, split: Split, *, hashes: NDArray[np.uint64] | None = None
) -> NDArray[np.int64]:
    """Test rows whose vector is, byte by byte, also that of a training row.

    Args:
        table: the vectors; a memory map is read in blocks.
        split: the two sides.
        hashes: `row_hashes(table)`, where several splits of one table are looked at.

    Returns:
        (pairs, 2) positions (training row, test row), one pair for each such test row, in the
        order of `split.test`.
    """
    hashes = row_hashes(table) if hashes is None else hashes
    order = split.train[np.argsort(hashes[split.train], kind="stable")]
    ordered, wanted = hashes[order], hashes[split.test]
    place = np.minimum(np.searchsorted(ordered, wanted), len(order) - 1)
    match = ordered[place] == wanted
    pairs = np.column_stack([order[place[match]], split.test[match]])
    return pairs[same_bytes(table, pairs)]


def shared_groups(table: FeatureTable, split: Split) -> int:
    """How many known groups (artists) have rows on both sides of `split`."""
    if table.groups is None:
        return 0
    sides = [set(np.unique(table.groups[part]).tolist()) for part in (split.train, split.test)]
    return len((sides[0] & sides[1]) - {""})


def split_warnings(table: FeatureTable, splits: Iterable[Split]) -> list[str]:
    """Sentences about identical vectors, shared artists and pretraining under one protocol."""
    hashes = row_hashes(table)
    twins: dict[str, str] = {}
    tested, divided = 0, 0
    for split in splits:
        pairs = identical_vectors(table, split, hashes=hashes)
        twins.update({str(table.ids[b]): str(table.ids[a]) for a, b in pairs})
        tested, divided = tested + len(pairs), max(divided, shared_groups(table, split))
    warnings = []
    if twins:
        named = _examples([f"{test} = {train}" for test, train in twins.items()])
        warnings.append(
            f"{len(twins)} songs were tested ({tested} times) while a song with exactly the same "
            f"vector was trained on: {named}"
        )
    if divided:
        warnings.append(
            f"{divided} groups (artists or known repeats) have songs on both sides of a split"
        )
    return [*warnings, *pretrained_warnings(table)]


def pretrained_warnings(table: FeatureTable) -> list[str]:
    """A sentence for each pretrained network whose vectors the table has."""
    parts = table.provenance.get("joined", [table.provenance])
    return [
        f"{part['network']} was trained on {part['trained_on']}, among which songs that are tested "
        "here may be"
        for part in parts
        if part.get("trained_on")
    ]


def same_bytes(table: FeatureTable, pairs: Positions) -> NDArray[np.bool_]:
    """(pairs,) whether both rows of each pair hold the same bytes."""
    same = np.zeros(len(pairs), dtype=np.bool_)
    for start in range(0, len(pairs), _BLOCK):
        block = pairs[start : start + _BLOCK]
        left, right = (table.read(block[:, side]).view(np.uint32) for side in (0, 1))
        same[start : start + _BLOCK] = (left == right).all(axis=1)
    return same


def _examples(names: list[str]) -> str:
    """The first few of `names`."""
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
