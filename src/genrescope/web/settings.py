"""What is served, to whom, and how much of it at once."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8765
_MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Bounds of what clients can request.

    Attributes:
        file_bytes: of one uploaded file.
        request_bytes: of one request.
        files: in one request.
        songs: that a session holds.
        session_bytes: of all uploaded files that a session holds.
        waiting: songs in the queue; a request beyond is refused with 429.
        idle_seconds: that an upload may pause.
        upload_seconds: that an upload may take.
        task_seconds: that the decoding or describing of one song may take.
        song_seconds: length of a song that is decoded whole.
        subscribers: clients that receive events at once.
        connections: of all clients together.
        address_connections: of the clients at one address.
        header_seconds: that the headers of a request may take.
    """

    file_bytes: int = 256 * _MIB
    request_bytes: int = 1024 * _MIB
    files: int = 200
    songs: int = 2000
    session_bytes: int = 8192 * _MIB
    waiting: int = 1000
    idle_seconds: float = 30.0
    upload_seconds: float = 900.0
    task_seconds: float = 180.0
    song_seconds: float = 7200.0
    subscribers: int = 100
    connections: int = 500
    address_connections: int = 300
    header_seconds: float = 10.0


@dataclass(frozen=True)
class Settings:
    """What a server is started with.

    Attributes:
        libraries: folders of music that may be browsed, scanned and tagged.
        results: a folder of benchmark results.
        model: a model's name or folder; the default model where None.
        host: address or name to listen at.
        port: the same; 0 takes a free one.
        token: what every request must bring; None where only this machine can connect.
        jobs: worker processes; by default one a core.
        limits: see there.
    """

    libraries: tuple[Path, ...] = ()
    results: Path | None = None
    model: str | None = None
    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    token: str | None = None
    jobs: int | None = None
    limits: Limits = field(default_factory=Limits)


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own, reached by nobody else."""
    if host.lower() == "localhost":
        return True
    address = address_of(host)
    return address is not None and address.is_loopback


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that is written there; None where it is a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
