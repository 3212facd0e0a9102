"""The test kit, and the guide's example, which is checked with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mofang.assurance.standard.files import packs_folder
from mofang.assurance.standard.kit import Report, check_pack
from mofang.assurance.standard.pack import load_folder, pack_ids

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "write-a-pack.md"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The pack that the guide writes."""
    blocks = re.findall(r"```yaml\n# (my-pack/\S+)\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 5
    (tmp_path / "my-pack").mkdir()
    for name, text in blocks:
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "my-pack"


def waits(report: Report, check: str) -> set[str | None]:
    return {one.waits for one in report.tried if one.check == check}


def test_the_guides_example_is_a_pack(example: Path) -> None:
    report = check_pack(example)
    assert report.ok, report.text()
    pack = load_folder(example)
    assert (len(pack.clauses), len(pack.checks)) == (56, 63)
    assert pack.check("EV-R1").value == "0.98"
    assert pack.in_force(pack.clause("CO-1"), "2026-12-31") == "not_yet"
    (tried,) = [one for one in report.tried if one.check == "CO-1"]
    assert {"rate", "lower", "strata"} <= set(tried.fields)


def test_the_guide_fits_on_a_page_or_two() -> None:
    assert len(GUIDE.read_text("utf-8").splitlines()) < 160


@pytest.mark.parametrize("id", pack_ids())
def test_every_check_of_our_packs_yields_something_or_says_what_it_waits_for(id: str) -> None:
    report = check_pack(Path(str(packs_folder().joinpath(id))))
    assert report.ok, report.text()
    assert {one.check for one in report.tried} == {check.id for check in report.pack.checks}  # type: ignore[union-attr]
    for one in report.tried:
        assert one.fields or one.waits in ("person", "document", "classifier"), one
    assert not report.dead


def test_evidence_coded_for_one_pack_serves_another() -> None:
    report = check_pack(Path(str(packs_folder().joinpath("mlc_ailuminate"))))
    elements = {one.element: one.fields for one in report.tried if one.check == "RATE-M"}
    assert len(elements) == 12
    assert all("rate" in fields for fields in elements.values())


def test_a_report_lists_every_mistake(example: Path) -> None:
    (example / "checks.yaml").write_text("checks:\n  - {id: KW-1, metric: sums, op: '<'}\n", encoding="utf-8")
    report = check_pack(str(example))
    assert (report.ok, report.pack) == (False, None)
    assert [where for where, _what in report.mistakes[:2]] == ["my-pack/checks.yaml:2"] * 2
    assert "unknown metric sums" in report.text()


def test_a_check_that_nothing_can_measure_is_dead(example: Path) -> None:
    row = "{id: CO-1, metric: question_count, params: {kind: content, risk: geography}, op: '>=', value: '1'"
    text = (
        f"checks:\n  - {row}, clause: CO-1, statistic: count, force: may, confidence: L, sources: [MEM]}}\n"
    )
    (example / "checks.yaml").write_text(text, encoding="utf-8")
    assert check_pack(example).ok  # an aspect's code among the contents: counted, and none is there
    row = "{id: CO-1, metric: reviewed_share, op: '==', value: '1'"
    text = f"checks:\n  - {row}, clause: CO-1, statistic: proportion, force: may, confidence: L, sources: [MEM]}}\n"
    (example / "checks.yaml").write_text(text, encoding="utf-8")
    report = check_pack(example)
    assert (report.ok, report.dead) == (False, ("CO-1",))
    assert "CO-1: nothing would ever be measured" in report.text()
    assert check_pack(example, dry_run=False).ok


def test_no_pack_at_all_is_a_report_too(tmp_path: Path) -> None:
    report = check_pack(tmp_path)
    assert not report.ok
    assert "no pack.yaml" in report.text()


def test_a_pack_of_ones_own_needs_an_id_of_its_own(example: Path) -> None:
    heading = (example / "pack.yaml").read_text("utf-8")
    (example / "pack.yaml").write_text(heading.replace("my_company_2026", "mlc_ailuminate"), encoding="utf-8")
    assert "mlc_ailuminate is the id of a pack that comes with Mofang" in check_pack(example).text()
