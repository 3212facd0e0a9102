"""Rows laid over rows: the order in which three packs are merged does not matter, and a pack over itself is itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mofang.assurance.standard.files import CONFIRMED, Row, Sheets, packs_folder, read_sheets
from mofang.assurance.standard.pack import load_folder, load_pack

FIELDS = ("value", "op", "note", *CONFIRMED)
rows = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["1", "2", None]))
sections = st.dictionaries(
    st.sampled_from(["checks", "clauses"]), st.dictionaries(st.sampled_from(["A", "B", "C"]), rows)
)


def sheets(name: str, content: dict[str, Any]) -> Sheets:
    made = {
        section: {
            id: Row({"id": id, **row}, f"{name}:{id}", {field: f"{name}:{id}:{field}" for field in row})
            for id, row in rows.items()
        }
        for section, rows in content.items()
    }
    return Sheets(Row({"id": name}, name, {}), made, taxonomy=name)


def plain(found: Sheets) -> Any:
    """Everything that a pack is built from, rows in their order."""
    kept = {
        section: [(id, dict(row.values), row.where, dict(row.places)) for id, row in rows.items()]
        for section, rows in found.sections.items()
    }
    return found.heading.values, kept, found.taxonomy


@given(sections, sections, sections)
def test_laying_over_is_associative(a: Any, b: Any, c: Any) -> None:
    first, second, third = sheets("a", a), sheets("b", b), sheets("c", c)
    assert plain(third.over(second).over(first)) == plain(third.over(second.over(first)))


@given(sections)
def test_laying_over_itself_changes_nothing(a: Any) -> None:
    one = sheets("a", a)
    assert plain(one.over(one)) == plain(one)


@given(sections, sections)
def test_fields_of_the_child_win_and_confirmations_stay_behind(a: Any, b: Any) -> None:
    merged = sheets("b", b).over(sheets("a", a))
    for section, found in merged.sections.items():
        for id, row in found.items():
            own = b.get(section, {}).get(id, {})
            below = a.get(section, {}).get(id, {})
            for field in FIELDS:
                wanted = own.get(field) if field in own or field in CONFIRMED else below.get(field)
                assert row.values.get(field) == wanted


def test_a_child_that_says_nothing_is_its_parent_under_another_name(tmp_path: Path) -> None:
    heading = packs_folder().joinpath("cn_gbt_45654_2025", "pack.yaml").read_text("utf-8")
    folder = tmp_path / "twin"
    folder.mkdir()
    heading = heading.replace("id: cn_gbt_45654_2025", "id: twin")
    heading = heading.replace("inherits: cn_tc260_003_2024", "inherits: cn_gbt_45654_2025")
    (folder / "pack.yaml").write_text(heading, encoding="utf-8")
    twin, parent = load_folder(folder), load_pack("cn_gbt_45654_2025")
    for name in ("clauses", "checks", "risks", "aspects", "sources", "path", "dossier", "rubric", "taxonomy"):
        assert getattr(twin, name) == getattr(parent, name), name


def test_what_was_confirmed_in_a_parent_is_not_confirmed_in_its_child(tmp_path: Path) -> None:
    confirmed = "confirmed_by: 王芳, confirmed_edition: E, confirmed_on: '2026-01-01'"
    for name, parent, text in (
        ("base", "cn_gbt_45654_2025", f"checks:\n  - {{id: KW-1, {confirmed}}}\n"),
        ("child", "base", ""),
    ):
        folder = tmp_path / name
        folder.mkdir()
        heading = packs_folder().joinpath("cn_gbt_45654_2025", "pack.yaml").read_text("utf-8")
        heading = heading.replace("id: cn_gbt_45654_2025", f"id: {name}")
        heading = heading.replace("inherits: cn_tc260_003_2024", f"inherits: {parent}")
        (folder / "pack.yaml").write_text(heading, encoding="utf-8")
        (folder / "checks.yaml").write_text(text, encoding="utf-8")
    assert load_folder(tmp_path / "base").check("KW-1").confirmed_by == "王芳"
    assert load_folder(tmp_path / "child").check("KW-1").confirmed_by is None


def test_sheets_know_whose_codes_they_are() -> None:
    assert read_sheets(packs_folder().joinpath("cn_tc260_003_2024")).taxonomy == "cn_tc260_003_2024"
    assert load_pack("cn_gbt_45654_2025").taxonomy == "cn_tc260_003_2024"
    assert load_pack("mlc_ailuminate").taxonomy == "mlc_ailuminate"
