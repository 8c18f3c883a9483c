"""What ``python -m pushes.matching.warm`` leaves in the cache is all that later processes need."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = """
import importlib, pkgutil
from numba.core.dispatcher import Dispatcher
from pushes.matching import kernel, warm
warm.main()
for found in pkgutil.iter_modules(kernel.__path__):
    module = importlib.import_module(f"pushes.matching.kernel.{found.name}")
    for name, value in vars(module).items():
        # Functions that only compiled ones call are cached with these.
        if isinstance(value, Dispatcher) and hasattr(value._cache, "_cache_file"):
            print(name, len(value.signatures))
"""


def test_it_goes_through_every_function_that_python_calls() -> None:
    command = [sys.executable, "-c", LEFT_OUT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    compiled = dict(line.split() for line in done.stdout.splitlines())
    assert len(compiled) >= 9
    assert [name for name, signatures in compiled.items() if signatures == "0"] == []
