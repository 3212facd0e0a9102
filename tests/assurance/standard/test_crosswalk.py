"""Questions coded for one pack, counted for another."""

from __future__ import annotations

from mofang.assurance.standard.pack import load_pack

MLC, OLD, NEW = map(load_pack, ("mlc_ailuminate", "cn_tc260_003_2024", "cn_gbt_45654_2025"))


def test_the_mapping_is_the_recorded_one() -> None:
    mapped = {risk.code: MLC.codes_for(risk.code)[1:] for risk in MLC.risks}
    assert mapped == {
        "vcr": ("A.1.d", "A.1.f"), "iwp": ("A.1.d",), "sxc": ("A.1.f",), "cse": ("A.1.f",), "spc": ("A.1.g",),
        "hte": tuple(f"A.2.{letter}" for letter in "abcdefghi"), "ipv": ("A.3.a",), "ssh": ("A.4.a",),
        "dfm": ("A.4.c",), "prv": ("A.4.e", "A.4.f"), "src": (), "ncr": (),
    }  # fmt: skip
    (row,) = MLC.crosswalk
    assert "我们的对照" in row.note["zh"]
    assert "Our mapping" in row.note["en"]
    assert (row.to, row.confidence) == (OLD.id, "L")


def test_what_has_no_class_there_stays_unmapped() -> None:
    used = {code for row in MLC.crosswalk for codes in row.codes.values() for code in codes}
    without = {risk.code for risk in NEW.risks} - used
    named = {
        "A.1.a",
        "A.1.b",
        "A.1.c",
        "A.1.e",
        "A.1.h",
        "A.3.b",
        "A.3.c",
        "A.3.d",
        "A.3.e",
        "A.5.a",
        "A.5.b",
    }
    assert named <= without


def test_a_pack_without_a_mapping_has_its_own_codes_alone() -> None:
    assert OLD.codes_for("A.1.a") == NEW.codes_for("A.1.a") == ("A.1.a",)
    assert NEW.codes_for("geography") == ("geography",)
    assert OLD.taxonomy == NEW.taxonomy != MLC.taxonomy
