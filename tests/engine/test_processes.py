from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from subprocess import PIPE

import engine_work as work
import pytest

from children import child, is_running, wait_until
from genrescope.engine import Failure, map_files
from genrescope.errors import UsageError

TROUBLE = {3, 5, 7, 9, 11, 13, 15}


def test_every_item_gets_its_result():
    assert dict(map_files(work.square, range(50), jobs=2)) == {n: n * n for n in range(50)}


def test_no_items_no_results():
    assert list(map_files(work.square, [], jobs=2)) == []


@pytest.mark.slow
def test_whatever_happens_to_an_item_the_others_are_done():
    results = dict(map_files(work.troubled, range(20), jobs=2))

    assert sorted(results) == list(range(20))
    assert {n: r for n, r in results.items() if n not in TROUBLE} == {
        n: n * n for n in range(20) if n not in TROUBLE
    }
    failures = {n: r for n, r in results.items() if isinstance(r, Failure)}
    assert set(failures) == TROUBLE
    assert "exit code 7" in failures[3].reason
    assert "killed" in failures[5].reason
    assert failures[7] == Failure("not audio", "leave it out")
    assert "ZeroDivisionError: a defect" in failures[9].reason
    assert failures[11].reason == "No such file or directory"
    assert "Segmentation fault" in failures[13].reason
    assert failures[15].reason == "not enough memory"


@pytest.mark.slow
def test_a_late_item_is_given_up_and_the_next_is_done():
    results = dict(map_files(work.sleepy, [0.0, 60.0, 0.01], jobs=1, timeout=1.0))

    assert results[0.0] == 0.0
    assert results[0.01] == 0.01
    assert isinstance(results[60.0], Failure)
    assert "longer than" in results[60.0].reason


def test_items_are_taken_only_as_they_are_needed():
    taken = []

    def items():
        for n in range(1000):
            taken.append(n)
            yield n

    results = map_files(work.square, items(), jobs=1)
    next(results)
    results.close()

    assert len(taken) <= 3


def test_a_worker_has_one_numeric_thread_from_before_numpy_is_loaded(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")

    [(_, result)] = map_files(work.numeric_threads, [0], jobs=1)

    assert result == ("1", False)
    assert os.environ.get("OPENBLAS_NUM_THREADS") == "2"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the GNU allocator's settings")
def test_a_worker_keeps_its_memory_from_one_item_to_the_next():
    [(_, faults)] = map_files(work.page_faults, [0], jobs=1)

    assert faults < 500  # of 4608 pages


def test_the_work_is_shared_and_closing_early_ends_the_workers():
    results = map_files(work.process_of, iter(int, 1), jobs=2)
    workers: set[int] = set()
    while len(workers) < 2:
        workers.add(next(results)[1])
    results.close()

    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)


def test_what_a_worker_writes_to_standard_error_stays_there(capfd):
    list(map_files(work.noisy, range(3), jobs=1))

    assert capfd.readouterr().err == ""


def test_an_interrupt_ends_it_at_once_with_its_workers(tmp_path):
    script = _endless_script(tmp_path)
    command = [sys.executable, str(script)]
    with child(command, stdout=PIPE, stderr=PIPE, text=True) as process:
        workers = {int(process.stdout.readline()) for _ in range(10)}
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)

    assert errors.count("Traceback") == 1
    assert errors.rstrip().endswith("KeyboardInterrupt")
    wait_until(lambda: not any(map(is_running, workers)))


@pytest.mark.slow
@pytest.mark.parametrize("copied", [False, True])
def test_workers_do_not_outlive_a_killed_parent(tmp_path, copied):
    script = _endless_script(tmp_path, copied=copied)
    with child([sys.executable, str(script)], stdout=PIPE, text=True) as process:
        workers = {int(process.stdout.readline()) for _ in range(10)}
        process.kill()
        process.communicate()

    wait_until(lambda: not any(map(is_running, workers)))


def _endless_script(folder: Path, *, copied: bool = False) -> Path:
    """A program that prints the process of each item that it is given, forever."""
    script = folder / "script.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys
            sys.path.insert(0, {str(Path(__file__).parent)!r})
            import engine_work
            from genrescope.engine import map_files
            from genrescope.engine.worker import allow_copies

            if __name__ == "__main__":
                if {copied}:
                    allow_copies()
                items = iter(int, 1)
                for _, process in map_files(engine_work.process_of, items, jobs=2, copied={copied}):
                    print(process, flush=True)
            """
        )
    )
    return script


def test_a_worker_that_cannot_start_stops_the_run(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            from genrescope.engine import map_files

            def own(number):
                return number

            print(list(map_files(own, [1], jobs=1)))  # not behind a main guard
            """
        )
    )
    process = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)

    assert process.returncode == 1
    assert "a worker process cannot start" in process.stderr


def test_a_script_without_a_main_guard_is_not_run_again(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from genrescope.engine import map_files\nprint(list(map_files(abs, [-1], jobs=1)))\n"
    )
    process = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)

    assert (process.stdout, process.stderr) == ("[(-1, 1)]\n", "")


def test_what_the_preparation_raises_ends_the_run():
    with pytest.raises(UsageError, match="nothing to do it with"):
        list(map_files(work.square, [1, 2], jobs=1, prepare=work.unprepared))


def test_folders_of_killed_runs_are_removed_by_the_next(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    script = _endless_script(tmp_path)
    command = [sys.executable, str(script)]
    runs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    for run in runs:
        run.stdout.readline()
    assert len(list(tmp_path.glob("genrescope-*"))) == 2
    runs[0].kill()
    runs[0].communicate()
    code = "from genrescope.engine import map_files; list(map_files(abs, [1], jobs=1))"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    [left] = tmp_path.glob("genrescope-*")
    assert f"-{runs[1].pid}-" in left.name
    runs[1].send_signal(signal.SIGTERM)
    runs[1].communicate()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jobs": 0}, "too few"),
        ({"engine": "spark"}, "no engine 'spark'"),
        ({"engine": "dask://localhost:1", "timeout": 1.0}, "time limit"),
    ],
)
def test_wrong_use_is_named(options, message):
    with pytest.raises(UsageError, match=message):
        map_files(work.square, [1], **options)
