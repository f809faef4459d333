"""What the site does to pages: links to files of the repository beside `docs` become plain text."""

from __future__ import annotations

import re
from typing import Any

_BESIDE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]+\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """A page without the links that lead out of the site; a reader of the repository has them."""
    return _BESIDE.sub(r"\1", markdown)
