"""GTZAN's songs as `genrescope benchmark` takes them: tables and protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from genrescope.data.table import FeatureTable
    from genrescope.evaluation.protocols import Protocol

Vectors = Annotated[
    Path | None,
    typer.Option(
        help="Vectors of pretrained networks of GTZAN's audio, for more sets: a folder that "
        "`genrescope extract` wrote, or an NPZ file of ids and a matrix for each network.",
    ),
]
WholeGenres = Annotated[
    bool, typer.Option("--whole-genres", help="Only genres of which no song is missing.")
]


def built_in_tables(
    names: Sequence[str] | None, variant: str, vectors: Path | None, whole_genres: bool
) -> list[FeatureTable]:
    """A table for each of `names`, of the same songs; None: every set that there is.

    Raises:
        UsageError: there is no such set or variant, or no vectors of a network.
        DataError: see `load_network_vectors` and `of_whole_genres`.
    """
    from genrescope.data.concatenate import named_tables, single_sets
    from genrescope.data.corpora.gtzan import of_whole_genres
    from genrescope.data.corpora.gtzan_networks import load_network_vectors
    from genrescope.data.join import join
    from genrescope.errors import UsageError
    from genrescope.featuresets import FEATURE_SETS

    if variant not in ("default", "2012"):
        raise UsageError(f"no variant '{variant}'", remedy="choose default or 2012")
    networks = {} if vectors is None else load_network_vectors(vectors)
    names = names or [*FEATURE_SETS, *networks]
    single = [_table(name, variant, networks) for name in single_sets(names)]
    tables = named_tables(names, join(single).tables)
    return [of_whole_genres(table) for table in tables] if whole_genres else tables


def _table(name: str, variant: str, networks: Mapping[str, FeatureTable]) -> FeatureTable:
    from genrescope.data.corpora.gtzan import load_gtzan
    from genrescope.errors import UsageError
    from genrescope.sources import tagging_network

    if name in networks:
        return networks[name]
    if tagging_network(name):
        raise UsageError(f"no vectors of '{name}'", remedy="name them with --vectors")
    return load_gtzan(name, variant)  # type: ignore[arg-type]


def gtzan_protocol(
    tables: list[FeatureTable], name: str, folds: int, repeats: int, seed: int
) -> tuple[list[FeatureTable], Protocol]:
    """The protocol, and the tables with the groups that it wants inner splits to keep.

    Raises:
        UsageError: there is no such protocol.
    """
    from genrescope.data.corpora.gtzan import fault_filtered_split, with_proxy_artist_groups
    from genrescope.errors import UsageError
    from genrescope.evaluation.protocols import fault_filtered, kfold

    if name == "kfold":
        return tables, kfold(tables[0], folds, repeats=repeats, seed=seed)
    if name == "fault-filtered":
        grouped = [with_proxy_artist_groups(table) for table in tables]
        return grouped, fault_filtered(fault_filtered_split(grouped[0]))
    raise UsageError(f"no protocol '{name}'", remedy="choose kfold or fault-filtered")
