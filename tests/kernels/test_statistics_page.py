"""The page on statistics prints what it says it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "statistics.md"


def test_the_example_prints_what_the_page_shows() -> None:
    found = re.search(r"```python\n(.*?)```\s+```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    done = subprocess.run([sys.executable, "-W", "error", "-c", found[1]], capture_output=True, text=True, check=True)
    assert done.stdout == found[2]
