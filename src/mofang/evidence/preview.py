"""Previews of artifacts by media type: leaves, figures, Parquet tables, JSON, text. Nothing here can steer a
terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from mofang.evidence.digest import Digest
from mofang.evidence.errors import EvidenceError
from mofang.evidence.figures import FIGURES, Figure
from mofang.evidence.leaves import LEAVES, leaf_ref, marked, read_leaves
from mofang.evidence.objects import ObjectStore
from mofang.i18n import _

PARQUET = "application/vnd.apache.parquet"
VEILED_KINDS = ("should_refuse", "content")
ROWS, CELL = 5, 60
LEAVES_SHOWN = 10
LONGEST = 20_000  # characters of a body
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TEXT_FIELDS = ("text", "prompt", "answer", "content")


@dataclass(frozen=True, slots=True)
class Preview:
    """What can be said about the content of an artifact: facts, text, links."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    text: str | None = None
    links: list[str] = field(default_factory=list)


def body_of(objects: ObjectStore, digest: Digest, media_type: str, reveal: bool) -> Preview:
    """The preview of an artifact. Without a media type its first bytes decide. Raises EvidenceError for
    leaves that cannot be read."""
    with objects.open(digest) as file:
        head = file.read(64)
    if media_type == FIGURES:
        return _figures(objects, digest)
    if media_type == LEAVES:
        return _leaves(objects, digest, reveal)
    if media_type == PARQUET or head.startswith(b"PAR1"):
        return _table(objects, digest)
    data = _beginning(objects, digest)
    if data is None:
        return Preview(
            facts=[(_("content"), _("binary; it lies at {path}").format(path=objects.path(digest)))]
        )
    if head.lstrip()[:1] in (b"{", b"["):
        return Preview(text=_shortened(_pretty(objects, digest, data)))
    return Preview(text=_shortened(printable(data)))


def leaf_text(leaf: Mapping[str, Any], reveal: bool) -> str:
    """A leaf as indented JSON, its text veiled where it may be harmful."""
    return printable(json.dumps(leaf if reveal else veiled(leaf), ensure_ascii=False, indent=2))


def veiled(leaf: Mapping[str, Any]) -> dict[str, Any]:
    """The leaf with its text replaced by its length: questions that probe a model, and every answer, can be
    things nobody should read by accident."""
    if leaf.get("kind") not in VEILED_KINDS and "question" not in leaf:
        return dict(leaf)
    return {
        name: _("[veiled, {n} characters; shown with --reveal]").format(n=len(value))
        if name in _TEXT_FIELDS and isinstance(value, str) and value and not _DIGEST.fullmatch(value)
        else value
        for name, value in leaf.items()
    }


def printable(text: str) -> str:
    """``text`` without what could steer a terminal or turn the reading direction: such characters become
    ``\\uXXXX``."""
    return "".join(
        char
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
        else f"\\u{ord(char):04x}"
        for char in text
    )


def _leaves(objects: ObjectStore, digest: Digest, reveal: bool) -> Preview:
    count = withdrawn = 0
    lines = []
    for leaf in read_leaves(objects, digest):
        if count < LEAVES_SHOWN:
            text = json.dumps(leaf if reveal else veiled(leaf), ensure_ascii=False)
            lines.append(f"#{count}  {_cut(printable(text), 400)}")
        count += 1
        withdrawn += marked(leaf) is not None
    facts = [(_("leaves"), str(count))]
    if withdrawn:
        facts.append((_("withdrawn or withheld"), str(withdrawn)))
    if count > LEAVES_SHOWN:
        lines.append(_("… and {n} more").format(n=count - LEAVES_SHOWN))
    links = [leaf_ref(digest, index) for index in range(min(count, LEAVES_SHOWN))]
    return Preview(facts, "\n".join(lines) or None, links)


def _figures(objects: ObjectStore, digest: Digest) -> Preview:
    lines, links, count = [], [], 0
    for leaf in read_leaves(objects, digest):
        count += 1
        if marked(leaf):
            continue
        try:
            figure = Figure.parse(leaf)
        except EvidenceError:
            continue
        lines.append(printable(f"fig:{figure.id.hex[:16]}  {figure.metric}.{figure.field} = {figure.value}"))
        links.append(f"fig:{figure.id.hex[:16]}")
    return Preview(
        [(_("figures"), str(count))], _shortened("\n".join(lines)) or None, links[: 2 * LEAVES_SHOWN]
    )


def _table(objects: ObjectStore, digest: Digest) -> Preview:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(objects.path(digest)) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            batch = next(islice(file.iter_batches(batch_size=ROWS), 1), None)
            first = [] if batch is None else batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        return Preview(
            facts=[(_("content"), _("a Parquet table that cannot be read: {reason}").format(reason=error))]
        )
    facts = [(_("rows"), str(rows)), (_("columns"), str(len(schema.names)))]
    metadata = {
        key.decode(): value.decode(errors="replace") for key, value in (schema.metadata or {}).items()
    }
    facts += [
        (key, printable(_cut(value, 200)))
        for key, value in sorted(metadata.items())
        if key.startswith("mofang.")
    ]
    columns = "\n".join(f"  {name}: {kind}" for name, kind in zip(schema.names, schema.types, strict=True))
    cells = [
        json.dumps({name: _cell(value) for name, value in row.items()}, ensure_ascii=False, indent=2)
        for row in first
    ]
    return Preview(facts, printable("\n".join([columns, *cells])))


def _cell(value: Any) -> Any:
    if isinstance(value, bytes):
        return _cut(value.hex(), CELL)
    if isinstance(value, str):
        return _cut(value, CELL)
    if isinstance(value, (list, tuple)):
        return [_cell(each) for each in value[:ROWS]] + (["…"] if len(value) > ROWS else [])
    if isinstance(value, dict):
        return {name: _cell(each) for name, each in value.items()}
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def _beginning(objects: ObjectStore, digest: Digest) -> str | None:
    """The first characters of a text artifact, None if it is none."""
    with objects.open(digest) as file:
        data = file.read(4 * LONGEST)
    if b"\0" in data:
        return None
    for cut in range(4):  # the last character may be cut in two
        try:
            return data[: len(data) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return None


def _pretty(objects: ObjectStore, digest: Digest, data: str) -> str:
    if objects.size(digest) > 4 * LONGEST:
        return printable(data)
    try:
        return printable(json.dumps(json.loads(data), ensure_ascii=False, indent=2))
    except (ValueError, RecursionError):
        return printable(data)


def _shortened(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST] + "\n" + _("… cut after {n} characters").format(n=LONGEST)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + "…"
