"""``mofang corpus``: look at a delivery before it is read, and check a list of terms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from mofang.i18n import _


@click.group(
    help=_(
        """Look at a delivery before it is read; check word lists.

\b
Example:
  mofang corpus scan ~/delivery
  mofang corpus lexicon check lexicon.csv"""
    )
)
def corpus() -> None:
    pass


@corpus.command(
    help=_(
        """What would be read of FOLDER (or one file), what would not, and why.

\b
Example:
  mofang corpus scan ~/delivery
  mofang corpus scan news.parquet --text content --key id"""
    )
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--text", default="text", show_default=True, help=_("field or column that holds the text"))
@click.option("--key", default=None, help=_("field or column that names a record"))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def scan(folder: Path, text: str, key: str | None, as_json: bool) -> None:
    from mofang.corpus.config import Source
    from mofang.corpus.inventory import scan as take_stock

    source = Source("preview", str(folder.resolve()), "unknown", "domestic", "open", text=text, key=key)
    inventory = take_stock(source, Path())
    facts: dict[str, Any] = {
        "files": len(inventory.files),
        "bytes": inventory.bytes,
        "shards": len(inventory.items),
        "unread": [
            {"path": entry.path, "code": entry.code, "reason": entry.reason, "remedy": entry.remedy}
            for entry in inventory.unread
        ],
    }
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for file in inventory.files:
        click.echo(
            _("{path}: {size:,} bytes, read as {reader}").format(
                path=file.path, size=file.size, reader=file.reader
            )
        )
    for entry in inventory.unread:
        click.echo(_("{path}: not read: {reason}").format(path=entry.path, reason=entry.reason))
        click.echo(f"  → {entry.remedy}")
    click.echo(
        _("{files} files, {bytes:,} bytes in {shards} shards; {unread} files not read").format(
            files=facts["files"], bytes=facts["bytes"], shards=facts["shards"], unread=len(inventory.unread)
        )
    )


@corpus.group(
    help=_(
        """Lists of terms to screen for.

\b
Example:
  mofang corpus lexicon check lexicon.csv"""
    )
)
def lexicon() -> None:
    pass


@lexicon.command(
    help=_(
        """Read FILE as a lexicon: terms by risk, and every line that is not a term.

\b
Example:
  mofang corpus lexicon check lexicon.csv"""
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=_("print JSON for machines"))
def check(file: Path, as_json: bool) -> None:
    from mofang.corpus.errors import BadLexicon
    from mofang.corpus.lexicon import read_lexicon

    found = read_lexicon(file)
    facts = {
        "terms": len(found.terms),
        "by_risk": found.by_risk(),
        "bad": [{"line": row.line, "why": row.why} for row in found.bad],
        "demo": found.demo,
        "digest": found.digest,
    }
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for risk, count in found.by_risk().items():
            click.echo(f"{risk:12} {count:>8,}")
        for row in found.bad:
            click.echo(_("{file}:{line}: {why}").format(file=file.name, line=row.line, why=row.why))
        click.echo(_("{n} terms, {digest}").format(n=len(found.terms), digest=found.digest.short))
        if found.demo:
            click.echo(_("for demonstration only; never for a submission"))
    if found.bad:
        raise BadLexicon(
            _("{n} lines of the lexicon are not terms").format(n=len(found.bad)),
            where=f"{file}:{found.bad[0].line}",
            remedy=_("mend them; the other lines are good"),
        )
