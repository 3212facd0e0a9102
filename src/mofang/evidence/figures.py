"""Figures: numbers that can be recomputed. A metric is a registered pure function over artifacts; a figure is
one field of what it gave, together with everything needed to ask again."""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.errors import FigureError
from mofang.evidence.objects import ObjectStore
from mofang.i18n import _
from mofang.registry import Registry

FIGURES = "application/vnd.mofang.figures+jsonl"

Inputs: TypeAlias = Mapping[str, "Digest | list[Digest]"]
Value: TypeAlias = "int | str"
Fields: TypeAlias = Mapping[str, Value]
Function: TypeAlias = Callable[[ObjectStore, Inputs, Mapping[str, Any]], Fields]


@dataclass(frozen=True, slots=True)
class Metric:
    """``function`` is ``module:callable``, imported when first asked; ``version`` rises when values
    change."""

    id: str
    version: int
    function: str

    def load(self) -> Function:
        module, _colon, name = self.function.partition(":")
        function: Function = getattr(importlib.import_module(module), name)
        return function


METRICS: Registry[Metric] = Registry("metric")


def register_metric(id: str, version: int, function: str) -> Metric:
    """Make a metric known. Its callable takes (objects, inputs, params) and returns named numbers or
    words."""
    return METRICS.add(id, Metric(id, version, function))


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: ``field`` of what ``metric`` (of ``version``) gives for ``params`` and ``inputs``.
    ``value`` is a whole number, a decimal string or a word."""

    metric: str
    version: int
    params: Mapping[str, Any]
    inputs: Inputs
    field: str
    value: Value

    @property
    def id(self) -> Digest:
        """The digest of the question: everything but the value."""
        wire = self.wire()
        del wire["value"]
        return sha256_bytes(canonical(wire))

    def wire(self) -> dict[str, Any]:
        return {
            "metric": self.metric,
            "version": self.version,
            "params": dict(self.params),
            "inputs": {
                name: list(each) if isinstance(each, list) else each for name, each in self.inputs.items()
            },
            "field": self.field,
            "value": self.value,
        }

    @classmethod
    def parse(cls, wire: Mapping[str, Any]) -> Figure:
        """Reads a wire form. Raises FigureError for anything else."""
        try:
            inputs = {name: _references(each) for name, each in wire["inputs"].items()}
            figure = cls(
                wire["metric"], wire["version"], dict(wire["params"]), inputs, wire["field"], wire["value"]
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise FigureError(_("not a figure: {reason}").format(reason=repr(error))) from error
        if not (
            _is_value(figure.value) and isinstance(figure.version, int) and set(wire) == set(figure.wire())
        ):
            raise FigureError(_("not a figure: {reason}").format(reason=sorted(wire)))
        return figure


def compute_figure(
    objects: ObjectStore, metric: str, params: Mapping[str, Any], inputs: Inputs, field: str
) -> Figure:
    """The figure that a registered metric gives now. Raises FigureError for a field it does not give."""
    known: Metric = METRICS.get(metric)
    draft = Figure(metric, known.version, dict(params), _copied(inputs), field, 0)
    return Figure(metric, known.version, draft.params, draft.inputs, field, recompute(objects, draft))


def recompute(objects: ObjectStore, figure: Figure) -> Value:
    """The value of ``figure`` computed again from its inputs; its own value is not looked at. Figures that
    differ only in their field share one computation. Raises FigureError, ObjectMissing."""
    metric: Metric = METRICS.get(figure.metric)
    if metric.version != figure.version:
        raise FigureError(
            _("figure made by version {made} of metric {metric}; this program has version {known}").format(
                made=figure.version, metric=figure.metric, known=metric.version
            ),
            where=f"fig:{figure.id}",
            remedy=_("recompute it with the version of Mofang that made it, or run again"),
        )
    fields = _computed(objects, metric, figure)
    if figure.field not in fields:
        raise FigureError(
            _("metric {metric} gives no field {field}").format(metric=figure.metric, field=figure.field),
            remedy=_("known: {names}").format(names=", ".join(sorted(fields))),
        )
    return fields[figure.field]


_recent: OrderedDict[tuple[Any, ...], dict[str, Value]] = OrderedDict()
_KEPT = 256


def _computed(objects: ObjectStore, metric: Metric, figure: Figure) -> dict[str, Value]:
    key = (
        objects.root,
        metric,
        canonical([dict(figure.params), figure.wire()["inputs"]]),
        _state(objects, figure.inputs),
    )
    if key in _recent:
        _recent.move_to_end(key)
        return _recent[key]
    fields = dict(metric.load()(objects, figure.inputs, figure.params))
    for name, value in fields.items():
        if not _is_value(value):
            raise FigureError(
                _("metric {metric} gives {value} for {field}").format(
                    metric=metric.id, value=repr(value), field=name
                ),
                where=metric.function,
                remedy=_("a metric gives whole numbers, decimal strings or words"),
            )
    _recent[key] = fields
    if len(_recent) > _KEPT:
        _recent.popitem(last=False)
    return fields


def _state(objects: ObjectStore, inputs: Inputs) -> tuple[tuple[int, int, int], ...]:
    # An input whose file was touched is read again: a check must not answer from memory.
    flat = [digest for each in inputs.values() for digest in (each if isinstance(each, list) else [each])]
    stats = [objects.path(Digest(digest)).stat() for digest in flat]
    return tuple((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in stats)


def _copied(inputs: Inputs) -> dict[str, Digest | list[Digest]]:
    return {name: _references(each) for name, each in inputs.items()}


def _references(each: Any) -> Digest | list[Digest]:
    return [Digest(one) for one in each] if isinstance(each, (list, tuple)) else Digest(each)


def _is_value(value: object) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool)
