"""The package runs as a module, as the command does."""

from __future__ import annotations

import subprocess
import sys

from organokine import __version__


def test_the_package_runs_as_a_module():
    ran = subprocess.run([sys.executable, "-m", "organokine", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"organokine {__version__}\n"
    wrong = subprocess.run([sys.executable, "-m", "organokine", "absent"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "organokine" in wrong.stderr
