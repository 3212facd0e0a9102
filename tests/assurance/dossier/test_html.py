"""The pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from mofang.assurance.dossier.annex import read_annex
from mofang.assurance.dossier.html import render_evidence, render_report
from mofang.assurance.dossier.material import Dossier

VOID = {"meta", "input", "br", "img", "hr", "link"}


class _Outline(HTMLParser):
    """Ids, links, and whether every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given[name] or "" for name in ("href", "src") if name in given]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def evidence(assessment: Any, dossier: Dossier) -> str:
    return render_evidence(dossier, read_annex(assessment.objects, dossier, assessment.segments))


def test_pages_are_whole_and_stand_alone(dossier: Dossier, evidence: str) -> None:
    for page in (render_report(dossier), evidence):
        outline = _Outline(page)
        assert outline.open == []
        assert len(outline.ids) == len(set(outline.ids))
        assert [link for link in outline.links if not re.match(r"#|(report|evidence)\.html(#|$)", link)] == []
        assert re.findall(r"@import|url\(|<script|<link", page) == []


def test_every_link_between_the_pages_arrives(dossier: Dossier, evidence: str) -> None:
    report = render_report(dossier)
    pages = {"report.html": _Outline(report), "evidence.html": _Outline(evidence)}
    for name, outline in pages.items():
        for link in outline.links:
            page, _mark, anchor = link.partition("#")
            assert not anchor or anchor in pages[page or name].ids, link


def test_every_clause_prints_its_proposed_conclusion(dossier: Dossier) -> None:
    page = render_report(dossier)
    for clause in dossier.clauses:
        article = page.split(f'id="clause-{clause.id}"')[1].split("</article>")[0]
        assert "建议结论" in article
        assert dossier.words[f"conclusion_{clause.conclusion}"]["zh"] in article
        assert ("未核对官方文本" in article) == (clause.confirmed_by is None)
        assert ('class="room"' in article) == (clause.conclusion == "fails")


def test_the_disclaimer_stands_on_top_and_at_the_foot_of_both_pages(dossier: Dossier, evidence: str) -> None:
    for page in (render_report(dossier), evidence):
        assert page.count(dossier.words["disclaimer"]["zh"]) >= 3
        assert dossier.words["disclaimer"]["zh"] in page.split("<footer>")[1]


def test_a_demonstration_bank_is_marked(dossier: Dossier) -> None:
    banks = render_report(dossier).split('id="banks"')[1].split("</section>")[0]
    assert "流程演示题，不得用于报送" in banks
    assert "120" in banks


def test_the_language_shown_first_is_chosen(dossier: Dossier) -> None:
    assert 'id="zh" checked' in render_report(dossier)
    assert 'id="en" checked' in render_report(dossier, "en")


def test_texts_of_others_are_escaped(assessment: Any) -> None:
    attack = "<script>alert(1)</script>"
    assessment.findings["project"]["title"] = {"zh": attack, "en": attack}
    assessment.findings["clauses"][0]["reason"] = {"zh": attack, "en": attack}
    page = render_report(assessment.dossier({"corpus": f"- {attack} **{attack}**"}))
    assert attack not in page
    assert page.count("&lt;script&gt;") >= 4


def test_harmful_texts_are_folded_in_the_annex(evidence: str) -> None:
    for section in evidence.split("<article")[1:]:
        if "should_refuse" in section.split("</code>")[1]:
            unfolded = re.sub(r"<details><summary>.*?</details>", "", section, flags=re.DOTALL)
            assert "占位题目" not in unfolded
            assert "占位题目" in section


def test_the_annex_says_that_it_lists_only_so_many(evidence: str) -> None:
    assert "仅列出前 300 项，共 400 项" in evidence


def test_equal_material_gives_equal_pages(assessment: Any) -> None:
    assert render_report(assessment.dossier()) == render_report(assessment.dossier())
