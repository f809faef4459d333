"""Whether an installed genrescope works: songs made here are classified, tagged and served.

    python packaging/smoke.py                       # the genrescope of this interpreter
    python packaging/smoke.py --program dist/genrescope
    python packaging/smoke.py --core                # installed without extras: only classified

Needs nothing but the standard library, and runs on every system. Ends with status 0, or with the
step that went wrong.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import urllib.request
import wave
from array import array
from pathlib import Path

RATE = 22050
SECONDS = 8
NAMES = ("Björk – Jóga.wav", "brackets [live] (1).wav", "日本/音楽.wav")
GENRE = "Field Recording"
PATIENCE = 300  # seconds for one command


def write_song(path: Path, seed: int) -> None:
    """A beat over a chord, another one for each seed, as 16-bit WAV."""
    noise = random.Random(seed)
    notes = [110.0 * 2 ** (noise.randrange(24) / 12) for _ in range(3)]
    beat = RATE // (2 + seed)
    samples = array("h")
    for number in range(RATE * SECONDS):
        chord = sum(math.sin(2 * math.pi * note * number / RATE) for note in notes) / 3
        drum = noise.uniform(-1, 1) * math.exp(-8 * (number % beat) / beat)
        samples.append(round(12000 * (chord + drum) / 2))
    if sys.byteorder == "big":
        samples.byteswap()
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def spelled(path: str) -> str:
    """A file's name, the same on disks that keep no case and in locales without Unicode."""
    return os.fsencode(Path(path).name).decode().lower()


def checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below a folder, by its path there."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def check(fine: bool, what: str) -> None:
    """End the run where something is not as it must be."""
    if not fine:
        sys.exit(f"smoke test: {what}")


class Program:
    """The command line under test, with folders of its own for what it keeps."""

    def __init__(self, command: list[str], home: Path) -> None:
        self._command = command
        self.environment = os.environ | {
            "GENRESCOPE_JOURNAL": str(home / "journal"),
            "GENRESCOPE_MODELS": str(home / "models"),
            "XDG_DATA_HOME": str(home / "data"),
            "NO_COLOR": "1",
        }
        self.index = str(home / "index.sqlite")

    def arguments(self, *words: str) -> list[str]:
        """The whole command."""
        return [*self._command, *words]

    def run(self, *words: str) -> str:
        """Its standard output; ends the run where the command fails."""
        done = subprocess.run(
            self.arguments(*words),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
        )
        errors = done.stderr.decode("utf-8", "replace")
        check(done.returncode == 0, f"{words[0]} ended with status {done.returncode}:\n{errors}")
        print("ok:", *words[:2], flush=True)
        return done.stdout.decode("utf-8", "replace")


def classify(program: Program, music: Path) -> None:
    """Every song gets a row, under its own name."""
    rows = [json.loads(line) for line in program.run("classify", str(music), "--json").splitlines()]
    found = sorted(spelled(row["path"]) for row in rows)
    check(found == sorted(map(spelled, NAMES)), f"rows are of {found}")
    check(all(0 <= row["confidence"] <= 1 for row in rows), "a confidence is none")
    check(all("error" not in row for row in rows), f"a song failed: {rows}")


def edit(plan: Path) -> None:
    """Let every song get one genre, whatever the model thinks of it."""
    with plan.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with plan.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(row | {"new": GENRE, "action": "replace"} for row in rows)


def tag_and_undo(program: Program, music: Path, plan: Path) -> None:
    """A genre is planned, written into every file, and every byte put back."""
    place = ("--index", program.index)
    before = checksums(music)
    program.run("library", "scan", str(music), "--classify", *place)
    program.run("tag", str(music), "--output", str(plan), *place)
    text = plan.read_text("utf-8")
    check(all(name.lower() in text.lower() for name in NAMES), f"the plan lacks a song:\n{text}")
    edit(plan)
    program.run("tag", str(music), "--plan", str(plan), "--apply", *place)
    after = checksums(music)
    check(after.keys() == before.keys(), f"other files: {sorted(after)}")
    check(not set(after.values()) & set(before.values()), "a file was not written")
    program.run("undo", *place)
    check(checksums(music) == before, "undo did not bring every byte back")


def serve(program: Program, music: Path) -> None:
    """The page and its interface response."""
    server = subprocess.Popen(
        program.arguments("serve", str(music), "--port", "0", "--no-browser"),
        env=program.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        line = server.stdout.readline().decode() if server.stdout else ""
        address = re.search(r"http://\S+", line)
        check(address is not None, f"serve names no address: {line!r}")
        for path, part in (("", b"<html"), ("openapi.json", b'"openapi"')):
            with urllib.request.urlopen(address[0] + path, timeout=60) as response:  # type: ignore[index]
                check(part in response.read(), f"/{path} has no {part!r}")
    finally:
        server.kill()
        server.wait()
    print("ok: serve", flush=True)


def main() -> None:
    """Run all steps in a temporary folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--program", type=Path, help="an executable, instead of python -m")
    parser.add_argument("--core", action="store_true", help="leave out what needs an extra")
    options = parser.parse_args()
    command = (
        [str(options.program.resolve())]
        if options.program
        else [sys.executable, "-P", "-m", "genrescope"]
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder).resolve()
        program = Program(command, home)
        for seed, name in enumerate(NAMES, start=1):
            write_song(home / "Music" / name, seed)
        print(program.run("--version").strip())
        classify(program, home / "Music")
        if not options.core:
            tag_and_undo(program, home / "Music", home / "plan.csv")
            serve(program, home / "Music")


if __name__ == "__main__":
    main()
