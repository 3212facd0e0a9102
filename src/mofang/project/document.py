"""YAML to frozen values, with the file and line of everything that is wrong.

The rooms declare their sections as dataclasses; this reader builds them. An unknown key is an error that offers the
nearest valid one. ``${NAME}`` and ``${NAME:-default}`` stand for variables. Numbers keep the digits that were written:
a field of type ``str`` takes ``0.10`` as ``"0.10"``, so that thresholds stay decimal.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from mofang.errors import MofangError
from mofang.i18n import _
from mofang.registry import nearest

T = TypeVar("T")
Variables = Mapping[str, str]

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A node of a YAML file: where an error is."""

    file: Path
    node: yaml.Node
    variables: Variables

    def at(self, node: yaml.Node) -> Place:
        return Place(self.file, node, self.variables)

    def error(self, message: str, remedy: str | None = None) -> MofangError:
        return MofangError(message, where=f"{self.file}:{self.node.start_mark.line + 1}", remedy=remedy)


def read_document(cls: type[T], file: Path, variables: Variables) -> T:
    """The YAML mapping in ``file`` as a ``cls``. Raises MofangError naming file and line."""
    made: T = build(cls, read_node(file, variables))
    return made


def read_node(file: Path, variables: Variables) -> Place:
    """The top node of a YAML file. Raises MofangError if it is missing, not UTF-8, not YAML or empty."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        node = yaml.compose(
            text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
        )
    except FileNotFoundError:
        raise MofangError(
            _("there is no {name} here").format(name=file.name),
            where=str(file),
            remedy=_("make one with: mofang init {folder}").format(folder=file.parent),
        ) from None
    except UnicodeDecodeError as error:
        raise MofangError(
            _("the file is not UTF-8 text (byte {n})").format(n=error.start),
            where=str(file),
            remedy=_("save it as UTF-8"),
        ) from None
    except OSError as error:
        raise MofangError(
            _("the file cannot be read: {why}").format(why=error.strerror), where=str(file)
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise MofangError(
            _("not valid YAML: {why}").format(why=getattr(error, "problem", None) or error),
            where=f"{file}{line}",
            remedy=_("look at the indentation and the colons around that line"),
        ) from None
    if node is None:
        raise MofangError(_("the file is empty"), where=str(file), remedy=_("start from: mofang init"))
    return Place(file, node, variables)


def build(cls: Any, place: Place) -> Any:
    """The node at ``place`` as a value of type ``cls``."""
    origin, arguments = typing.get_origin(cls), typing.get_args(cls)
    if dataclasses.is_dataclass(cls):
        return _dataclass(cls, place)
    if origin in (types.UnionType, typing.Union):
        return _union(arguments, place)
    if origin is tuple:
        return tuple(build(arguments[0], place.at(node)) for node in _sequence(place))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _named(arguments[1], place)
    if origin is typing.Literal:
        return _literal(arguments, place)
    return _scalar(cls, place)


def _dataclass(cls: Any, place: Place) -> Any:
    hints = _hints(cls)
    known = {field.name: field for field in dataclasses.fields(cls) if field.init}
    values: dict[str, Any] = {}
    for key_node, value_node in _mapping(place):
        key = _key(key_node)
        if key not in known:
            near = nearest(key, known)
            raise place.at(key_node).error(
                _("unknown key: {key}").format(key=key),
                _("did you mean {near}?").format(near=near[0])
                if near
                else _("known here: {keys}").format(keys=", ".join(known)),
            )
        if key in values:
            raise _twice(key, place.at(key_node))
        values[key] = build(hints[key], place.at(value_node))
    for name, field in known.items():
        if (
            name not in values
            and field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
        ):
            raise place.error(_("the key {key} is missing").format(key=name), _("add it"))
    try:
        return cls(**values)
    except MofangError as error:
        if error.where and ":" in error.where:
            raise
        raise _deepest(place, (error.where or "").split(".")).error(error.message, error.remedy) from error


def _deepest(place: Place, names: list[str]) -> Place:
    """The place below ``place`` to which dotted names lead (``assurance.sample.content``), as far as they do; names of
    what lies above are passed over."""
    if not isinstance(place.node, yaml.MappingNode):
        return place
    keys = {_key(key): (key, value) for key, value in place.node.value}
    for n, name in enumerate(names):
        if name in keys:
            key, value = keys[name]
            below = _deepest(place.at(value), names[n + 1 :]) if n + 1 < len(names) else place.at(key)
            return below if below.node is not value else place.at(key)
    return place


def _named(cls: Any, place: Place) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in _mapping(place):
        key = _key(key_node)
        if key in values:
            raise _twice(key, place.at(key_node))
        values[key] = build(cls, place.at(value_node))
    return values


def _twice(key: str, place: Place) -> MofangError:
    return place.error(_("the key {key} stands here twice").format(key=key), _("remove one of them"))


@functools.cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _union(arguments: tuple[Any, ...], place: Place) -> Any:
    rest = [argument for argument in arguments if argument is not type(None)]
    if (
        len(rest) < len(arguments)
        and isinstance(place.node, yaml.ScalarNode)
        and place.node.tag.endswith(":null")
    ):
        return None
    for argument in rest:
        if _fits(argument, place.node):
            return build(argument, place)
    return build(rest[0], place)


def _fits(cls: Any, node: yaml.Node) -> bool:
    origin = typing.get_origin(cls)
    if origin is tuple:
        return isinstance(node, yaml.SequenceNode)
    if dataclasses.is_dataclass(cls) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return isinstance(node, yaml.MappingNode)
    return isinstance(node, yaml.ScalarNode)


def _mapping(place: Place) -> list[tuple[yaml.Node, yaml.Node]]:
    if isinstance(place.node, yaml.ScalarNode) and place.node.tag.endswith(":null"):
        return []
    if not isinstance(place.node, yaml.MappingNode):
        raise place.error(_("a mapping (key: value) is expected here"))
    pairs: list[tuple[yaml.Node, yaml.Node]] = place.node.value
    return pairs


def _sequence(place: Place) -> list[yaml.Node]:
    if not isinstance(place.node, yaml.SequenceNode):
        raise place.error(_("a list is expected here"), _("write each entry on its own line, after a dash"))
    nodes: list[yaml.Node] = place.node.value
    return nodes


def _key(node: yaml.Node) -> str:
    return str(node.value)


def _literal(choices: tuple[Any, ...], place: Place) -> Any:
    value = _scalar(type(choices[0]), place)
    if value not in choices:
        near = nearest(str(value), choices)
        raise place.error(
            _("{value} is not one of {choices}").format(value=value, choices=", ".join(map(str, choices))),
            _("did you mean {near}?").format(near=near[0]) if near else None,
        )
    return value


def _scalar(cls: Any, place: Place) -> Any:
    if not isinstance(place.node, yaml.ScalarNode):
        raise place.error(_("a single value is expected here"))
    text = _substitute(place)
    if cls in (str, Any):
        return text
    if cls is bool:
        if text.lower() in ("true", "yes", "on", "是"):
            return True
        if text.lower() in ("false", "no", "off", "否"):
            return False
        raise place.error(_("{text} is neither true nor false").format(text=text))
    if cls is int:
        if re.fullmatch(r"[+-]?\d[\d_]*", text):
            return int(text)
        raise place.error(_("{text} is not a whole number").format(text=text))
    raise TypeError(f"no reader for {cls}")


def _substitute(place: Place) -> str:
    def value(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        if name in place.variables:
            return place.variables[name]
        if default is not None:
            return default
        raise place.error(
            _("the variable {name} is not set").format(name=name),
            _("set it in the environment, or give --var {name}=…").format(name=name),
        )

    return _VARIABLE.sub(value, str(place.node.value))
