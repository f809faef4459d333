"""Tags of Matroska as bytes: SimpleTags within Tags, each of what its targets are.

Fields are those of the whole file, and of its track of sound where there is just one: that is what
players show as the song's. A field is all SimpleTags of its name there, whatever their level (track
or album); an artist and a title are first the track's. The first of several values stands last in
its tag: that is the one that ffmpeg shows, and with it many players. Elements that are not replaced
keep their bytes and their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from genrescope.errors import DataError
from genrescope.library.formats.fields import CUSTOM, Fields, Part, add, custom_name
from genrescope.library.formats.matroska.ebml import (
    Node,
    element,
    is_checked,
    master,
    number_bytes,
    parts,
)
from genrescope.library.formats.matroska.segment import TAGS

_TAG, _TARGETS, _SIMPLE = 0x7373, 0x63C0, 0x67C8
_LEVEL, _KIND = 0x68CA, 0x63CA  # of targets: 30 is a track, 50 an album; and that as a word
_TRACK_UID, _OTHER_UIDS = 0x63C5, (0x63C9, 0x63C4, 0x63C6)
_NAME, _STRING, _BINARY = 0x45A3, 0x4487, 0x4485
_TRACK, _ALBUM = 30, 50
_KEYS = {"genre": "GENRE", "album": "ALBUM", "comment": "COMMENT"}
_FIELDS = {key: field for field, key in _KEYS.items()}
_BY_LEVEL = {"ARTIST": "artist", "TITLE": "title"}


@dataclass(frozen=True)
class Tag:
    """SimpleTags of one target.

    Attributes:
        nodes: targets and SimpleTags, and what else there is.
        checked: whether a checksum is kept.
    """

    nodes: tuple[Node, ...]
    checked: bool = False

    @property
    def targets(self) -> list[Node]:
        """What it is of."""
        return [part for node in self.nodes if node.id == _TARGETS for part in parts(node.body)]

    @property
    def level(self) -> int:
        """30 for a track, 50 for an album; 0 where that is not declared."""
        return next((part.number for part in self.targets if part.id == _LEVEL), 0)

    def is_of(self, uid: int) -> bool:
        """Whether it is of the whole file or of the track of this number."""
        return all(
            part.number in ((0, uid) if part.id == _TRACK_UID else (0,))
            for part in self.targets
            if part.id in (_TRACK_UID, *_OTHER_UIDS)
        )

    @property
    def is_plain(self) -> bool:
        """Whether players show its SimpleTags by their names alone, as the file's."""
        return self.is_of(0) and all(part.id != _KIND for part in self.targets)

    def render(self) -> bytes:
        """Its bytes."""
        return master(_TAG, (node.raw for node in self.nodes), checked=self.checked)


@dataclass(frozen=True)
class Tags:
    """All tags of a file.

    Attributes:
        items: each a tag, or an element of another kind.
        uid: number of the track of sound, 0 where there is not just one.
        checked: whether a checksum is kept.
    """

    items: tuple[Tag | Node, ...] = ()
    uid: int = 0
    checked: bool = False

    @property
    def own(self) -> list[Tag]:
        """The tags of the song."""
        return [item for item in self.items if isinstance(item, Tag) and item.is_of(self.uid)]

    def render(self) -> bytes:
        """Their bytes; none where there are no tags."""
        inner = (item.raw if isinstance(item, Node) else item.render() for item in self.items)
        return master(TAGS, inner, checked=self.checked) if self.items else b""


def parse(contents: Sequence[bytes], uid: int) -> Tags:
    """The tags in the contents of elements `Tags`.

    Raises:
        DataError: they are damaged.
    """
    items: list[Tag | Node] = []
    for node in (node for data in contents for node in parts(data)):
        if node.id == _TAG:
            items.append(Tag(tuple(parts(node.body)), is_checked(node.body)))
        else:
            items.append(node)
    checked = [is_checked(data) for data in contents]
    return Tags(tuple(items), uid, any(checked))


def fields(tags: Tags) -> Fields:
    """The text fields, those of a track before those of an album; equal values count once."""
    found: Fields = {}
    for tag in sorted(tags.own, key=lambda tag: tag.level or _ALBUM):
        for key, value in _first_values_first(tag):
            field = _field(key, tag.level)
            if value.strip() not in found.get(field, ()) and not _is_taken(found, key, field):
                add(found, field, [value])
    return found


def replace_field(tags: Tags, field: str, values: tuple[str, ...]) -> Tags:
    """The tags with one field's SimpleTags replaced.

    Raises:
        DataError: the field has no name.
    """
    key = _key(field)
    if not key:
        raise DataError("a field needs a name", remedy="give custom:NAME")
    home = _home(tags, key)
    new = [_made(_spelled(home, key), value) for value in values[1:] + values[:1]]
    items = [_replaced(tags, item, key, new if item is home else []) for item in tags.items]
    if new and home is None:
        target = element(_TARGETS, element(_LEVEL, number_bytes(_TRACK)))
        items.append(Tag(tuple(parts(target + b"".join(node.raw for node in new)))))
    return replace(tags, items=tuple(item for item in items if item is not None))


def others(tags: Tags, field: str) -> list[Part]:
    """Every other SimpleTag with what it is of, and all elements that are none."""
    key, found = _key(field), list[Part]()
    for item in tags.items:
        if isinstance(item, Node):
            found.append((f"element {item.id:x}", item.raw))
            continue
        targets = b"".join(part.raw for part in item.targets)
        kept = [node for node in item.nodes if node.id != _TARGETS]
        if item.is_of(tags.uid):
            kept = [part for node in kept for part in _rest(node, key)]
        found += [(_name(node) or f"element {node.id:x}", targets + node.raw) for node in kept]
    return found


def _rest(node: Node, key: str) -> list[Node]:
    """What is to be kept of a part of the song's tag: of one of the field, what is within it."""
    if not _is_named(node, key):
        return [node]
    return [part for part in parts(node.body) if part.id == _SIMPLE]


def _home(tags: Tags, key: str) -> Tag | None:
    """The tag to which values of a field belong; None where there is none yet."""
    plain = [tag for tag in tags.own if tag.is_plain]
    holders = [tag for tag in plain if any(_is_named(node, key) for node in tag.nodes)]
    tracks = [tag for tag in plain if tag.level == _TRACK]
    albums = [tag for tag in plain if tag.level in (0, _ALBUM)]
    return next(iter(holders + tracks + albums), None)


def _replaced(tags: Tags, item: Tag | Node, key: str, new: list[Node]) -> Tag | Node | None:
    """A tag with other values of a field; None where nothing is left of it."""
    if isinstance(item, Node) or not item.is_of(tags.uid):
        return item
    old = [index for index, node in enumerate(item.nodes) if _is_named(node, key)]
    if not old and not new:
        return item
    nodes = [node for node in item.nodes if not _is_named(node, key)]
    place = old[0] if old else len(nodes)
    nodes[place:place] = new
    left = any(node.id != _TARGETS for node in nodes)
    return replace(item, nodes=tuple(nodes)) if left else None


def _first_values_first(tag: Tag) -> list[tuple[str, str]]:
    """Name and text of each SimpleTag that has one, the last of a name before the others of it."""
    found: dict[str, list[str]] = {}
    for key, text in _texts(tag):
        found.setdefault(key, []).append(text)
    return [(key, text) for key, texts in found.items() for text in texts[-1:] + texts[:-1]]


def _texts(tag: Tag) -> Iterator[tuple[str, str]]:
    """Name and text of each SimpleTag that has one."""
    for node in tag.nodes:
        for part in parts(node.body) if node.id == _SIMPLE else ():
            if part.id == _STRING:
                yield _name(node), part.text


def _is_named(node: Node, key: str) -> bool:
    """Whether a node is a SimpleTag of a name, and no binary one."""
    if node.id != _SIMPLE or _name(node) != key:
        return False
    return all(part.id != _BINARY for part in parts(node.body))


def _name(node: Node) -> str:
    """The name of a SimpleTag in capitals; empty where it is none or has none."""
    return _spelling(node).upper()


def _spelling(node: Node) -> str:
    inner = parts(node.body) if node.id == _SIMPLE else ()
    return next((part.text for part in inner if part.id == _NAME), "")


def _spelled(home: Tag | None, key: str) -> str:
    """A name as the field has it already."""
    names = (_spelling(node) for node in (home.nodes if home else ()) if _is_named(node, key))
    return next(names, key)


def _made(name: str, value: str) -> Node:
    inner = element(_NAME, name.encode()), element(_STRING, value.encode())
    return parts(master(_SIMPLE, inner))[0]


def _field(key: str, level: int) -> str:
    """The field that a SimpleTag is of; an album's title is the album."""
    if key == "TITLE" and level == _ALBUM:
        return "album"
    return _BY_LEVEL.get(key) or _FIELDS.get(key) or CUSTOM + key


def _is_taken(found: Fields, key: str, field: str) -> bool:
    """Whether an earlier level has named who or what this is."""
    return (key in _BY_LEVEL) and field in found


def _key(field: str) -> str:
    return _KEYS.get(field) or custom_name(field).upper()
