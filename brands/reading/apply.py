"""A process that limits itself before it opens what a stranger sent."""

import resource

from brands.reading import limits


def apply(*, seconds: int, memory: int) -> None:
    """Bound this process's CPU time, memory, files and core dumps; the kernel ends what exceeds."""
    for kind, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, limits.FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(kind, (most, most))
