"""What processes cost: CPU, memory, bytes on disk and in the page cache."""

from __future__ import annotations

import ctypes
import mmap
import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE = mmap.PAGESIZE


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for member in found:
        found.extend(children.get(member, []))
    return found


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process, its living descendants, and those that it has waited for."""
    total = 0
    for member in tree(pid):
        if fields := _stat(member):
            total += sum(int(ticks) for ticks in fields[11:15])
    return total / _TICKS_PER_S


def resident_bytes(pid: int) -> int:
    """Return the memory that a process and its descendants hold now."""
    return _status_bytes(pid, "VmRSS:")


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process held so far, its descendants' added up."""
    return _status_bytes(pid, "VmHWM:")


def disk_bytes(folder: Path) -> int:
    """Return what the files below a folder occupy."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def drop_cache(folder: Path) -> int:
    """Write the files below a folder to disk, drop them from the page cache, and return how many bytes stayed there."""
    stayed = 0
    for path in folder.rglob("*"):
        if not path.is_file() or path.stat().st_size == 0:
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            stayed += _cached_bytes(descriptor, path.stat().st_size)
        finally:
            os.close(descriptor)
    return stayed


def _cached_bytes(descriptor: int, size: int) -> int:
    """Ask the kernel (`mincore`) how much of a file is in the page cache."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    address = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
    if address is None or address == ctypes.c_void_p(-1).value:
        return 0
    n_pages = -(-size // _PAGE)
    pages = (ctypes.c_ubyte * n_pages)()
    libc.mincore(address, size, pages)
    libc.munmap(address, size)
    return sum(page & 1 for page in pages) * _PAGE


def _stat(pid: int) -> list[str] | None:
    """Return the fields of `/proc/<pid>/stat` after the name: state, parent, …; `None` if the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None


def _status_bytes(pid: int, field: str) -> int:
    total = 0
    for member in tree(pid):
        try:
            lines = Path(f"/proc/{member}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))
    return total
