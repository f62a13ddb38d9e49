"""Packages that only a benchmark needs, in a folder of their own: never a dependency of the project."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def installed(*names: str) -> Iterator[Path]:
    """A folder for PYTHONPATH with these packages. Raises CalledProcessError when they are not to be had."""
    with tempfile.TemporaryDirectory(prefix="dny-bench-packages-") as folder:
        install = ["uv", "pip", "install", "--quiet", "--python", sys.executable, "--target", folder, *names]
        subprocess.run([sys.executable, "-m", *install], check=True, capture_output=True, text=True)
        yield Path(folder)
