"""An audit in the terminal: errors first, each with a few examples."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from genrescope.benchmark.audit import Audit
from genrescope.benchmark.findings import SEVERITIES, Finding, Severity, findings

_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "dim"}
_TITLES: dict[Severity, str] = {"error": "errors", "warning": "warnings", "info": "notes"}


def audit_lines(audit: Audit, *, examples: int = 6) -> Iterator[Text]:
    """Lines to print.

    Args:
        audit: what was found.
        examples: of each finding, at most.
    """
    found = findings(audit)
    sets = [item.name for item in audit.sets]
    yield Text(f"{audit.subject.name}: {len(audit.subject):,} songs, {', '.join(sets)}", "bold")
    yield Text(_verdict(found))
    for severity in SEVERITIES:
        chosen = [item for item in found if item.severity == severity]
        if chosen:
            yield Text(f"\n{_TITLES[severity]}", _STYLES[severity])
        for item in chosen:
            yield from _finding(item, examples)


def _verdict(found: list[Finding]) -> str:
    """How many findings there are of each kind; never more than that."""
    counts = {severity: sum(item.severity == severity for item in found) for severity in SEVERITIES}
    return ", ".join(
        f"{number} {_TITLES[severity].removesuffix('' if number != 1 else 's')}"
        for severity, number in counts.items()
    )


def _finding(item: Finding, examples: int) -> Iterator[Text]:
    yield Text(f"- {item.what}")
    shown = item.examples[:examples]
    if item.severity == "info":  # on one line
        more = f", and {len(item.examples) - len(shown)} more" if item.examples[examples:] else ""
        if shown:
            yield Text(f"    {', '.join(shown)}{more}", "dim")
        return
    for example in shown:
        yield Text(f"    {example}", "dim")
    if item.examples[examples:]:
        yield Text(f"    and {len(item.examples) - len(shown):,} more", "dim")
