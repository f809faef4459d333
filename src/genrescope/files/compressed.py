"""What reading a damaged gzip or ZIP file raises beside OSError."""

from __future__ import annotations

import zipfile
import zlib

DAMAGES = (EOFError, zlib.error, zipfile.BadZipFile)
