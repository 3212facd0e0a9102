"""Numbers bound in documents, also after people and other programs have had them."""

from __future__ import annotations

import dataclasses
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mofang.assurance.dossier.bound import Difference, check_document, read_bound_figures, read_findings
from mofang.assurance.dossier.html import render_report
from mofang.assurance.dossier.values import shown
from mofang.errors import MofangError

BODY = "word/document.xml"


@pytest.fixture
def report(word: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "report.docx"
    path.write_bytes(word)
    return path


@pytest.fixture
def page(assessment: Any, tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(render_report(assessment.dossier()), "utf-8")
    return path


def _edit(path: Path, change: Callable[[str], str]) -> None:
    """Rewrite the body as an editor would, leaving the rest of the archive alone."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before = parts[BODY].decode()
    parts[BODY] = change(before).encode()
    assert parts[BODY].decode() != before
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def _figure(assessment: Any, metric: str, field: str, **params: str) -> Any:
    return next(
        figure
        for figure in assessment.figures
        if (figure.metric, figure.field) == (metric, field)
        and all(figure.params.get(name) == value for name, value in params.items())
    )


def _marked(figure: Any, n: int = 0) -> str:
    return rf'(<w:bookmarkStart [^>]*w:name="mf_{figure.id[7:27]}_{n}"/>)(.*?)(<w:bookmarkEnd [^>]*/>)'


def test_a_document_as_made_agrees(report: Path, page: Path, assessment: Any) -> None:
    assert check_document(report, assessment.figures, assessment.objects) == []
    assert check_document(page, assessment.figures, assessment.objects) == []


def test_each_bound_text_is_the_printed_form_of_its_figure(report: Path, page: Path, assessment: Any) -> None:
    printed = {figure.id[7:27]: shown(figure.value, figure.field) for figure in assessment.figures}
    for path in (report, page):
        bound = read_bound_figures(path)
        assert [one.text for one in bound] == [printed[one.figure_prefix] for one in bound]
        assert {one.figure_prefix for one in bound} == {id[7:27] for id in assessment.dossier().stated}


def test_both_documents_name_their_findings(report: Path, page: Path, assessment: Any) -> None:
    assert read_findings(report) == read_findings(page) == assessment.digest


def test_a_number_edited_in_word_is_named(report: Path, assessment: Any) -> None:
    figure = _figure(assessment, "refusal_rate", "rate", kind="should_refuse")
    _edit(
        report, lambda body: re.sub(_marked(figure), lambda m: m[0].replace("95.92%", "99.9%"), body, count=1)
    )
    (found,) = check_document(report, assessment.figures, assessment.objects)
    assert (found.figure, found.stated, found.expected, found.what) == (
        figure.id,
        "99.9%",
        "95.92%",
        "differs",
    )
    assert "99.9%" in found.where


def test_digits_typed_beside_a_bookmark_count_as_part_of_the_number(report: Path, assessment: Any) -> None:
    figure = _figure(assessment, "question_count", "n", kind="content")
    _edit(report, lambda body: re.sub(_marked(figure), r"\1\2\3<w:r><w:t>0</w:t></w:r>", body, count=1))
    (found,) = check_document(report, assessment.figures, assessment.objects)
    assert (found.stated, found.expected) == ("1200", "120")


def test_an_editor_may_split_a_number_into_runs(report: Path, assessment: Any) -> None:
    pieces = [f"<w:r><w:t>{text}</w:t></w:r>" for text in ("95", ".9", "2%")]
    split = '<w:proofErr w:type="gramStart"/>'.join(pieces)
    figure = _figure(assessment, "refusal_rate", "rate", kind="should_refuse")
    _edit(report, lambda body: re.sub(_marked(figure), rf"\g<1>{split}\g<3>", body))
    assert check_document(report, assessment.figures, assessment.objects) == []


def test_full_width_digits_and_hard_spaces_are_the_same_number(report: Path, assessment: Any) -> None:
    figure = _figure(assessment, "refusal_rate", "rate", kind="should_refuse")
    _edit(
        report,
        lambda body: re.sub(_marked(figure), lambda m: m[0].replace("95.92%", "９５．９２\u00a0％"), body),
    )
    assert check_document(report, assessment.figures, assessment.objects) == []


def test_tracked_deletions_are_not_read(report: Path, assessment: Any) -> None:
    figure = _figure(assessment, "question_count", "n", kind="content")
    deleted = '<w:del w:id="9001" w:author="x"><w:r><w:delText>120</w:delText></w:r></w:del>'
    inserted = '<w:ins w:id="9002" w:author="x"><w:r><w:t>2,000</w:t></w:r></w:ins>'
    _edit(report, lambda body: re.sub(_marked(figure), rf"\g<1>{deleted}{inserted}\g<3>", body, count=1))
    (found,) = check_document(report, assessment.figures, assessment.objects)
    assert found.stated == "2,000"


def test_a_figure_taken_out_of_the_document_is_missing(report: Path, assessment: Any) -> None:
    figure = _figure(assessment, "keyword_count", "n")
    _edit(report, lambda body: re.sub(_marked(figure), r"\2", body))
    assert check_document(report, assessment.figures, assessment.objects) == [
        Difference(figure.id, "", "340", "", "missing")
    ]


def test_a_figure_that_the_evidence_does_not_know_is_named(report: Path, assessment: Any) -> None:
    figure = _figure(assessment, "keyword_count", "n")
    strange = "0" * 20
    _edit(report, lambda body: body.replace(f"mf_{figure.id[7:27]}", f"mf_{strange}"))
    found = check_document(report, assessment.figures, assessment.objects)
    assert [(one.figure, one.what) for one in found] == [(strange, "unknown"), (figure.id, "missing")]


def test_an_edited_page_is_named(page: Path, assessment: Any) -> None:
    page.write_text(page.read_text("utf-8").replace(">340</a>", ">13,400</a>"), "utf-8")
    (found,) = check_document(page, assessment.figures, assessment.objects)
    assert (found.stated, found.expected, found.where) == ("13,400", "340", "clause-KW-1")


def test_a_value_changed_in_the_figures_does_not_hide_it(report: Path, assessment: Any) -> None:
    lied = [
        dataclasses.replace(figure, value=0) if figure.field == "n" else figure
        for figure in assessment.figures
    ]
    assert check_document(report, lied, assessment.objects) == []


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_bookmarks_survive_libreoffice(report: Path, assessment: Any, tmp_path: Path) -> None:
    out = tmp_path / "saved"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = ["soffice", "--headless", profile, "--convert-to", "docx", "--outdir", str(out), str(report)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    saved = out / "report.docx"
    assert saved.read_bytes() != report.read_bytes()
    assert read_findings(saved) == assessment.digest
    assert check_document(saved, assessment.figures, assessment.objects) == []
    assert [one.text for one in read_bound_figures(saved)] == [one.text for one in read_bound_figures(report)]


def _zip(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'">]><a>&b;&b;</a>'


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("text", lambda path: path.write_bytes(b"not a document")),
        ("empty", lambda path: path.write_bytes(b"")),
        ("spreadsheet", lambda path: _zip(path, {"xl/workbook.xml": b"<x/>"})),
        ("ratio", lambda path: _zip(path, {BODY: b"0" * 50_000_000})),
        ("members", lambda path: _zip(path, {f"p{n}": b"" for n in range(3000)})),
        ("broken", lambda path: _zip(path, {BODY: b"<w:document"})),
        ("entities", lambda path: _zip(path, {BODY: BOMB})),
        ("plain", lambda path: _zip(path, {BODY: b"<a/>"})),
    ],
)
def test_what_is_no_report_is_refused(
    name: str, make: Callable[[Path], Any], tmp_path: Path, assessment: Any
) -> None:
    path = tmp_path / f"{name}.docx"
    make(path)
    with pytest.raises(MofangError) as caught:
        check_document(path, assessment.figures, assessment.objects)
    assert caught.value.where == str(path)


def test_a_truncated_report_is_refused(report: Path, assessment: Any) -> None:
    data = report.read_bytes()
    for length in (10, 1000, len(data) // 2, len(data) - 5):
        report.write_bytes(data[:length])
        with pytest.raises(MofangError):
            check_document(report, assessment.figures, assessment.objects)


def test_a_flipped_byte_is_refused_or_read(report: Path, assessment: Any) -> None:
    data = bytearray(report.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo(BODY)
    data[info.header_offset + 5000] ^= 0xFF
    report.write_bytes(bytes(data))
    with pytest.raises(MofangError):
        read_bound_figures(report)


def test_a_report_that_lost_every_bookmark_is_refused(report: Path, assessment: Any) -> None:
    _edit(report, lambda body: re.sub(r"<w:bookmark(Start|End) [^>]*/>", "", body))
    with pytest.raises(MofangError, match="holds no figures"):
        check_document(report, assessment.figures, assessment.objects)


def test_an_absent_file_is_named(tmp_path: Path, assessment: Any) -> None:
    for name in ("none.docx", "none.html"):
        with pytest.raises(MofangError) as caught:
            check_document(tmp_path / name, assessment.figures, assessment.objects)
        assert caught.value.where == str(tmp_path / name)
