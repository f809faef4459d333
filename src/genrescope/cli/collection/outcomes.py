"""What became of files whose tags were written or taken back, as it happens."""

from __future__ import annotations

from genrescope.cli.output import write_line
from genrescope.library.tagging.outcome import REFUSED, Outcome
from genrescope.library.tagging.plan import path_to_text


def show_refusal(outcome: Outcome) -> None:
    """Show why a file was left alone, if it was refused."""
    if outcome.status == REFUSED:
        write_line(f"{path_to_text(outcome.path)}: {outcome.why} ({outcome.remedy})", err=True)


def show_outcome(outcome: Outcome) -> None:
    """Show what became of a file, whatever it was."""
    if outcome.status == REFUSED:
        show_refusal(outcome)
    else:
        write_line(f"{path_to_text(outcome.path)}: {outcome.status}")
