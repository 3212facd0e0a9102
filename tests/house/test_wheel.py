"""The wheel, installed outside the clone, finds its packs, templates and catalogues."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the unpacked wheel and nothing of the clone."""
    built = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    environment = built / "env"
    venv.create(environment, with_pip=False, system_site_packages=False)
    (wheel,) = built.glob("*.whl")
    site = next((environment / "lib").glob("python*/site-packages"))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-index",
            "--target",
            str(site),
            str(wheel),
        ],
        check=True,
    )
    # What the wheel depends on comes from the tests' own environment; the package itself must not.
    mine = next(Path(p) for p in sys.path if p.endswith("site-packages"))
    (site / "dependencies.pth").write_text(f"{mine}\n", encoding="utf-8")
    return environment


def mofang(
    environment: Path, *words: str, folder: Path, language: str = "en"
) -> subprocess.CompletedProcess[str]:
    code = "import sys; sys.path = [p for p in sys.path if 'src' not in p]; from mofang.cli.main import main; main()"
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"MOFANG_LANG": language}
    return subprocess.run(
        [str(environment / "bin" / "python"), "-c", code, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=env,
        check=False,
    )


def test_wheel_lists_its_packs(installed: Path, tmp_path: Path) -> None:
    done = mofang(installed, "pack", "list", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "cn_gbt_45654_2025" in done.stdout
    assert "cn_tc260_003_2024" in done.stdout


def test_wheel_speaks_chinese_where_the_locale_says_so(installed: Path, tmp_path: Path) -> None:
    done = mofang(installed, "--help", folder=tmp_path, language="zh")
    assert done.returncode == 0, done.stderr
    assert "备案" in done.stdout


def test_wheel_carries_templates_and_data(installed: Path) -> None:
    site = next((installed / "lib").glob("python*/site-packages"))
    package = site / "mofang"
    assert list(package.rglob("*.j2"))
    assert list(package.rglob("*.css"))
    assert (package / "packs" / "starter").is_dir()
    assert (package / "py.typed").is_file()
