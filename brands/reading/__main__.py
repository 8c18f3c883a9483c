"""The limited process: ``python -m brands.reading check FILE`` or ``draw FILE FOLDER``.

Prints one line of JSON: the facts, or ``{"refused": code}``. It limits itself before it opens the
file; one that needs more is ended by the kernel.
"""

import json
import sys
from pathlib import Path

from pypdfium2 import PdfiumError

from brands.reading import limits, pdf
from brands.reading.apply import apply


def main(verb: str, file: str, folder: str = "") -> int:
    """Do what the first argument says."""
    seconds = limits.CHECK_SECONDS if verb == "check" else limits.DRAW_SECONDS
    apply(seconds=seconds, memory=limits.MEMORY_BYTES)
    content = Path(file).read_bytes()
    try:
        answer = pdf.check(content) if verb == "check" else pdf.draw(content, Path(folder))
    except pdf.Unfit as refusal:
        answer = {"refused": refusal.code}
    except MemoryError:
        answer = {"refused": "too_heavy"}
    except PdfiumError:
        answer = {"refused": "damaged"}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
