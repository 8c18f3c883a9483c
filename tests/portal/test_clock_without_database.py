"""``due_date`` in a process of its own, where no database is configured or none answers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "due_date --country CN --zone Asia/Shanghai --from 2026-02-13T10:00 --working-days 5"


@pytest.mark.parametrize(
    "database_url",
    ["", "postgres://nobody:nothing@127.0.0.1:1/none"],
    ids=["none configured", "none answering"],
)
def test_it_answers_from_the_shipped_calendar_and_says_so(
    tmp_path: Path, database_url: str
) -> None:
    environment = {
        **{k: v for k, v in os.environ.items() if k not in {"PORTAL_BOOT", "LANGUAGE"}},
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "PORTAL_VAR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", *COMMAND.split()],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2026-02-27 Asia/Shanghai\n2026-02-27T15:59:59.999999Z\n"
    assert "No database: operator overrides are left out." in done.stderr
