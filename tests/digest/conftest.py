from __future__ import annotations

import sys
from pathlib import Path

# Test modules are imported by path here, so that the made-up cards beside them must be put in reach.
sys.path.insert(0, str(Path(__file__).parent))
