"""`genrescope benchmark songs`: one line a song, however narrow the terminal is."""

from __future__ import annotations

import pytest

from smallrecords import COUNTS, write_result


@pytest.mark.parametrize(("columns", "others"), [(120, 2), (72, 1), (56, 0)])
def test_a_song_has_one_line_and_as_many_other_genres_as_fit(
    command, tmp_path, monkeypatch, columns, others
):
    write_result(tmp_path)
    monkeypatch.setenv("COLUMNS", str(columns))
    done = command("benchmark", "songs", tmp_path)
    assert done.returncode == 0, done.stderr
    heading, *lines = done.stdout.splitlines()
    lines = [line.rstrip() for line in lines if line.startswith(" song ")]
    assert heading.split() == ["song", "genre", "predicted", "probability", "also"]
    assert len(lines) == sum(count > 0 for count in COUNTS)
    assert max(map(len, lines)) <= columns
    assert {line.count("%") - 1 for line in lines} == {others}
