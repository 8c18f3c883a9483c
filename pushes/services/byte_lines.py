"""Lines of a file as bytes, with their offsets, however long a line is."""

import re
from pathlib import Path
from typing import BinaryIO, Final

LONGEST_LINE: Final = 1 << 20
_BLOCK: Final = 1 << 18
_LINE_END: Final = re.compile(rb"[\r\n]")


class Lines:
    """Lines of a binary file that end in LF, CR LF or CR, with their offsets."""

    def __init__(self, path: Path, offset: int) -> None:
        self._file: BinaryIO = path.open("rb")
        self._file.seek(offset)
        self._buffer, self._base, self._at, self._mark = b"", offset, 0, 0
        self._ended = False

    @property
    def offset(self) -> int:
        """Offset of the next line."""
        return self._base + self._at

    def mark(self) -> None:
        """Keep what follows in memory, so that going back to any of it is cheap."""
        self._mark = self._at

    def back_to(self, offset: int) -> None:
        """Go back to an offset; cheap behind the mark."""
        if offset >= self._base:
            self._at = offset - self._base
            return
        self._file.seek(offset)
        self._buffer, self._base, self._at, self._mark = b"", offset, 0, 0
        self._ended = False

    def next(self) -> tuple[bytes, bool] | None:
        """Return the next line with its end, and whether it is whole; ``None`` at the end.

        Of a line that is too long only the beginning is returned, and the rest is skipped.
        """
        search_from = self._at
        while (end := self._line_end(search_from)) is None:
            search_from = max(len(self._buffer) - 1, self._at)
            if len(self._buffer) - self._at > LONGEST_LINE:
                return self._skip_long_line(), False
            shift = self._fill()
            if shift is None:
                end = len(self._buffer)
                break
            search_from -= shift
        if end == self._at:
            return None
        line, self._at = self._buffer[self._at : end], end
        return line, True

    def _line_end(self, start: int) -> int | None:
        found = _LINE_END.search(self._buffer, start)
        if found is None:
            return None
        end = found.end()
        if found[0] == b"\r":
            if end == len(self._buffer) and not self._ended:
                return None  # the LF of a CR LF may be in the next block
            end += self._buffer[end : end + 1] == b"\n"
        return end

    def _fill(self) -> int | None:
        """Read another block; return by how much the buffer moved, ``None`` when there is none."""
        block = b"" if self._ended else self._file.read(_BLOCK)
        if not block:
            if self._ended:
                return None
            self._ended = True
            return 0
        shift = min(self._mark, self._at)
        self._buffer = self._buffer[shift:] + block
        self._base, self._at, self._mark = self._base + shift, self._at - shift, self._mark - shift
        return shift

    def _skip_long_line(self) -> bytes:
        beginning = self._buffer[self._at : self._at + 200]
        while True:
            end = self._line_end(self._at)
            if end is not None:
                self._at = end
                return beginning
            # Nothing of the line is needed any more; a CR at the very end may be half a line end.
            self._at = self._mark = max(len(self._buffer) - 1, 0)
            if self._fill() is None:
                self._at = len(self._buffer)
                return beginning

    def close(self) -> None:
        """Close the file."""
        self._file.close()
