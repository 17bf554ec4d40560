"""The pages on statistics print what they say they print."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLE = re.compile(r"```python\n(.*?)```\s+```text\n(.*?)```", re.DOTALL)
EXAMPLES = [
    (page, *found)
    for page in ("statistics.md", "one-table.md")
    for found in EXAMPLE.findall((DOCS / page).read_text("utf-8"))
]


def test_there_are_examples() -> None:
    assert {page for page, _, _ in EXAMPLES} == {"statistics.md", "one-table.md"}


@pytest.mark.parametrize(
    ("page", "code", "shown"), EXAMPLES, ids=[f"{page}-{n}" for n, (page, _, _) in enumerate(EXAMPLES)]
)
def test_an_example_prints_what_the_page_shows(page: str, code: str, shown: str) -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == shown
