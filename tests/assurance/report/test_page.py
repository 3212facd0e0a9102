"""The page as a whole: it stands alone, runs nothing of others, and every number on it can be traced."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from mofang.assurance.report.page import build
from mofang.errors import MofangError
from mofang.evidence.digest import sha256_bytes
from mofang.evidence.leaves import read_leaves, redact_leaves
from mofang.evidence.quotes import fragments, quoting

VOID = {"meta", "input", "br", "img", "hr", "link"}
CLAIMS = re.compile("您|通过|认证|合格证")


class Outline(HTMLParser):
    """Ids, links, attributes, the texts of scripts and styles, and whether every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.figures: list[str] = []
        self.open: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.styles: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names |= set(given)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given[name] or "" for name in ("href", "src", "action", "data") if name in given]
        self.figures += [given["data-fig"]] if given.get("data-fig") else []
        if tag == "script":
            self.scripts.append((given, ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        if self.open and self.open[-1] == "style":
            self.styles.append(data)


def block(page: str, name: str) -> Any:
    found = [text for given, text in Outline(page).scripts if given.get("id") == f"data-{name}"]
    return json.loads(found[0]) if found else None


def test_the_page_is_whole_and_stands_alone(page: str, closed: str) -> None:
    for one in (page, closed):
        outline = Outline(one)
        assert outline.open == []
        assert len(outline.ids) == len(set(outline.ids))
        assert [link for link in outline.links if not link.startswith("#")] == []
        assert {link[1:] for link in outline.links} <= set(outline.ids)
        assert (
            re.findall(r"@import|url\(|<link|<iframe|<img|fetch\(|XMLHttp|innerHTML|eval\(", _frame(one))
            == []
        )


def _frame(page: str) -> str:
    """The page without its data: what we wrote ourselves."""
    return re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)


def test_the_policy_allows_the_pages_own_script_and_style_alone(page: str) -> None:
    outline = Outline(page)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    (script,) = [text for given, text in outline.scripts if "type" not in given]
    for name, text in (("script-src", script), ("style-src", "".join(outline.styles))):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} &#39;sha256-{digest}&#39;" in policy or f"{name} 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "default-src" in policy
    assert [name for name in outline.names if name == "style" or name.startswith("on")] == []


def test_hostile_answers_stay_data(made: Any, page: str) -> None:
    hostile = next(
        leaf["text"]
        for target in made.analysis["targets"]
        for leaf in read_leaves(made.objects, target["answers"])
        if "</script>" in leaf["text"]
    )
    kept = block(page, "texts")["answers"]
    assert hostile in [text for texts in kept.values() for text in texts]
    assert len(Outline(page).scripts) == 5
    assert "<img" not in page
    assert 'document.title="taken"' not in _frame(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_names_are_escaped(made: Any, language: str) -> None:
    attack = "</style></title><script>alert(1)</script>\"'"
    findings, analysis = copy.deepcopy(made.findings), copy.deepcopy(made.analysis)
    both = {"zh": attack, "en": attack}
    findings["project"]["title"] = both
    findings["service"]["model"] = attack
    findings["draws"][0]["assessment"] = attack
    findings["banks"][0]["name"] = attack
    findings["judges"] = {attack: sha256_bytes(b"x")}
    findings["clauses"][0]["title"] = both
    analysis["notes"] = [both]
    analysis["judges"][2]["why"] = both
    analysis["risks"][0]["name"] = both
    page = build(made.objects, findings, analysis, made.figures, language=language)
    assert attack not in page
    assert len(Outline(page).scripts) == 4
    assert page.count("&lt;script&gt;") >= 10


def test_without_texts_the_page_holds_none(made: Any, closed: str) -> None:
    assert "占位题" not in closed
    assert "图书馆答复" not in closed
    assert block(closed, "texts") is None
    assert "本文件含测试题目" not in _frame(closed)
    assert "mofang show REF" in closed


def test_with_texts_they_stand_in_the_data_alone_and_the_head_says_so(page: str) -> None:
    assert "占位题" not in _frame(page)
    assert "图书馆答复" not in _frame(page)
    assert "本文件含测试题目与回答的原文" in page.split("<main>")[0]


def test_forgetting_finds_the_texts_in_the_page(made: Any, page: str, closed: str) -> None:
    answers = made.analysis["targets"][0]["answers"]
    wanted = fragments(made.objects, answers)
    opened, shut = made.objects.put(page.encode()), made.objects.put(closed.encode())
    assert quoting(made.objects, [opened, shut], wanted) == {opened}


def test_every_number_can_be_traced(made: Any, page: str) -> None:
    known = {row[1] for group in block(page, "figures")["groups"] for row in group["fields"]}
    assert known == set(made.figures)
    shown = set(Outline(page).figures)
    assert shown <= set(made.figures)
    for row in [*made.analysis["risks"], *made.analysis["aspects"]]:
        for figures in row["voices"].values():
            wanted = {figures[name] for name in ("rate", "lower", "n") if name in figures}
            assert wanted <= shown or "rate" not in figures
    for clause in made.findings["clauses"]:
        for check in clause["checks"]:
            wanted = {check["figures"][name] for name in ("worst", "n", "wanted") if name in check["figures"]}
            assert wanted <= shown or check["metric"] not in ("pass_rate", "refusal_rate")


def test_a_figure_that_is_missing_is_an_error(made: Any) -> None:
    gone = made.analysis["risks"][0]["voices"]["keyword"]["rate"]
    figures = {id: figure for id, figure in made.figures.items() if id != gone}
    with pytest.raises(MofangError) as caught:
        build(made.objects, made.findings, made.analysis, figures)
    assert caught.value.where == "A.1.a"


def test_the_disclaimer_stands_on_top_at_the_foot_and_on_paper(closed: str) -> None:
    words = "不构成主管部门的审查意见"
    assert words in closed.split("<main>")[0]
    assert words in closed.split("<footer>")[1]
    assert words in "".join(Outline(closed).styles)


def test_nothing_on_the_page_claims_an_approval(made: Any, closed: str) -> None:
    findings = copy.deepcopy(made.findings)
    for clause in findings["clauses"]:
        clause["title"] = {"zh": "条款", "en": "clause"}
    assert CLAIMS.findall(_frame(closed)) == []


def test_an_unusable_judge_is_said_first(made: Any, closed: str) -> None:
    cover = closed.split('<header class="cover">')[1].split('<section id="decisions">')[0]
    assert "有判定方式不可用" in cover
    assert "与人工的一致程度接近偶然" in cover
    heads = closed.split('id="heat-content"')[1].split("</thead>")[0]
    assert "不可用" in heads
    analysis = copy.deepcopy(made.analysis)
    for one in analysis["judges"]:
        one["usable"], one["why"] = True, None
    assert "有判定方式不可用" not in build(made.objects, made.findings, analysis, made.figures)


def test_the_language_shown_first_is_chosen(made: Any, closed: str) -> None:
    english = made.page("en")
    assert '<html lang="zh-CN">' in closed
    assert 'id="zh" checked' in closed
    assert '<html lang="en">' in english
    assert 'id="en" checked' in english
    assert "<title>Assessment report" in english


def test_equal_artifacts_give_equal_pages(made: Any, page: str) -> None:
    assert made.page(texts=True) == page


def test_without_an_analysis_the_decisions_still_stand(made: Any) -> None:
    page = build(made.objects, made.findings, {}, made.figures)
    outline = Outline(page)
    assert {link[1:] for link in outline.links} <= set(outline.ids)
    assert 'id="heat"' not in page
    assert "没有逐风险分析" in page
    assert "EV-G2" in page


def test_without_its_pack_codes_stand_for_themselves(made: Any) -> None:
    findings = copy.deepcopy(made.findings)
    findings["standard"]["digest"] = sha256_bytes(b"not here")
    page = build(made.objects, findings, made.analysis, made.figures)
    assert "不构成主管部门的审查意见" in page
    assert "A.1" in page


def test_withdrawn_answers_are_gone_and_said_to_be(made: Any) -> None:
    analysis = copy.deepcopy(made.analysis)
    service = analysis["targets"][2]
    kept = redact_leaves(
        made.objects, service["answers"], {0: "asked for"}, keep=lambda leaf: {"question": leaf["question"]}
    )
    service["answers"] = kept.digest
    analysis["targets"][0]["answers"] = sha256_bytes(b"removed")
    page = build(made.objects, made.findings, analysis, made.figures, texts=True)
    rows = block(page, "items")["answers"]
    assert set(rows) == {"guard", "service"}
    assert rows["service"][0][4] == "w"
    assert block(page, "texts")["answers"]["service"][0] is None
    assert "已按请求撤回或未随附" in page
