"""What became of files whose tags were written or taken back, told as it happens."""

from __future__ import annotations

from genrescope.cli.output import write_line
from genrescope.library.tagging.outcome import REFUSED, Outcome
from genrescope.library.tagging.plan import path_to_text


def tell_refusal(outcome: Outcome) -> None:
    """Say why a file was left alone, if it was refused."""
    if outcome.status == REFUSED:
        write_line(f"{path_to_text(outcome.path)}: {outcome.why} ({outcome.remedy})", err=True)


def tell_outcome(outcome: Outcome) -> None:
    """Say what became of a file, whatever it was."""
    if outcome.status == REFUSED:
        tell_refusal(outcome)
    else:
        write_line(f"{path_to_text(outcome.path)}: {outcome.status}")
