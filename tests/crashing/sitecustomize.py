"""Put on PYTHONPATH it makes decoders crash, as native code does, at files called `crash`."""

from __future__ import annotations

import ctypes
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

_DECODER = "genrescope.audio.decode"


class _Crashing(MetaPathFinder):
    """Finds the decoder, with `open_source` replaced once it is there."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == _DECODER else None
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_replace(module: ModuleType) -> None:
            load(module)
            plain = module.open_source

            def crashing(path: Path) -> Any:
                if Path(path).stem == "crash":
                    ctypes.string_at(0)
                return plain(path)

            module.open_source = crashing

        spec.loader.exec_module = load_and_replace
        return spec


sys.meta_path.insert(0, _Crashing())
