"""Reads a pack's YAML files and remembers the line of every row and field, so that errors can name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from mofang.assurance.errors import PackError
from mofang.i18n import _

FILES: Mapping[str, tuple[str, ...]] = {
    "sources.yaml": ("sources",),
    "risks.yaml": ("groups", "risks", "aspects"),
    "clauses.yaml": ("clauses",),
    "checks.yaml": ("checks",),
    "path.yaml": ("questions", "outcomes", "rules", "also"),
    "dossier.yaml": ("blocks", "wordings", "signatures"),
}
"""Each file of a pack with its sections; every section is a list of rows with an ``id``."""

HEADING = "pack.yaml"


@dataclass(frozen=True, slots=True)
class Row:
    """One mapping of a file: plain values, and the ``file:line`` of the row and of each of its fields."""

    values: Mapping[str, Any]
    where: str
    places: Mapping[str, str]

    def at(self, name: str) -> str:
        return self.places.get(name, self.where)

    def over(self, parent: Row) -> Row:
        """This row laid over the row it overrides: its fields win, field by field."""
        return Row({**parent.values, **self.values}, self.where, {**parent.places, **self.places})


@dataclass(slots=True)
class Sheets:
    """A pack's heading, its rows by section and id, and ``drops``: (file, id, where) of the parent's rows."""

    heading: Row
    sections: dict[str, dict[str, Row]] = field(default_factory=dict)
    drops: list[tuple[str, str, str]] = field(default_factory=list)

    def rows(self, section: str) -> list[Row]:
        return list(self.sections.get(section, {}).values())

    def over(self, parent: Sheets) -> Sheets:
        """These sheets laid over the parent's. Raises PackError for a drop that the parent does not have."""
        merged = {section: dict(rows) for section, rows in parent.sections.items()}
        for file, id, where in self.drops:
            holders = [merged[section] for section in FILES[file] if id in merged.get(section, {})]
            if not holders:
                raise PackError(_("drops {id}, which the parent does not have").format(id=id), where=where)
            for rows in holders:
                del rows[id]
        for section, rows in self.sections.items():
            target = merged.setdefault(section, {})
            for id, row in rows.items():
                target[id] = row.over(target[id]) if id in target else row
        return Sheets(self.heading, merged)


def packs_folder() -> Traversable:
    """The folder of the packs that come with Mofang, from a checkout or an installed wheel."""
    return resources.files("mofang.packs")


def read_sheets(folder: Traversable) -> Sheets:
    """All files of one pack folder. Raises PackError with file and line for broken YAML or layout."""
    heading = folder.joinpath(HEADING)
    if not heading.is_file():
        raise PackError(
            _("no pack.yaml in {folder}").format(folder=folder),
            where=str(folder),
            remedy=_("name the folder of a pack; `mofang pack list` shows those that come with Mofang"),
        )
    label = f"{folder.name}/{HEADING}"
    root = _compose(heading, label)
    if root is None:
        raise PackError(_("the file is empty"), where=label)
    sheets = Sheets(_row(root, label))
    for name in FILES:
        if folder.joinpath(name).is_file():
            _read_file(folder.joinpath(name), name, f"{folder.name}/{name}", sheets)
    return sheets


def _compose(file: Traversable, label: str) -> yaml.Node | None:
    try:
        return yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PackError(_("not YAML: {why}").format(why=error.problem), where=f"{label}:{line}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise PackError(_("not YAML in UTF-8: {why}").format(why=error), where=label) from error


def _read_file(file: Traversable, name: str, label: str, sheets: Sheets) -> None:
    root = _compose(file, label)
    if root is None:
        return
    for section, node, where in _fields(root, label):
        if section == "drop":
            sheets.drops.extend(
                (name, str(_plain(item, label)), _place(item, label)) for item in _items(node, label)
            )
        elif section in FILES[name]:
            sheets.sections[section] = _rows(section, node, label)
        else:
            known = ", ".join((*FILES[name], "drop"))
            raise PackError(
                _("unknown section {section}").format(section=section),
                where=where,
                remedy=_("known: {names}").format(names=known),
            )


def _rows(section: str, node: yaml.Node, label: str) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for item in _items(node, label):
        row = _row(item, label)
        id = row.values.get("id")
        if not isinstance(id, str) or not id:
            raise PackError(_("a row of {section} has no id").format(section=section), where=row.where)
        if id in rows:
            raise PackError(
                _("{id} stands twice in {section}").format(id=id, section=section),
                where=row.where,
                remedy=_("the first one is at {where}").format(where=rows[id].where),
            )
        rows[id] = row
    return rows


def _row(node: yaml.Node, label: str) -> Row:
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for key, value, where in _fields(node, label):
        values[key] = _plain(value, label)
        places[key] = where
    return Row(values, _place(node, label), places)


def _fields(node: yaml.Node, label: str) -> Iterable[tuple[str, yaml.Node, str]]:
    if not isinstance(node, yaml.MappingNode):
        raise PackError(_("a mapping (name: value) is wanted here"), where=_place(node, label))
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            raise PackError(_("{name} is written twice").format(name=name), where=_place(key, label))
        seen.add(name)
        yield name, value, _place(key, label)


def _items(node: yaml.Node, label: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise PackError(_("a list is wanted here"), where=_place(node, label))
    return list(node.value)


def _plain(node: yaml.Node, label: str) -> Any:
    """The node as text, int, bool, None, list or dict. Floats are refused: they are not exact decimals."""
    if isinstance(node, yaml.MappingNode):
        return {name: _plain(value, label) for name, value, _where in _fields(node, label)}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, label) for item in node.value]
    tag = node.tag.rpartition(":")[2]
    if tag == "float":
        raise PackError(
            _("{value} is not quoted").format(value=node.value),
            where=_place(node, label),
            remedy=_('write decimal numbers as strings: "{value}"').format(value=node.value),
        )
    if tag == "null":
        return None
    if tag == "bool":
        return str(node.value).lower() in ("true", "yes", "on")
    if tag == "int":
        return int(str(node.value).replace("_", ""), 10)
    return str(node.value)


def _place(node: yaml.Node, label: str) -> str:
    return f"{label}:{node.start_mark.line + 1}"
