"""Every format, every field: written, read by mutagen and ffprobe, taken back byte for byte."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import mutagen
import mutagen.apev2
import mutagen.asf
import mutagen.id3
import mutagen.mp4
import pytest

from ebmltrees import clusters, faults, simple_tags
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.rows.own_fields import OwnField, own_name
from genrescope.library.tagging.tagfile import read_tags
from genrescope.library.tagging.undo import undo
from tagged_songs import KINDS, MATROSKA, make_song

VALUES = {
    "genre": ("Rock & Roll", "Psychedelic Rock", "Ünïcode 日本"),
    "mood": ("Happy", "Sommerlich warm"),
    "comment": ("a word; and another",),
    "custom:OURS": ("one",),
    own_name("genre"): (OwnField({"Rock & Roll": 0.91}, "genre", "full").to_text(),),
    own_name("style"): (OwnField({"Psychedelic Rock": 0.62}, "", "full").to_text(),),
    own_name("mood"): (OwnField({"Happy": 0.7}, "mood", "full").to_text(),),
}
OLD_ID3 = b"ID3\3"  # room for one value a field
NOT_BY_FFPROBE = ("a.dff", "a.wav")  # ffprobe 5 shows no text of ID3 in WAV; newer ones do


def keys_of(tags: object, field: str) -> str:
    """The key under which mutagen has a field."""
    name = field.partition(":")[2]
    if isinstance(tags, mutagen.mp4.MP4Tags):
        plain = {"genre": "\xa9gen", "comment": "\xa9cmt"}.get(field)
        return plain or f"----:com.apple.iTunes:{name or 'MOOD'}"
    if isinstance(tags, mutagen.asf.ASFTags):
        mood = "WM/Mood" if "WM/Mood" in tags else "MOOD"
        return {"genre": "WM/Genre", "comment": "Description", "mood": mood}.get(field, name)
    return name or field


def by_mutagen(path: Path, field: str) -> list[str]:
    """What mutagen shows; of Matroska, which it does not support, what another reader does."""
    if path.suffix in MATROSKA:
        found = simple_tags(path.read_bytes())
        values = found.get((field.partition(":")[2] or field).upper(), [])
        return values[-1:] + values[:-1]  # the first stands last
    tags = mutagen.File(path).tags
    if isinstance(tags, mutagen.id3.ID3):
        if field == "mood" and not tags.getall("TMOO"):
            field = "custom:MOOD"
        names = {"genre": "TCON", "mood": "TMOO", "comment": "COMM"}
        found = tags.getall(names.get(field, f"TXXX:{field.partition(':')[2]}"))
        plain = [frame for frame in found if field != "comment" or not frame.desc]
        return [value for frame in plain for value in getattr(frame, "genres", frame.text)]
    values = tags.get(keys_of(tags, field), [])
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def by_ffprobe(path: Path) -> dict[str, str]:
    command = ["ffprobe", "-v", "error", "-of", "json", "-select_streams", "a"]
    command += ["-show_entries", "format_tags:stream_tags"]
    done = subprocess.run([*command, str(path)], capture_output=True, check=True)
    found = json.loads(done.stdout)
    layers = [found.get("format", {}), *found.get("streams", [])]
    return {key.upper(): value for layer in layers for key, value in layer.get("tags", {}).items()}


def check(path: Path, field: str, values: tuple[str, ...]) -> None:
    """See that all readers show the values."""
    joined = ("/" if field != "comment" else "; ").join(values)
    expected = [joined] if path.read_bytes().startswith(OLD_ID3) else list(values)
    assert list(read_tags(path).values(field)) == expected
    assert by_mutagen(path, field) == expected
    if path.name not in NOT_BY_FFPROBE and shutil.which("ffprobe"):
        shown = by_ffprobe(path)
        names = {"mood": ("MOOD", "TMOO", "WM/MOOD")}.get(field, (field.partition(":")[2],))
        names = names if names[0] else (field.upper(),)
        text = next((shown[name] for name in names if name in shown), f"nothing: {shown}")
        assert any(value in text for value in values), (text, values)


def written(folder: Path, kind: str, fields: tuple[str, ...], *, tagged: bool) -> None:
    """Write fields of a song in one step, look at them, and take them back."""
    path = make_song(folder, kind, tagged=tagged, seconds=0.3)
    before, sound, old = path.read_bytes(), audio_hash(path), read_tags(path)
    rows = [PlanRow(kind, name, old.values(name), VALUES[name], "replace") for name in fields]
    applied = apply_plan(rows, folder, journals=folder.parent / "journals")
    assert [outcome.status for outcome in applied.outcomes] == ["written"], applied.outcomes
    assert audio_hash(path) == sound
    for name in fields:
        check(path, name, VALUES[name])
    if path.suffix in MATROSKA:
        assert faults(path.read_bytes()) == []
        assert clusters(path.read_bytes()) == clusters(before)
    new = read_tags(path)
    assert (new.title, new.album, new.artist) == (old.title, old.album, old.artist)
    assert undo(journals=folder.parent / "journals").count("restored") == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", KINDS)
def test_all_fields_at_once(tmp_path: Path, kind: str) -> None:
    (tmp_path / "music").mkdir()
    written(tmp_path / "music", kind, tuple(VALUES), tagged=True)


@pytest.mark.slow
@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("tagged", [True, False], ids=["tagged", "bare"])
@pytest.mark.parametrize("field", VALUES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_field_by_itself(tmp_path: Path, kind: str, field: str, tagged: bool) -> None:
    (tmp_path / "music").mkdir()
    written(tmp_path / "music", kind, (field,), tagged=tagged)
