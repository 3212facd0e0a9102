from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from mofang.errors import MofangError
from mofang.project.document import read_document


@dataclass(frozen=True, slots=True)
class Wheel:
    size: int
    share: str = "0.5"

    def __post_init__(self) -> None:
        if self.size < 1:
            raise MofangError("a wheel has a size", where="cart.spare.size", remedy="give 1 or more")


@dataclass(frozen=True, slots=True)
class Cart:
    name: str
    wheels: tuple[Wheel, ...] = ()
    painted: bool = False
    colour: Literal["red", "blue"] = "red"
    title: Mapping[str, str] = field(default_factory=dict)
    spare: Wheel | None = None
    load: str | tuple[str, ...] = ()


def read(folder: Path, text: str, **variables: str) -> Cart:
    file = folder / "cart.yaml"
    file.write_text(text, encoding="utf-8")
    return read_document(Cart, file, variables)


def test_a_mapping_becomes_a_value(tmp_path: Path) -> None:
    text = """
name: 小车
wheels: [{size: 3, share: 0.10}, {size: 4}]
painted: yes
colour: blue
title: {zh: 车, en: cart}
spare: null
load: [hay, corn]
"""
    assert read(tmp_path, text) == Cart(
        "小车", (Wheel(3, "0.10"), Wheel(4)), True, "blue", {"zh": "车", "en": "cart"}, None, ("hay", "corn")
    )


def test_a_single_text_may_stand_for_a_list(tmp_path: Path) -> None:
    assert read(tmp_path, "{name: a, load: hay}").load == "hay"


def test_variables_stand_in(tmp_path: Path) -> None:
    assert read(tmp_path, "name: ${WHO}-${WHAT:-cart}", WHO="our").name == "our-cart"


@pytest.mark.parametrize(
    ("text", "line", "message", "remedy"),
    [
        ("name: a\nwheel: []\n", 2, "unknown key: wheel", "did you mean wheels?"),
        ("name: a\nwheels:\n  - size: 3\n    shaer: 1\n", 4, "unknown key: shaer", "did you mean share?"),
        ("painted: true\n", 1, "the key name is missing", "add it"),
        ("name: a\nname: b\n", 2, "the key name stands here twice", "remove one of them"),
        ("name: a\nwheels:\n  - size: 0\n", 3, "a wheel has a size", "give 1 or more"),
        ("name: a\nspare:\n  share: 0.2\n  size: 0\n", 4, "a wheel has a size", "give 1 or more"),
        ("name: a\nwheels:\n  - size: many\n", 3, "many is not a whole number", None),
        ("name: a\npainted: perhaps\n", 2, "perhaps is neither true nor false", None),
        ("name: a\ncolour: blu\n", 2, "blu is not one of red, blue", "did you mean blue?"),
        (
            "name: a\nwheels: 3\n",
            2,
            "a list is expected here",
            "write each entry on its own line, after a dash",
        ),
        ("name: [a]\n", 1, "a single value is expected here", None),
        (
            "name: ${NOBODY}\n",
            1,
            "the variable NOBODY is not set",
            "set it in the environment, or give --var NOBODY=…",
        ),
        ("- a\n", 1, "a mapping (key: value) is expected here", None),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(
    tmp_path: Path, text: str, line: int, message: str, remedy: str | None
) -> None:
    with pytest.raises(MofangError) as caught:
        read(tmp_path, text)
    assert (caught.value.message, caught.value.remedy) == (message, remedy)
    assert caught.value.where == f"{tmp_path / 'cart.yaml'}:{line}"
    assert caught.value.exit_code == 2


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(MofangError, match="not valid YAML") as caught:
        read(tmp_path, "name: a\nwheels: [\n")
    assert (caught.value.where or "").startswith(str(tmp_path / "cart.yaml:"))


@pytest.mark.parametrize("content", [b"", b"# nothing but a remark\n"])
def test_an_empty_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cart.yaml").write_bytes(content)
    with pytest.raises(MofangError, match="the file is empty"):
        read_document(Cart, tmp_path / "cart.yaml", {})


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "cart.yaml").write_bytes("name: 小车".encode("gb18030"))
    with pytest.raises(MofangError, match="not UTF-8 text"):
        read_document(Cart, tmp_path / "cart.yaml", {})


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(MofangError) as caught:
        read_document(Cart, tmp_path / "mofang.yaml", {})
    assert caught.value.remedy == f"make one with: mofang init {tmp_path}"
