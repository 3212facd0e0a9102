"""The reliability diagram: well-formed, whole, and refused under another name."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from mofang.assurance.judges.classifier.errors import LabelsError
from mofang.assurance.judges.classifier.measures import Measures, measure
from mofang.assurance.judges.classifier.picture import svg, write_picture


@pytest.fixture
def measures() -> Measures:
    chances = np.array([0.05, 0.15, 0.95, 0.97, 1.0])
    return measure(chances, chances > 0.5, np.array([False, True, True, True, True]), 1, replicates=0)


def test_every_bin_with_texts_has_a_dot(measures: Measures) -> None:
    drawn = ElementTree.fromstring(svg(measures, "<own> & other"))
    space = "{http://www.w3.org/2000/svg}"
    assert len(drawn.findall(f"{space}circle")) == 3
    assert drawn.find(f"{space}title") is not None
    assert drawn.findtext(f"{space}title") == "<own> & other"


@pytest.mark.parametrize("name", ["r.svg", "r.html", "R.SVG"])
def test_it_is_written_whole(measures: Measures, tmp_path: Path, name: str) -> None:
    write_picture(tmp_path / name, measures, "own.judge")
    text = (tmp_path / name).read_text("utf-8")
    assert "http://www.w3.org/2000/svg" in text
    assert "script" not in text
    assert ("<table>" in text) == (name.lower().endswith("html"))


def test_another_kind_of_file_is_refused(measures: Measures, tmp_path: Path) -> None:
    with pytest.raises(LabelsError):
        write_picture(tmp_path / "r.png", measures, "own.judge")
    assert list(tmp_path.iterdir()) == []
