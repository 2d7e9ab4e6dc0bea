"""What can be found out about this machine, without asking anybody and without failing."""

import os
import platform
import re
import shutil
import socket
from contextlib import suppress
from pathlib import Path

from ... import __version__
from ...domain.runners.agent import MachineFacts, Room


def facts(folder: Path) -> MachineFacts:
    """What it is. What cannot be found out is left out."""
    return MachineFacts(
        system=platform.system(),
        release=platform.release()[:200],
        architecture=platform.machine(),
        hostname=platform.node()[:200],
        cpus=os.cpu_count() or 1,
        cpu_model=_cpu_model(),
        memory_bytes=_memory("MemTotal"),
        disk_bytes=_disk(folder)[0],
        gpus=_gpus(),
        addresses=_addresses(),
        agent_version=__version__,
    )


def room(folder: Path) -> Room:
    """What is free now."""
    return Room(_memory("MemAvailable"), _disk(folder)[1])


def boot_id() -> str:
    """Which boot of this machine it is."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return "unknown"


def _cpu_model() -> str:
    with suppress(OSError):
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(errors="replace"), re.MULTILINE)
        return found[1].strip()[:200] if found else ""
    return ""


def _memory(what: str) -> int | None:
    with suppress(OSError):
        found = re.search(rf"^{what}:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
        return int(found[1]) << 10 if found else None
    return None


def _disk(folder: Path) -> tuple[int | None, int | None]:
    with suppress(OSError):
        usage = shutil.disk_usage(folder)
        return usage.total, usage.free
    return None, None


def _gpus() -> tuple[str, ...]:
    found = []
    for info in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        with suppress(OSError):
            named = re.search(r"^Model:\s*(.+)$", info.read_text(errors="replace"), re.MULTILINE)
            found.append((named[1] if named else "nvidia").strip()[:200])
    return tuple(found[:16])


def _addresses() -> tuple[str, ...]:
    """Those by which this machine would speak to the world; nothing is sent."""
    found = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((far, 9))
            found.append(str(asking.getsockname()[0]))
    return tuple(found)
