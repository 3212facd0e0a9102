"""Starting a project: the filing path is asked first, then a ``mofang.yaml`` is written that teaches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mofang.assurance.conditions import FACTS
from mofang.assurance.config import PathFacts
from mofang.assurance.pack import latest_pack_id
from mofang.errors import MofangError
from mofang.evidence.files import make_folder, write_atomic
from mofang.i18n import _
from mofang.project.file import FILE

READABLE = {".txt", ".md", ".html", ".htm", ".jsonl", ".parquet"}

PROJECT = """\
# What is wanted. `mofang run` does it; evidence lands in .mofang/, documents in dossier/.
# 这里写想要什么；`mofang run` 照做，证据存入 .mofang/，文件写到 dossier/。
mofang: 1
name: {name}
title: {{zh: {title}, en: {title}}}
as_of: {as_of}          # the only date the documents print 文件中唯一的日期
provider: {{name: {title}, product: {title}}}

corpus:
  role: none            # pre-training, fine-tuning, retrieval or none 语料相对模型的用途
  sources: sources.yaml
  lexicon: demo         # your own list: lexicon.csv with term,risk 换成自备的关键词库

models:
  assistant:
    endpoint: embedded  # or https://…/v1 of any OpenAI-compatible API, with key_env: NAME_OF_VARIABLE
    max_tokens: 48

assurance:
  standard: {standard}
  model: assistant
  banks: [starter]      # demonstration questions 流程演示题，不得用于报送
  sample: {{content: 100, should_refuse: 50, should_not_refuse: 50}}
  path:                 # what decides the procedure; leave out what nobody knows yet 决定办理路径的事实
{path}

budget: {{calls: 200, tokens: 20000, minutes: 30}}
"""

SOURCES = """\
# Every text belongs to one declared source. 每份文本都属于一个登记的来源。
# Check licence, origin, method and contract of each: they are declared, not guessed. 许可、来源、方式、合同须逐项核对。
sources:
{entries}
"""

ENTRY = """\
  - id: {id}
    path: {path}
    licence: {licence}
    origin: domestic        # domestic | foreign
    method: self_collected  # open | self_collected | commercial | user_input | synthetic
    contract: null          # the file that proves the right to use it 证明使用权的文件
"""


@dataclass(frozen=True, slots=True)
class Started:
    """What was written: the files, and the sources found in the folder given."""

    folder: Path
    files: tuple[Path, ...]
    sources: tuple[str, ...]


def facts_from(answers: Mapping[str, str]) -> PathFacts:
    """Path facts from words such as ``public=true``. Raises MofangError for an unknown fact or answer."""
    values: dict[str, bool | str] = {}
    for name, text in answers.items():
        if name not in FACTS:
            raise MofangError(
                _("{name} is not a question of the path").format(name=name),
                remedy=_("the questions are: {names}").format(names=", ".join(FACTS)),
            )
        if text not in FACTS[name]:
            raise MofangError(
                _("{text} is not an answer to {name}").format(text=text, name=name),
                remedy=_("answer with one of: {answers}").format(answers=", ".join(FACTS[name])),
            )
        values[name] = text == "true" if FACTS[name] == ("true", "false") else text
    return PathFacts(**values)  # type: ignore[arg-type]


def start_project(folder: Path, facts: PathFacts, *, as_of: str, corpus: Path | None = None) -> Started:
    """Write ``mofang.yaml`` and ``sources.yaml`` into ``folder``; ``corpus`` is a folder whose parts become sources.

    Nothing that exists is overwritten. Raises MofangError if there is a project already or nothing readable.
    """
    file = folder / FILE
    if file.exists():
        raise MofangError(
            _("there is a project here already"),
            where=str(file),
            remedy=_("change it, or choose another folder"),
        )
    entries, ids = _entries(folder, corpus)
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.resolve().name.lower()).strip("-_") or "project"
    text = PROJECT.format(
        name=name,
        title=folder.resolve().name,
        as_of=as_of,
        standard=latest_pack_id(),
        path=_path_lines(facts),
    )
    make_folder(folder)
    written = []
    for path, content in ((folder / "sources.yaml", SOURCES.format(entries=entries)), (file, text)):
        if not path.exists():
            write_atomic(path, content.encode())
            written.append(path)
    return Started(folder, tuple(written), ids)


def _entries(folder: Path, corpus: Path | None) -> tuple[str, tuple[str, ...]]:
    if corpus is None:
        make_folder(folder / "data")
        return ENTRY.format(id="data", path="data", licence='"to be declared 待填写"').rstrip(), ("data",)
    if not corpus.is_dir():
        raise MofangError(
            _("there is no such folder"), where=str(corpus), remedy=_("give the folder that holds the texts")
        )
    parts = [part for part in sorted(corpus.iterdir()) if not part.name.startswith(".") and _readable(part)]
    loose = [part for part in parts if part.is_file()]
    sources = [part for part in parts if part.is_dir()] if not loose else [corpus]
    if not sources:
        raise MofangError(
            _("nothing in this folder can be read"),
            where=str(corpus),
            remedy=_("put in .txt, .md, .html, .jsonl or .parquet files"),
        )
    ids: list[str] = []
    for part in sources:
        plain = re.sub(r"[^a-z0-9_-]+", "-", part.name.lower()).strip("-_") or "source"
        ids.append(plain if plain not in ids else f"{plain}-{len(ids) + 1}")
    lines = [
        ENTRY.format(id=id, path=_quoted(_relative(part, folder)), licence='"to be declared 待填写"')
        for id, part in zip(ids, sources, strict=True)
    ]
    return "".join(lines).rstrip(), tuple(ids)


def _readable(part: Path) -> bool:
    if part.is_file():
        return part.suffix.lower() in READABLE
    return any(inner.suffix.lower() in READABLE for inner in part.rglob("*"))


def _relative(part: Path, folder: Path) -> str:
    try:
        return part.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return str(part.resolve())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _path_lines(facts: PathFacts) -> str:
    lines = []
    for name in FACTS:
        value = getattr(facts, name)
        text = "?" if value is None else str(value).lower() if isinstance(value, bool) else value
        lines.append(f"    # {name}: {' | '.join(FACTS[name])}" if value is None else f"    {name}: {text}")
    return "\n".join(lines)
