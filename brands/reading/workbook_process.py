"""The limited process for XLSX: ``python -m brands.reading.workbook_process FILE FOLDER OPTIONS``.

A process of its own, because pandas takes a second to load, which CSV need not wait for.
"""

import sys

from brands.reading import tables, workbooks

if __name__ == "__main__":
    sys.exit(tables.main(workbooks.read, *sys.argv[1:]))
