"""The limited process for CSV: ``python -m brands.reading.table_process FILE FOLDER OPTIONS``."""

import sys

from brands.reading import tables

if __name__ == "__main__":
    sys.exit(tables.main(tables.read, *sys.argv[1:]))
