from __future__ import annotations

from pathlib import Path

import pytest

from mofang.assurance.errors import PackError
from mofang.assurance.standard.confirmations import confirmation, write_confirmations
from mofang.assurance.standard.opening import load_standard
from mofang.assurance.standard.pack import load_pack

NEW = "cn_gbt_45654_2025"
HEADING = """\
id: {id}
version: "1"
status: draft
title: {{zh: 自有, en: own}}
issuer: {{zh: 自己, en: ourselves}}
nature: {{zh: 内部, en: internal}}
number: OWN-1
issued: "2026-01-01"
effective: "2026-01-01"
inherits: cn_gbt_45654_2025
"""


def own(project: Path, id: str = "own") -> Path:
    folder = project / "packs" / "mine"
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(HEADING.format(id=id), encoding="utf-8")
    return folder


def confirm(file: Path, standard: str, project: Path) -> None:
    pack = load_standard(standard, project)
    word = confirmation(pack, pack.check("KW-1"), edition="E", by="王芳", on="2026-11-01")
    write_confirmations(file, [word])


def test_ours_by_id_and_ones_own_by_folder(tmp_path: Path) -> None:
    own(tmp_path)
    assert load_standard(NEW, tmp_path) == load_pack(NEW)
    assert load_standard("packs/mine", tmp_path).id == "own"
    assert load_standard(str(tmp_path / "packs" / "mine"), Path("/")).id == "own"


def test_what_was_confirmed_in_the_project_is_laid_over(tmp_path: Path) -> None:
    own(tmp_path)
    confirm(tmp_path / "confirmations.yaml", "packs/mine", tmp_path)
    assert load_standard("packs/mine", tmp_path).check("KW-1").confirmed_by == "王芳"
    assert load_standard(NEW, tmp_path) == load_pack(NEW)
    other = tmp_path / "others.yaml"
    confirm(other, NEW, tmp_path)
    assert load_standard(NEW, tmp_path, confirmations=other).check("KW-1").confirmed_by == "王芳"


def test_what_is_no_standard_gets_near_names(tmp_path: Path) -> None:
    with pytest.raises(PackError) as error:
        load_standard("cn_gbt_45654", tmp_path)
    assert error.value.remedy == f"known: {NEW}"
    with pytest.raises(PackError, match="is the id of a pack that comes with Mofang"):
        load_standard(str(own(tmp_path, NEW)), tmp_path)
