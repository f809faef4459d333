"""The published files of the Million Song Dataset Benchmarks, fetched or copied into a folder."""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from genrescope.data.corpora.catalogue import Item
from genrescope.data.corpora.msd_files import CLS_SUFFIXES, find_feature_files, find_file
from genrescope.errors import DataError, GenrescopeError, UsageError
from genrescope.files.atomic import atomic_write
from genrescope.files.fetch import UnreachableError, fetch
from genrescope.progress import Progress, Report

PUBLISHED = "https://www.ifs.tuwien.ac.at/mir/msd/"
_PAGE = "download.html"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """What became of one item: `path` where it is here, `error` where it failed."""

    item: Item
    path: Path | None
    fresh: bool = False
    error: str | None = None


def download(
    items: Sequence[Item],
    output: Path,
    *,
    base_url: str = PUBLISHED,
    folder: Path | None = None,
    started: Callable[[Item], Report] | None = None,
    finished: Callable[[Outcome], None] | None = None,
    pause: float = 1.0,
) -> list[Outcome]:
    """Fetch `items` into `output`; one that fails does not stop the others.

    Files that are there already are left alone. Zip archives of feature files are unpacked,
    since they cannot be read as they are.

    Args:
        items: what to fetch.
        output: folder to put the files in; made where missing.
        base_url: address that stands in for the published one.
        folder: take the files from here, not over the network.
        started: called with each item to fetch; gives what is called with its progress.
        finished: called with each outcome.
        pause: seconds to wait after a first failure, see `fetch`.

    Raises:
        UsageError: `base_url` is not an http address, or `folder` is not a folder.
    """
    if urlsplit(base_url).scheme not in ("http", "https"):
        raise UsageError(f"'{base_url}' is not an http address", remedy="for a folder, see --from")
    if folder is not None and not folder.is_dir():
        raise UsageError("no such folder", place=folder)
    output.mkdir(parents=True, exist_ok=True)
    source = _Web(base_url, pause) if folder is None else _Folder(folder)
    outcomes = []
    for item in items:
        outcomes.append(_fetch_item(item, source, output, started))
        if finished:
            finished(outcomes[-1])
    return outcomes


def _fetch_item(
    item: Item,
    source: _Web | _Folder,
    output: Path,
    started: Callable[[Item], Report] | None,
) -> Outcome:
    if here := _find(item, output):
        return Outcome(item, here)
    try:
        path = source.fetch(item, output, started(item) if started else None)
        if item.kind == "features":
            path = _as_feature_file(path, item.stem)
    except (GenrescopeError, OSError) as error:
        return Outcome(item, None, error=str(error))
    return Outcome(item, path, fresh=True)


def _find(item: Item, folder: Path) -> Path | None:
    """The item where it is in `folder` already, features also as a store."""
    if item.kind == "features":
        return find_feature_files(folder).get(item.name)
    return find_file(folder, item.stem, CLS_SUFFIXES)


class _Web:
    """The published pages, or a mirror of them."""

    def __init__(self, base_url: str, pause: float) -> None:
        self.base_url = base_url if base_url.endswith("/") else f"{base_url}/"
        self.pause = pause
        self.unreachable: dict[str, str] = {}
        self.page_error: str | None = None
        self._links: list[str] | None = None

    def fetch(self, item: Item, output: Path, progress: Report | None) -> Path:
        """Fetch `item` into `output`."""
        url, name = self._address(item)
        host = urlsplit(url).netloc
        if host in self.unreachable:
            raise DataError(self.unreachable[host], place=url)
        try:
            fetch(url, output / name, progress=progress, pause=self.pause)
        except UnreachableError as error:
            self.unreachable[host] = error.message
            raise
        return _no_web_page(output / name, url)

    def _address(self, item: Item) -> tuple[str, str]:
        """(address, file name): what the page links to, else the published place."""
        for suffix in item.suffixes:
            pattern = re.compile(rf"(?<![\w.-]){re.escape(item.stem + suffix)}(?![\w.-])", re.I)
            for link in self.links():
                if pattern.search(unquote(link)):
                    return link, item.stem + suffix
        if item.path is None:
            reason = self.page_error or "the page has no link to it"
            remedy = "fetch it by hand and see --from, or name a mirror with --base-url"
            raise DataError(f"{item.stem}: {reason}", place=self.base_url + _PAGE, remedy=remedy)
        url = urljoin(self.base_url, item.path)
        return url, unquote(urlsplit(url).path.rpartition("/")[2])

    def links(self) -> list[str]:
        """Addresses on the download page or, where there is none, in the base's own listing."""
        if self._links is None:
            self._links = []
            for page in (self.base_url + _PAGE, self.base_url):
                try:
                    self._links = _links_of(page, self.pause)
                    break
                except UnreachableError as error:
                    self.unreachable[urlsplit(page).netloc] = self.page_error = error.message
                    break
                except DataError as error:
                    self.page_error = self.page_error or error.message
        return self._links


def _no_web_page(path: Path, url: str) -> Path:
    """The file, unless it is a page that explains why there is none: such servers exist."""
    with path.open("rb") as handle:
        if not handle.read(64).lstrip().startswith(b"<"):
            return path
    path.unlink()
    raise DataError("a web page instead of the file", place=url, remedy="look at it in a browser")


class _Folder:
    """A folder of files that somebody fetched already."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def fetch(self, item: Item, output: Path, progress: Report | None) -> Path:
        """Copy `item` into `output`."""
        found = find_file(self.root, item.stem, item.suffixes)
        if found is None:
            raise DataError(f"no {item.stem} in the folder", place=self.root)
        target = output / found.name
        with found.open("rb") as handle:
            _write(handle.read, target, found.stat().st_size, progress)
        return target


class _Links(HTMLParser):
    """Collects what the anchors of a page link to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the target of an anchor."""
        self.found += [value for name, value in attrs if (tag, name) == ("a", "href") and value]


def _links_of(page: str, pause: float) -> list[str]:
    """The http addresses that a page links to."""
    parser = _Links()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "page.html")
        fetch(page, copy, pause=pause)
        parser.feed(copy.read_text("utf-8", "replace"))
    links = [quote(urljoin(page, link), safe="%/:?#[]@!$&'()*+,;=~") for link in parser.found]
    return [link for link in links if urlsplit(link).scheme in ("http", "https")]


def _as_feature_file(path: Path, stem: str) -> Path:
    """The file as our reader takes it: a zip's one ARFF file unpacked, `.gz` called `.arff.gz`."""
    if path.suffix == ".gz" and not path.name.endswith(".arff.gz"):
        return path.rename(path.with_name(f"{stem}.arff.gz"))
    if path.suffix != ".zip":
        return path
    target = path.with_name(f"{stem}.arff")
    try:
        with zipfile.ZipFile(path) as archive:
            members = [item for item in archive.infolist() if item.filename.endswith(".arff")]
            if len(members) != 1:
                remedy = "unpack it by hand and keep the right one"
                raise DataError(f"{len(members)} ARFF files in it", place=path, remedy=remedy)
            # Only the contents are used: a member's own path never becomes ours.
            with archive.open(members[0]) as member:
                _write(member.read, target, members[0].file_size, None)
    except (zipfile.BadZipFile, zlib.error) as error:
        remedy = "delete it and run the same command again"
        raise DataError(f"damaged archive: {error}", place=path, remedy=remedy) from error
    path.unlink()
    return target


def _write(read: Callable[[int], bytes], target: Path, size: int, progress: Report | None) -> None:
    """Write what `read` gives to `target`, under its name only once it is whole."""
    if size > shutil.disk_usage(target.parent).free:
        raise DataError(f"{size:,} bytes do not fit on the disk", place=target)
    done = 0
    with atomic_write(target) as part:
        with part.open("wb") as handle:
            while chunk := read(_CHUNK):
                done += handle.write(chunk)
                if progress:
                    progress(Progress(done, size))
        if done != size:
            raise DataError(f"{done:,} of {size:,} bytes", place=target, remedy="run it again")
