"""Fields of genrescope's own, which mark for a later run what it wrote and what a person wrote.

`GENRESCOPE_GENRE` holds, as JSON, the genres with their probabilities, the field in which exactly
these values were written, the model and the version; so do `GENRESCOPE_MOOD` and others. A genre
that is exactly what is noted is genrescope's, and may be refreshed; any other is a person's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from genrescope.library.formats.fields import CUSTOM
from genrescope.library.tagging.plan import same_values
from genrescope.version import __version__

_PREFIX = "GENRESCOPE_"
_TEXTS = ("field", "model", "join", "version")


@dataclass(frozen=True)
class OwnField:
    """What genrescope noted in a file.

    Attributes:
        values: probability by value, in order.
        field: where exactly these values were written; empty: nowhere.
        model: whose values they are.
        join: the sign that joins them in that field; empty: they are several.
        version: of genrescope.
    """

    values: Mapping[str, float]
    field: str
    model: str
    join: str = ""
    version: str = __version__

    def to_text(self) -> str:
        """The field's value: JSON, put together here since a plan has several a song."""
        shares = ", ".join(f"{_quoted(name)}: {share}" for name, share in self.values.items())
        parts = [f'"values": {{{shares}}}'] if shares else []
        parts += [f'"{name}": {_quoted(text)}' for name in _TEXTS if (text := getattr(self, name))]
        return "{" + ", ".join(parts) + "}"

    def holds(self, field: str, present: tuple[str, ...]) -> bool:
        """Whether the values of a field are those that were written there."""
        written = tuple(self.values)
        joined = (self.join.join(written),) if self.join else written
        return self.field == field and bool(present) and same_values(present, joined)

    def agrees(self, other: OwnField) -> bool:
        """Whether both note the same, of whatever version."""
        return vars(self) | {"version": ""} == vars(other) | {"version": ""}


@cache
def own_name(kind: str) -> str:
    """The field for a kind of values: "genre", "style", "mood", "voice" or "instrument"."""
    return f"{CUSTOM}{_PREFIX}{kind.upper()}"


def is_own(field: str) -> bool:
    """Whether a field is one of genrescope's own."""
    return field.upper().startswith((CUSTOM + _PREFIX).upper())


def read_own(values: tuple[str, ...]) -> OwnField | None:
    """What a field notes; None where it is absent, or was changed into something else."""
    try:
        noted = json.loads(values[0])
        shares = {str(value): float(share) for value, share in noted["values"].items()}
        texts = {name: str(noted.get(name, "")) for name in _TEXTS}
    except (IndexError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return OwnField(shares, **texts)


@lru_cache(maxsize=1 << 12)
def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
