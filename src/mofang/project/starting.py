"""Starting a project: the filing path is asked first, then a ``mofang.yaml`` is written that teaches."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from mofang.assurance.config import PathFacts
from mofang.assurance.standard.conditions import FACTS
from mofang.assurance.standard.pack import latest_pack_id
from mofang.corpus.inventory import SUFFIXES
from mofang.errors import MofangError
from mofang.evidence.files import make_folder, write_atomic
from mofang.i18n import _
from mofang.project.file import FILE

LIST = "sources.yaml"
UNDECLARED = '"to be declared 待填写"'

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
    """What was written: the files, the sources declared (none where a list of them stood there before), and the parts
    of the folder given that hold nothing readable."""

    folder: Path
    files: tuple[Path, ...]
    sources: tuple[str, ...]
    left_out: tuple[str, ...] = ()


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
    check_free(folder)
    sources, left_out = ([], ()) if corpus is None else look_for_sources(folder, corpus)
    entries, ids = _entries(folder, sources)
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.resolve().name.lower()).strip("-_") or "project"
    text = PROJECT.format(
        name=name,
        title=_quoted(folder.resolve().name or name),
        as_of=as_of,
        standard=latest_pack_id(),
        path=_path_lines(facts),
    )
    make_folder(folder)
    written = []
    for path, content in ((folder / LIST, SOURCES.format(entries=entries)), (folder / FILE, text)):
        if not path.exists():
            write_atomic(path, content.encode())
            written.append(path)
    return Started(folder, tuple(written), ids if folder / LIST in written else (), left_out)


def check_free(folder: Path) -> None:
    """Raises MofangError if there is a project in ``folder``."""
    if (folder / FILE).exists():
        raise MofangError(
            _("there is a project here already"),
            where=str(folder / FILE),
            remedy=_("change it, or choose another folder"),
        )


def look_for_sources(folder: Path, corpus: Path) -> tuple[list[Path], tuple[str, ...]]:
    """The folders under ``corpus`` that become sources, and the names of the parts that hold nothing readable. Raises
    MofangError if nothing is readable, or if the project would lie among its own texts."""
    if not corpus.is_dir():
        raise MofangError(
            _("there is no such folder"), where=str(corpus), remedy=_("give the folder that holds the texts")
        )
    parts = [part for part in sorted(corpus.iterdir()) if not part.name.startswith(".")]
    readable = [part for part in parts if _readable(part)]
    loose = [part for part in readable if part.is_file()]
    sources = [corpus.resolve()] if loose else readable
    if not readable:
        raise MofangError(
            _("nothing in this folder can be read"),
            where=str(corpus),
            remedy=_("put in .txt, .md, .html, .jsonl or .parquet files"),
        )
    for part in sources:
        if folder.resolve().is_relative_to(part.resolve()):
            raise MofangError(
                _("the project would lie among its own texts, and its documents would be read as such"),
                where=str(corpus),
                remedy=_("put the texts into a folder of their own, or the project into another one"),
            )
    return sources, tuple(part.name for part in parts if part not in readable)


def _entries(folder: Path, sources: Sequence[Path]) -> tuple[str, tuple[str, ...]]:
    """The list of sources as YAML, and their ids; without any, the folder ``data`` stands ready."""
    if not sources:
        make_folder(folder / "data")
        return ENTRY.format(id="data", path="data", licence=UNDECLARED).rstrip(), ("data",)
    ids: list[str] = []
    for part in sources:
        ids.append(_free_id(part.name, ids))
    lines = [
        ENTRY.format(id=id, path=_quoted(_relative(part, folder)), licence=UNDECLARED)
        for id, part in zip(ids, sources, strict=True)
    ]
    return "".join(lines).rstrip(), tuple(ids)


def _free_id(name: str, taken: Sequence[str]) -> str:
    plain = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:60] or "source"
    numbered = (f"{plain}-{n}" for n in count(2))
    return next(id for id in chain([plain], numbered) if id not in taken)


def _readable(part: Path) -> bool:
    if part.is_file():
        return part.suffix.lower() in SUFFIXES
    return any(inner.is_file() and inner.suffix.lower() in SUFFIXES for inner in part.rglob("*"))


def _relative(part: Path, folder: Path) -> str:
    try:
        return part.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return str(part.resolve())


def _quoted(text: str) -> str:
    """As a double-quoted scalar; JSON's strings are YAML's."""
    return json.dumps(text, ensure_ascii=False)


def _path_lines(facts: PathFacts) -> str:
    lines = []
    for name in FACTS:
        value = getattr(facts, name)
        text = "?" if value is None else str(value).lower() if isinstance(value, bool) else value
        lines.append(f"    # {name}: {' | '.join(FACTS[name])}" if value is None else f"    {name}: {text}")
    return "\n".join(lines)
