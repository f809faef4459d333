"""How far models hold beyond their corpus, as a page in Markdown and as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from genrescope.evaluation.scores import Interval
from genrescope.report.corpora.songs import PlainTable, with_interval
from genrescope.report.markdown import Row, table, wrapped
from genrescope.report.wording import percent, points

_Result = Mapping[str, Any]


def transfer_page(document: Mapping[str, Any]) -> str:
    """The page of a result of `genrescope benchmark transfer`.

    Args:
        document: its JSON: `command`, `corpora`, `results` (`Transfer.as_json`), `repeats`.
    """
    return "\n".join(_lines(document)) + "\n"


def transfer_tables(results: Sequence[_Result]) -> list[PlainTable]:
    """A table for each ordered pair of corpora: every learner abroad and at home."""
    return [
        PlainTable(
            f"Trained on {trained}, tested on {tested}",
            _pair_note(rows),
            _HEAD,
            tuple(_cells(*row) for row in rows),
        )
        for (trained, tested), rows in _pairs(results).items()
    ]


_HEAD = ("sets", "learner", "abroad", "home", "lost", "calibration error abroad", "at home")


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    pairs = _pairs(document["results"])
    yield "# How far a genre model holds beyond its corpus"
    yield ""
    yield wrapped(
        "A model tested on the corpus that it was trained on looks better than it is elsewhere. "
        "Here every model is trained on one corpus and tested on another (*abroad*); the same "
        "songs are tested with the same model trained on their own corpus, in folds that keep "
        "artists together (*home*). The difference is what the change of corpus costs. Only genres "
        "that both corpora have are compared, by the mapping of the taxonomy; only songs with "
        "exactly one of them are tested."
    )
    yield ""
    yield wrapped(
        "Macro recall and calibration error in percent, with 95 % intervals that draw artists; "
        "every genre counts the same. The first row of each table is the best abroad."
    )
    yield ""
    yield wrapped(
        "Pretrained networks saw other recordings before: musicnn the Million Song Dataset, "
        "audioset AudioSet. Songs of either corpus may be among them, which flatters both columns."
    )
    yield from _corpora(document)
    yield from _matrix(pairs)
    for (trained, tested), rows in pairs.items():
        yield from (
            "",
            f"## Trained on {trained}, tested on {tested}",
            "",
            wrapped(_pair_note(rows)),
        )
        yield ""
        cells = [Row(_cells(*row), bold=number == 0) for number, row in enumerate(rows)]
        yield from table(_HEAD, cells, numbers=range(2, 7))
        yield ""
        yield from _by_genre(*rows[0])
    yield from _repeated(document)
    yield from ("", "## How it was made", "", "    " + document["command"], "")
    yield wrapped(
        "Everything drawn at random has a seed: the same command gives the same digits on the same "
        "machine."
    )


def _corpora(document: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    for item in document["corpora"]:
        genres = ", ".join(f"{name} {count['songs']}" for name, count in item["genres"].items())
        yield wrapped(
            f"**{item['corpus']}**: {item['songs']} songs of {item['groups']} groups; {genres}. "
            f"{item.get('note', '')}".strip(),
            "- ",
        )


def _matrix(pairs: Mapping[tuple[str, str], list[tuple[_Result, _Result]]]) -> Iterator[str]:
    """The best of each pair: rows are trained on, columns tested on."""
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    yield from ("", "## The best of each, in one matrix", "")
    yield wrapped(
        "Trained on the row, tested on the column: macro recall and, in brackets, calibration "
        "error. On the diagonal the same corpus in folds, over the genres of the pair (the first "
        "pair, where there are several)."
    )
    yield ""
    rows = []
    for trained in names:
        cells = [trained]
        for tested in names:
            if trained == tested:
                first = next(found for (_, there), found in pairs.items() if there == tested)
                best = max((home for _, home in first), key=_recall)
            else:
                best = pairs[trained, tested][0][0]
            cells.append(f"{percent(_recall(best))} ({percent(_error(best))})")
        rows.append(Row(tuple(cells)))
    yield from table(("trained on", *names), rows, numbers=range(1, len(names) + 1))


def _by_genre(abroad: _Result, home: _Result) -> Iterator[str]:
    yield wrapped(f"Recall by genre, {abroad['sets']} by {abroad['learner']}:")
    yield ""
    pairs = zip(abroad["scores"]["genres"], home["scores"]["genres"], strict=True)
    rows = []
    for there, here in pairs:
        counts = _taken_for(abroad, there["genre"])
        cells = (there["genre"], str(there["support"]))
        shares = (percent(there["recall"]), percent(here["recall"]))
        rows.append(Row((*cells, *shares, counts)))
    head = ("genre", "songs", "abroad", "home", "abroad most often taken for")
    yield from table(head, rows, numbers=(1, 2, 3))


def _taken_for(result: _Result, genre: str) -> str:
    names = [item["genre"] for item in result["scores"]["genres"]]
    row = result["scores"]["confusion"][names.index(genre)]
    wrong = [(count, name) for count, name in zip(row, names, strict=True) if name != genre]
    count, name = max(wrong)
    return f"{name} ({count})" if count else "–"


def _repeated(document: Mapping[str, Any]) -> Iterator[str]:
    found = document["repeats"]
    across = [item for item in found if item["corpora"][0] != item["corpora"][1]]
    yield from ("", "## Recordings that are there twice", "")
    yield wrapped(
        f"{len(found)} pairs of songs are equal, or far nearer than is usual, by the vectors of "
        f"their sound; {len(across)} of them lie across corpora. A song whose repeat is tested "
        "is left out of training abroad. Distance 1 is that of a song to its nearest."
    )
    if found:
        yield ""
        rows = [
            Row(
                (
                    *(f"{home}: {song}" for home, song in zip(*_ends(item), strict=True)),
                    " / ".join(dict.fromkeys(item["genres"])),
                    ", ".join(item["sources"]),
                    f"{item['distance']:.2f}",
                )
            )
            for item in found
        ]
        head = ("song", "is, or all but is", "genres", "alike in", "distance")
        yield from table(head, rows, numbers=(4,))


def _ends(item: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    return item["corpora"], item["songs"]


def _pairs(results: Sequence[_Result]) -> dict[tuple[str, str], list[tuple[_Result, _Result]]]:
    """By corpora trained and tested on, (abroad, home) of each learner, best abroad first."""
    home = {
        (item["other"], item["tested_on"], item["sets"], item["learner"]): item
        for item in results
        if item["other"]
    }
    found: dict[tuple[str, str], list[tuple[_Result, _Result]]] = {}
    for item in results:
        if not item["other"]:
            key = (item["trained_on"], item["tested_on"])
            found.setdefault(key, []).append((item, home[*key, item["sets"], item["learner"]]))
    return {key: sorted(rows, key=lambda row: -_recall(row[0])) for key, rows in found.items()}


def _pair_note(rows: Sequence[tuple[_Result, _Result]]) -> str:
    abroad, home = rows[0]
    lost = [_recall(there) - _recall(here) for there, here in rows]
    genres = ", ".join(item["genre"] for item in abroad["scores"]["genres"])
    return (
        f"{len(abroad['scores']['genres'])} genres ({genres}); {abroad['songs'][0]} songs trained "
        f"on abroad, {home['songs'][0]} at home, {abroad['songs'][1]} tested. Over the {len(rows)} "
        f"models the change of corpus costs {points(-sum(lost) / len(lost)).lstrip('+')} points of "
        f"macro recall in the mean, {points(-max(lost)).lstrip('+')} at the least and "
        f"{points(-min(lost)).lstrip('+')} at the most."
    )


def _cells(abroad: _Result, home: _Result) -> tuple[str, ...]:
    return (
        abroad["sets"],
        abroad["learner"],
        with_interval(Interval(**abroad["scores"]["macro_recall"])),
        with_interval(Interval(**home["scores"]["macro_recall"])),
        points(_recall(abroad) - _recall(home)),
        percent(_error(abroad)),
        percent(_error(home)),
    )


def _recall(result: _Result) -> float:
    return float(result["scores"]["macro_recall"]["value"])


def _error(result: _Result) -> float:
    return float(result["scores"]["calibration_error"]["value"])
