"""Build sdist and wheel, check them, and try the wheel in an empty environment.

    python packaging/check_package.py dist

Needs build and twine, and fetches the core's packages. Says how large both are and how many
packages a core install is; ends with another status than 0 where that is too much, or where the
installed program does not work.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 30_000_000  # 17 of them are the descriptors of the built-in songs
MOST_PACKAGES = 20  # that come with a core install; colorama too on Windows


def run(*command: str | Path) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def build(folder: Path) -> tuple[Path, Path]:
    """The sdist and the wheel, made in a folder."""
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    sdist, wheel = (max(folder.glob(f"genrescope-*{end}")) for end in (".tar.gz", ".whl"))
    run(sys.executable, "-m", "twine", "check", "--strict", sdist, wheel)
    return sdist, wheel


def install(wheel: Path, folder: Path) -> tuple[Path, list[str]]:
    """The interpreter of a new environment with the wheel, and the packages that came along."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    own = {
        package["name"]
        for package in json.loads(run(python, "-m", "pip", "list", "--format", "json"))
    }
    run(python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", wheel)
    found = json.loads(run(python, "-m", "pip", "list", "--format", "json"))
    return python, sorted({package["name"] for package in found} - own - {"genrescope"})


def main(folder: Path) -> None:
    """All checks; results of the build stay in `folder`."""
    sizes = {path.name: path.stat().st_size for path in build(folder)}
    print(*(f"{name}: {size / 1e6:.1f} MB" for name, size in sizes.items()), sep="\n")
    if max(sizes.values()) > MOST_BYTES:
        sys.exit(f"larger than {MOST_BYTES / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        python, packages = install(max(folder.glob("genrescope-*.whl")), Path(place))
        print(f"{len(packages)} packages come along: {', '.join(packages)}")
        if len(packages) > MOST_PACKAGES + (sys.platform == "win32"):
            sys.exit(f"more than {MOST_PACKAGES} packages")
        print(run(python, ROOT / "packaging" / "smoke.py", "--core"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
