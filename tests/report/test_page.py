import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from genrescope.benchmark.published import PublishedScore
from genrescope.featuresets import FEATURE_SETS
from genrescope.report.genre_means import genre_means
from genrescope.report.page import write_report
from genrescope.report.wording import nats, percent
from genrescope.taxonomy.vocabulary import GTZAN

GENRES = GTZAN.genres[:3]
VOID = {"meta", "br", "wbr", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """The page's elements, checked to be well nested, with the text inside tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[dict[str, list]] = []
        self.text: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == "table":
            self.tables.append({"caption": [], "rows": []})
        if tag == "tr":
            self.tables[-1]["rows"].append([])
        if tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)
        if "caption" in self.open:
            self.tables[-1]["caption"].append(data)
        elif "td" in self.open or "th" in self.open:
            self.tables[-1]["rows"][-1][-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def written(path: Path, records, **options) -> str:
    defaults = {"title": "Title", "introduction": "One.\n\nTwo.", "published": ()}
    write_report(path, records, **{**defaults, **options})
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def records(make_record):
    return [
        make_record("rp", "student", "student", seed=1),
        make_record("rp", "compressed", "improved", seed=2, skill=1.8),
        make_record("ssd", "svm_rbf", "baseline", seed=3),
    ]


@pytest.fixture(scope="module")
def typical(make_table):
    return [genre_means(make_table(name), GENRES) for name in ("rp", "rh", "jmir_lpc")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, records, typical):
    """A page with everything on it."""
    return written(tmp_path_factory.mktemp("page") / "report.html", records, typical=typical)


def test_every_record_is_in_the_tables_and_has_a_fold(whole, records):
    page = Page(whole)
    results = page.tables[0]["rows"]
    assert [row[0].split() for row in results[1:]] == [
        ["rp", "student"],
        ["rp", "compressed"],
        ["ssd", "svm_rbf"],
    ]
    folds = [a for a in page.all("details") if a.get("class") == "record"]
    assert len(folds) == len(records)
    keys = {a["id"] for a in page.all("div") if "id" in a}
    assert {"r1", "r2", "r3"} <= keys


def test_numbers_are_those_of_the_record(whole, records):
    page = Page(whole)
    for record, row in zip(records, page.tables[0]["rows"][1:], strict=True):
        s = record.scores
        cells = [re.sub(r"\s+", " ", cell).strip() for cell in row]

        def spanned(interval, worded):
            return f"{worded(interval.value)}{worded(interval.low)}–{worded(interval.high)}"

        assert cells[1:10] == [
            spanned(s.macro_recall, percent),
            spanned(s.accuracy, percent),
            percent(s.majority_rate),
            spanned(s.macro_f1, percent),
            spanned(s.log_loss, nats),
            nats(s.uniform_log_loss),
            nats(s.prior_entropy),
            spanned(s.top3, percent),
            spanned(s.calibration_error, percent),
        ]


def test_three_rules_stand_beside_a_skewed_test_part(tmp_path, make_record, make_rules):
    skewed = make_record("ssd", "perceptron", rules=make_rules())
    page = Page(written(tmp_path / "report.html", [make_record("rp"), skewed]))
    (table,) = (t for t in page.tables if "three rules" in "".join(t["caption"]))
    (row,) = table["rows"][1:]
    rules, s = skewed.rules, skewed.scores

    def spanned(interval, worded):
        return f"{worded(interval.value)}{worded(interval.low)}–{worded(interval.high)}"

    assert row[0].split() == ["ssd", "perceptron"]
    assert row[1:] == [
        spanned(rules[0].macro_recall, percent),
        *(spanned(rule.accuracy, percent) for rule in rules),
        percent(s.majority_rate),
        *(spanned(rule.log_loss, nats) for rule in rules),
        nats(s.prior_entropy),
        percent(rules[2].shares_off),
    ]
    assert len(table["rows"][0]) == len(row)


def test_without_a_skewed_test_part_there_are_no_rules(whole):
    assert "three rules" not in whole


def test_confusion_matrices_are_those_of_the_records(whole, records):
    page = Page(whole)
    found = [t for t in page.tables if "predicted as" in "".join(t["caption"])]
    for record, table in zip(records, found, strict=True):
        counts = tuple(tuple(int(cell) for cell in row[1:]) for row in table["rows"][1:])
        assert counts == record.scores.confusion


def test_recalls_by_genre_are_those_of_the_records(whole, records):
    page = Page(whole)
    table = next(t for t in page.tables if "Recall of each genre" in "".join(t["caption"]))
    for record, row in zip(records, table["rows"][1:], strict=True):
        assert row[1:] == [percent(score.recall, 0) for score in record.scores.genres]


def test_every_table_has_a_caption_and_every_drawing_a_label(whole):
    page = Page(whole)
    assert all("".join(table["caption"]).strip() for table in page.tables)
    drawings = page.all("svg")
    # Two learning curves of two networks, three reliability curves, two pictured sets.
    assert len(drawings) == 2 * 2 + 3 + 2 * len(GENRES)
    assert all(a["role"] == "img" and len(a["aria-label"]) > 20 for a in drawings)


def test_sets_that_make_no_picture_become_a_table(whole, typical):
    lpc = typical[2]
    table = next(t for t in Page(whole).tables if "jMIR LPC" in "".join(t["caption"]))
    assert [row[0] for row in table["rows"][1:]] == list(FEATURE_SETS["jmir_lpc"].columns)
    shown = [[float(cell.replace("−", "-")) for cell in row[1:]] for row in table["rows"][1:]]
    assert np.abs(lpc.differences.T - np.array(shown)).max() < 0.0501


def test_names_in_the_page_are_unique_and_every_reference_finds_one(whole):
    page = Page(whole)
    names = [a["id"] for _, a in page.elements if "id" in a]
    assert len(names) == len(set(names))
    used = {a["href"] for _, a in page.elements if (a.get("href") or "").startswith("#")}
    used |= {f"#{name}" for name in re.findall(r"url\(#([^)]+)\)", whole)}
    assert used <= {f"#{name}" for name in names}


def test_nothing_is_fetched(whole):
    page = Page(whole)
    assert "http://" not in whole
    assert "https://" not in whole
    for _, attributes in page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "data"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:image/png"))
    assert not {"link", "iframe", "object", "img"} & {name for name, _ in page.elements}
    assert "@import" not in whole
    assert "default-src 'none'" in whole


def test_hostile_names_are_shown_and_never_obeyed(tmp_path, make_record):
    hostile = "<script>alert('x')</script>\"&"
    genres = (*GTZAN.genres[:9], hostile)
    record = make_record(
        learner=hostile,
        genres=genres,
        command=hostile,
        dataset=hostile,
        warnings=(hostile,),
        versions={hostile: hostile},
        notes={hostile: [hostile]},
    )
    score = PublishedScore(hostile, hostile, hostile, hostile, hostile, 0.5, False, hostile)
    text = written(
        tmp_path / "report.html",
        [record],
        title=hostile,
        introduction=hostile,
        published=[score],
        command=hostile,
    )
    page = Page(text)
    assert len(page.all("script")) == 1
    assert "<script>alert" not in text
    assert "".join(page.text).count(hostile) > 10


def test_comparable_numbers_stand_beside_and_others_apart(tmp_path, make_record):
    same = PublishedScore("A 2001", "rp", "SVM", "stratified 5-fold", "accuracy", 0.649, True)
    other = PublishedScore("B 2002", "rp", "kNN", "stratified 10-fold", "accuracy", 0.512, True)
    never = PublishedScore("C 2003", "rp", "CNN", "stratified 5-fold", "accuracy", 0.987, False)
    page = Page(
        written(tmp_path / "report.html", [make_record("rp")], published=[same, other, never])
    )
    beside = page.tables[0]["rows"][1][-1]
    assert "64.9" in beside
    assert "51.2" not in beside
    assert "98.7" not in beside
    apart = next(t for t in page.tables if "not comparable" in "".join(t["caption"]))
    assert [row[4] for row in apart["rows"][1:]] == ["51.2", "98.7"]


def test_protocols_never_share_a_table(tmp_path, make_record):
    records = [make_record(seed=1), make_record(seed=2, protocol="fault-filtered split")]
    page = Page(written(tmp_path / "report.html", records))
    captions = ["".join(table["caption"]) for table in page.tables]
    assert sum("Macro recall is the" in caption for caption in captions) == 2


def test_undefined_scores_are_dashes(tmp_path, make_record):
    record = make_record("rp", "svm", "baseline", seconds=float("nan"))
    scores = record.scores
    silent = [
        type(g)(g.genre, 0, 0, None, None, None) if g.genre == "rock" else g for g in scores.genres
    ]
    bins = tuple(type(b)(b.low, b.high, 0, None, None) for b in scores.reliability)
    changed = type(scores)(**{**vars(scores), "genres": tuple(silent), "reliability": bins})
    page = Page(written(tmp_path / "report.html", [make_record(scores=changed, histories=())]))
    assert page.tables[1]["rows"][1][-1] == "–"
    assert "".join(page.text).count("NaN") == 0


def test_the_page_is_the_same_every_time(tmp_path, whole, records, typical):
    assert written(tmp_path / "again.html", records, typical=typical) == whole


def test_a_page_is_replaced_whole_or_not_at_all(tmp_path, make_record, make_table):
    path = tmp_path / "deep" / "report.html"
    records = [make_record(kind="baseline", learner="svm_rbf")]
    written(path, records)
    before = path.read_bytes()
    broken = genre_means(make_table("rp"), GTZAN.genres)
    object.__setattr__(broken, "means", broken.means[:, :7])
    with pytest.raises(ValueError, match="reshape"):
        written(path, records, typical=[broken])
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == ["report.html"]


def test_an_ensemble_of_all_sets_is_named_briefly_and_listed_in_full(tmp_path, make_record):
    record = make_record(
        "rp", "mean of sets", "ensemble", feature_sets=tuple(FEATURE_SETS), parameters=None
    )
    text = "".join(Page(written(tmp_path / "report.html", [record])).text)
    assert "13 sets" in text
    assert all(item.title in text for item in FEATURE_SETS.values())
