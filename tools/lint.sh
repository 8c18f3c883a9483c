#!/bin/sh
# Runs every check, says at the end which of them failed, and fails when one did.
# BIN: folder of the virtual environment's programs.

BIN="${BIN:-.venv/bin}"
failed=""
# No check asks a database; without this the settings would demand its address.
export PORTAL_BOOT=up

check() {
    name="$1"
    shift
    echo "== $name"
    "$@" || failed="$failed
  $name"
}

import_contracts() {
    "$BIN/python" -c 'import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())'
}

migrations() {
    "$BIN/python" manage.py makemigrations --check --dry-run
}

check "ruff check" "$BIN/python" -m ruff check .
check "ruff format" "$BIN/python" -m ruff format --check .
check "mypy" "$BIN/python" -m mypy .
check "import-linter" import_contracts
check "djlint" "$BIN/python" -m djlint --check --lint portal brands pushes complaints
check "makemigrations --check" migrations
check "texts" "$BIN/python" manage.py texts check

if [ -n "$failed" ]; then
    echo
    echo "Failed:$failed"
    exit 1
fi
echo
echo "All checks passed."
