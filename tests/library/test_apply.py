"""Plans carried out on real files, and what is refused."""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from children import child
from genrescope.errors import UsageError
from genrescope.library.sound.audiohash import audio_hash
from genrescope.library.tagging import apply, replacing
from genrescope.library.tagging.apply import apply_plan
from genrescope.library.tagging.journal import new_journal, read_run, run_names
from genrescope.library.tagging.plan import PlanRow
from genrescope.library.tagging.tagfile import other_tags, read_tags
from genrescope.library.tagging.verifying import Verifier
from tagged_songs import KINDS, make_song


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for kind in KINDS:
        make_song(folder, kind)
    return folder


@pytest.fixture
def music(originals, tmp_path) -> Path:
    return Path(shutil.copytree(originals, tmp_path / "music"))


@pytest.fixture
def journals(tmp_path) -> Path:
    return tmp_path / "journals"


def row(path="a.flac", new=("Jazz",), old=("Rock",), action="replace", field="genre") -> PlanRow:
    return PlanRow(path, field, old, new, action)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def refusal(applied) -> tuple[str, str]:
    (outcome,) = applied.outcomes
    assert outcome.status == "refused"
    return outcome.why, outcome.remedy


def test_all_formats_are_written_and_nothing_else_changes(music, journals):
    before = {kind: (audio_hash(music / kind), other_tags(music / kind, "genre")) for kind in KINDS}
    there = names(music)
    seen = []
    applied = apply_plan(
        [row(kind, ("Jazz", "Dub")) for kind in KINDS],
        music,
        journals=journals,
        report=lambda done, total, outcome: seen.append((done, total, outcome.path)),
    )
    assert applied.count("written") == len(KINDS)
    assert seen == [(number + 1, len(KINDS), kind) for number, kind in enumerate(KINDS)]
    assert names(music) == there
    for kind in KINDS:
        path = music / kind
        expected = ("Jazz/Dub",) if kind == "v23.mp3" else ("Jazz", "Dub")
        assert read_tags(path).genres == expected
        assert (audio_hash(path), other_tags(path, "genre")) == before[kind]
    again = apply_plan([row(kind, ("Jazz", "Dub")) for kind in KINDS], music, journals=journals)
    assert again.count("unchanged") == len(KINDS)


@pytest.mark.usefixtures("one_verifier")
@pytest.mark.parametrize("kind", KINDS)
def test_appending_keeps_what_is_there(music, journals, kind):
    planned = row(kind, ("Jazz", "rock"), action="append")
    assert apply_plan([planned], music, journals=journals).count("written") == 1
    expected = ("Rock/Jazz",) if kind == "v23.mp3" else ("Rock", "Jazz")
    assert read_tags(music / kind).genres == expected
    assert apply_plan([planned], music, journals=journals).count("unchanged") == 1


def test_fields_of_one_file_are_written_together(music, journals):
    rows = [row(), row(field="comment", old=("a comment",), new=("new",))]
    rows.append(row(field="custom:OURS", old=(), new=("0.9",)))
    applied = apply_plan(rows, music, journals=journals)
    assert [outcome.status for outcome in applied.outcomes] == ["written"]
    tags = read_tags(music / "a.flac")
    assert (tags.genres, tags.comment, tags.values("custom:ours")) == (
        ("Jazz",),
        ("new",),
        ("0.9",),
    )
    assert len(read_run(applied.run, journals).changes) == 1


def test_a_field_can_be_emptied(music, journals):
    assert apply_plan([row(new=())], music, journals=journals).count("written") == 1
    assert read_tags(music / "a.flac").genres == ()


def test_rows_to_be_skipped_are(music, journals):
    assert apply_plan([row(action="skip")], music, journals=journals).outcomes == []
    assert run_names(journals) == []


def test_a_plan_made_before_the_tag_changed_is_refused(music, journals):
    before = (music / "a.flac").read_bytes()
    why, remedy = refusal(apply_plan([row(old=("Pop",))], music, journals=journals))
    assert why == "its genre is now 'Rock', not 'Pop'"
    assert remedy.startswith("plan again")
    assert (music / "a.flac").read_bytes() == before


def test_permissions_times_and_attributes_stay(music, journals):
    path = music / "a.flac"
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18))
    try:
        os.setxattr(path, "user.mood", b"calm")
    except OSError:
        pytest.skip("no extended attributes here")
    apply_plan([row()], music, journals=journals, keep_times=True)
    found = path.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_mtime_ns) == (0o640, 10**18)
    assert os.getxattr(path, "user.mood") == b"calm"
    apply_plan([row(old=("Jazz",), new=("Pop",))], music, journals=journals)
    assert path.stat().st_mtime_ns > 10**18


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays(music, journals):
    os.chown(music / "a.flac", 1234, 2345)
    apply_plan([row()], music, journals=journals)
    found = (music / "a.flac").stat()
    assert (found.st_uid, found.st_gid) == (1234, 2345)


def test_a_link_stays_and_its_target_is_written(music, journals, tmp_path):
    target = Path(shutil.move(music / "a.flac", tmp_path / "target.flac"))
    (music / "a.flac").symlink_to(target)
    assert apply_plan([row()], music, journals=journals).count("written") == 1
    assert (music / "a.flac").is_symlink()
    assert read_tags(target).genres == ("Jazz",)


def test_hard_links_are_broken_only_on_request(music, journals, tmp_path):
    (tmp_path / "seed.flac").hardlink_to(music / "a.flac")
    why, remedy = refusal(apply_plan([row()], music, journals=journals))
    assert "2 names" in why
    assert "--break-links" in remedy
    applied = apply_plan([row()], music, journals=journals, break_links=True)
    assert applied.count("written") == 1
    assert read_tags(tmp_path / "seed.flac").genres == ("Rock",)
    assert read_tags(music / "a.flac").genres == ("Jazz",)


def test_one_refusal_does_not_stop_the_rest(music, journals):
    (music / "a.ogg").unlink()
    (music / "a.opus").chmod(0o444)
    shutil.copy(music / "a.flac", music / "flac.mp3")
    protected = music / "a.m4a"
    protected.write_bytes(protected.read_bytes().replace(b"mp4a", b"drms", 1))
    (music / "a.wma").write_bytes((music / "a.wma").read_bytes()[:500])
    applied = apply_plan([row(kind) for kind in [*KINDS, "flac.mp3"]], music, journals=journals)
    refused = {out.path: out.why for out in applied.outcomes if out.status == "refused"}
    assert refused.pop("a.wma").startswith("the header is damaged")
    assert refused == {
        "a.ogg": "it is no longer there",
        "a.opus": "the file is read-only",
        "a.m4a": "it is protected (DRM)",
        "flac.mp3": "its name ends in '.mp3', but it is FLAC",
    }
    assert all(out.remedy for out in applied.outcomes if out.status == "refused")
    assert applied.count("written") == len(KINDS) - 4


def test_a_read_only_folder_is_refused(music, journals):
    music.chmod(0o555)
    try:
        why, _ = refusal(apply_plan([row()], music, journals=journals))
    finally:
        music.chmod(0o755)
    assert why == "its folder is read-only"


def test_a_file_that_another_program_writes_is_refused(music, journals):
    code = "import sys, time; f = open(sys.argv[1], 'r+b'); print(flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code, str(music / "a.flac")]
    with child(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline()
        why, _ = refusal(apply_plan([row()], music, journals=journals))
    assert why == "another program is writing to it"
    assert apply_plan([row()], music, journals=journals).count("written") == 1


def test_a_locked_file_is_refused(music, journals):
    with (music / "a.flac").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        why, _ = refusal(apply_plan([row()], music, journals=journals))
    assert why == "another program is writing to it"


def test_a_file_changed_meanwhile_is_left(music, journals, monkeypatch):
    path = music / "a.flac"

    def change_then_finish(*arguments, **options):
        with path.open("ab") as file:
            file.write(b"\0")
        return replacing.finish(*arguments, **options)

    monkeypatch.setattr(apply, "finish", change_then_finish)
    why, _ = refusal(apply_plan([row()], music, journals=journals))
    assert why == "another program has just changed it"
    assert path.read_bytes()[-1:] == b"\0"
    assert names(music) == sorted(KINDS)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root mounts")
def test_a_full_disk(music, journals, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small)])
    if mounted.returncode:
        pytest.skip("may not mount here")
    try:
        for name in ("a.wav", "a.flac"):
            shutil.copy(music / name, small / name)
        before = (small / "a.wav").read_bytes()
        (small / "filler").write_bytes(bytes(shutil.disk_usage(small).free - 50_000))
        applied = apply_plan([row("a.wav"), row("a.flac")], small, journals=journals)
        outcomes = [(out.path, out.status, out.why) for out in applied.outcomes]
        assert (small / "a.wav").read_bytes() == before
        assert outcomes[0] == ("a.wav", "refused", "the disk is full")
        assert names(small) == ["a.flac", "a.wav", "filler"]
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_no_room_for_a_file(music, journals):
    """A limit on the length of files, which every system has, in place of a full disk."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = (music / "a.wav").read_bytes()
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, old[1]))
    try:
        applied = apply_plan([row("a.wav"), row("v24.mp3")], music, journals=journals)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert [out.status for out in applied.outcomes] == ["refused", "written"]
    assert applied.outcomes[0].why == "the disk is full"
    assert (music / "a.wav").read_bytes() == before
    assert names(music) == sorted(KINDS)


def test_without_a_journal_nothing_is_written(music, journals):
    """A limit so low that a tag can be written, but not its line in the journal."""
    path = make_song(music, "v24.mp3", seconds=0.1)
    before, length = path.read_bytes(), path.stat().st_size
    rows = [row(path.name, new=("Jazz",)), row("v23.mp3")]
    with new_journal(music, [str(music)], journals) as journal, Verifier() as verifier:
        verifier.check(path, path, {})  # its process must be there before the limit
        old = resource.getrlimit(resource.RLIMIT_FSIZE)
        used = (journals / f"{journal.name}.jsonl").stat().st_size
        with (journals / f"{journal.name}.jsonl").open("ab") as file:
            file.write(b"{}\n" * ((length + 5000 - used) // 3))
        resource.setrlimit(resource.RLIMIT_FSIZE, (length + 5000, old[1]))
        try:
            writer = apply._Writer(journal, verifier, keep_times=False, break_links=False)
            outcome = writer.outcome(path.name, path, rows[:1])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, old)
        assert (outcome.status, outcome.why) == ("refused", "the disk is full")
        assert path.read_bytes() == before
        assert writer.outcome("v23.mp3", music / "v23.mp3", rows[1:]).status == "written"
        name = journal.name
    assert [Path(change.path).name for change in read_run(name, journals).changes] == ["v23.mp3"]


def test_one_run_at_a_time(music, journals):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from genrescope.library.tagging.journal import new_journal\n"
        "with new_journal(Path('.'), [], Path(sys.argv[1])): print(flush=True); time.sleep(60)"
    )
    with child([sys.executable, "-c", code, str(journals)], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline()
        with pytest.raises(UsageError, match="another run is writing tags"):
            apply_plan([row()], music, journals=journals)


def killed_run(music, journals) -> Path:
    """What a run leaves that ends in the middle: an open journal, a half-written copy."""
    with new_journal(music, [str(music)], journals) as journal:
        half = journal.temporary(music / "a.flac")
        half.write_bytes(b"half")
        raise KeyboardInterrupt(half)


def test_leftovers_of_a_killed_run_are_removed_and_only_they(music, journals):
    with pytest.raises(KeyboardInterrupt) as stopped:
        killed_run(music, journals)
    half = stopped.value.args[0]
    assert half.exists()
    foreign = music / ".genrescope-20010101-000000-000000-1.flac"
    foreign.write_bytes(b"of nobody's run")
    assert not read_run(run_names(journals)[0], journals).closed
    apply_plan([row()], music, journals=journals)
    assert not half.exists()
    assert foreign.exists()
    assert all(read_run(name, journals).closed for name in run_names(journals))


def test_a_torn_line_is_passed_over(music, journals):
    applied = apply_plan([row()], music, journals=journals)
    path = journals / f"{applied.run}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[1][:40])
    assert len(read_run(applied.run, journals).changes) == 1
    apply_plan([row("a.wav")], music, journals=journals)
    assert read_run(applied.run, journals).closed
