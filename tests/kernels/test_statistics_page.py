"""The pages on statistics print what they say they print."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLE = re.compile(r"```python\n(.*?)```\s+```text\n(.*?)```", re.DOTALL)
EXAMPLES = [
    (page, *found)
    for page in ("statistics.md", "one-table.md")
    for found in EXAMPLE.findall((DOCS / page).read_text("utf-8"))
]
RUN_EACH = """
import contextlib, io, json, sys
printed = []
for code in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, code, "exec"), {"__name__": "__main__"})
    printed.append(out.getvalue())
print(json.dumps(printed))
"""


def test_there_are_examples() -> None:
    assert {page for page, _, _ in EXAMPLES} == {"statistics.md", "one-table.md"}


def test_the_examples_print_what_the_pages_show() -> None:
    """Each knows nothing of the others; one process imports the package once for all."""
    given = json.dumps([code for _, code, _ in EXAMPLES])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN_EACH], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for (page, code, shown), printed in zip(EXAMPLES, json.loads(done.stdout), strict=True):
        assert printed == shown, f"{page}:\n{code}"
