"""What a certificate may ask for. Real ones have a few pages and need a fraction of it."""

from typing import Final

MOST_PAGES: Final = 50
# Longest side of a rendered page in pixels: a page of A4 at 150 dpi.
LONGEST_SIDE: Final = 1754
# Points (1/72 inch): larger pages are drawn smaller, and none is as large as a wall.
LARGEST_PAGE: Final = 14_400
MOST_TEXT_A_PAGE: Final = 20_000
MEMORY_BYTES: Final = 1024 * 1024 * 1024
FILE_BYTES: Final = 64 * 1024 * 1024
# CPU seconds, and seconds by the clock on a busy machine.
CHECK_SECONDS: Final = 15
DRAW_SECONDS: Final = 60
PATIENCE: Final = 3

# Tables: a catalogue of 100,000 rows, read by pandas, takes about half of the memory.
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 100
LONGEST_FIELD: Final = 1 << 20
MOST_ENTRIES: Final = 2_000
UNPACKED_BYTES: Final = 400 * 1024 * 1024
# XML of a real sheet shrinks about tenfold; what shrinks more was made to swell.
HIGHEST_RATIO: Final = 120
SMALL_ARCHIVE_BYTES: Final = 20 * 1024 * 1024
TABLE_MEMORY_BYTES: Final = 2 * 1024 * 1024 * 1024
TABLE_SECONDS: Final = 40
