"""Every measurement, one after another; the output is kept under bench/results/."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHES = (
    "journey.py",
    "corpus.py",
    "models.py",
    "runs.py",
    "banks.py",
    "estimates.py",
    "refusal.py",
    "classifier.py",
)


def main() -> int:
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    failed = 0
    for name in BENCHES:
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, str(HERE / name)], capture_output=True, text=True, check=False)
        text = done.stdout + done.stderr
        print(text, end="", flush=True)
        machine = f"{platform.machine()}, {_processors()} processors, Python {platform.python_version()}"
        (results / f"{Path(name).stem}.txt").write_text(
            f"$ python bench/{name}\n# {machine}\n{text}", encoding="utf-8"
        )
        failed += done.returncode != 0
    return 1 if failed else 0


def _processors() -> int:
    from mofang.settings import workers

    return workers()


if __name__ == "__main__":
    sys.exit(main())
