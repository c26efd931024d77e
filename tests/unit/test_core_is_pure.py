"""The core decides and does nothing else."""

import subprocess
import sys

PROBE = """
import importlib, pkgutil, sys

BLOCKED = {"scrapy", "sqlalchemy", "twisted", "requests", "waybackpy", "trafilatura", "pebble",
           "fastwarc", "pydantic", "asyncio", "socket", "sqlite3", "subprocess", "http"}

class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ImportError(f"the core imported {name}")

sys.meta_path.insert(0, Wall())
import crawler.core
names = [found.name for found in pkgutil.iter_modules(crawler.core.__path__)]
for name in names:
    importlib.import_module(f"crawler.core.{name}")
loaded = BLOCKED & set(sys.modules)
assert not loaded, loaded
print(*names)
"""


def test_core_imports_no_framework_and_no_input_or_output() -> None:
    """Every module of crawler.core imports with frameworks, sockets and event loops walled off."""
    probe = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{PROBE}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert probe.returncode == 0, probe.stderr
    assert {"budget", "lifecycle", "mementos", "urls", "values", "words"} <= set(
        probe.stdout.split()
    )
