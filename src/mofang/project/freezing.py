"""Freezing a service for a filing: its identity as a signed statement, and what later differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mofang.assurance.config import AssuranceConfig
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.statements import Subject
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.models.identity import Identity
from mofang.project.file import FILE, Loaded
from mofang.project.identity import identity_of, known_identity, service_parts
from mofang.project.opening import open_or_create

FREEZE = "https://mofang.dev/service-freeze/v1"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A service as it was frozen: the digest over all its parts, and the parts themselves by name."""

    name: str
    digest: Digest
    parts: Mapping[str, Any]
    as_of: str
    by: str
    statement: Digest

    def against(self, parts: Mapping[str, Any]) -> dict[str, Any]:
        """This freeze held against a service, as the findings print it: ``differs`` names the parts."""
        return {
            "name": self.name,
            "digest": self.digest,
            "as_of": self.as_of,
            "by": self.by,
            "statement": self.statement,
            "differs": differences(self.parts, parts),
        }


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The names of the parts that differ, those inside ``parameters`` one by one."""
    found = []
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += [f"{name}.{inner}" for inner in differences(old, new)]
        elif old != new:
            found.append(name)
    return found


def freeze(loaded: Loaded, name: str, *, by: str) -> Frozen:
    """Freeze the project's service under ``name``. A model that is only declared is frozen as declared. Raises
    MofangError without an assessment, a name, or where the name stands for another service already."""
    config = _assurance(loaded)
    if not by.strip():
        raise MofangError(_("a freeze has somebody who makes it"), remedy=_("say who: --by NAME"))
    if not name.strip():
        raise MofangError(_("a freeze has a name"), remedy=_("name it, for instance filing-1"))
    ws = open_or_create(loaded)
    ws.refs.get("services", name)  # a name that cannot stand is refused before anything is recorded
    endpoint = loaded.project.models[config.model]
    with ws.lock("freeze"):
        parts = service_parts(endpoint, identity_of(ws, endpoint, config), config.service)
        for known in frozen(ws):
            if known.name == name and known.parts != parts:
                raise MofangError(
                    _("{name} is frozen already, and differs in: {parts}").format(
                        name=name, parts=", ".join(differences(known.parts, parts))
                    ),
                    where=str(known.statement),
                    remedy=_("freeze this service under another name"),
                )
            if known.name == name:
                return known
        blob = ws.objects.put_json(parts)
        predicate = {"name": name, "as_of": loaded.project.as_of, "by": by.strip()}
        statement = ws.record(FREEZE, [Subject("service", blob, "application/json")], predicate)
        ws.refs.set("services", name, blob)
        latest = ws.refs.get("runs", "latest")
        if latest is not None:
            ws.refs.set(
                "filings", name, latest
            )  # what the filing rests on stays when other runs are collected
    return Frozen(name, sha256_bytes(canonical(parts)), parts, loaded.project.as_of, by.strip(), statement)


def frozen(ws: Workspace) -> list[Frozen]:
    """Every freeze of this workspace, oldest first."""
    found = []
    for recorded in ws.ledger.statements(FREEZE):
        statement = ws.statement(recorded.id)
        said, digest = statement.predicate, statement.subjects[0].digest
        if ws.objects.has(digest):
            parts = ws.objects.json(digest)
            found.append(Frozen(said["name"], digest, parts, said["as_of"], said["by"], recorded.id))
    return found


def held_against(ws: Workspace, loaded: Loaded, identity: Identity) -> dict[str, Any] | None:
    """The newest freeze held against the project's service now; None where nothing was frozen."""
    known = frozen(ws)
    if not known:
        return None
    config = _assurance(loaded)
    return known[-1].against(service_parts(loaded.project.models[config.model], identity, config.service))


def _assurance(loaded: Loaded) -> AssuranceConfig:
    if loaded.project.assurance is None:
        raise MofangError(
            _("the project names no standard"),
            where=str(loaded.folder / FILE),
            remedy=_("add a section assurance: with standard and model"),
        )
    return loaded.project.assurance


def service_now(loaded: Loaded) -> dict[str, Any]:
    """The project's service as it would be assessed now: ``digest``, ``parts``, and ``frozen`` (None where
    nothing was). Asks nobody: below hashed weights the recorded or the declared identity stands."""
    config = _assurance(loaded)
    endpoint = loaded.project.models[config.model]
    if not (loaded.workspace / "format").is_file():
        parts = service_parts(endpoint, identity_of(None, endpoint, config), config.service)
        return {"digest": sha256_bytes(canonical(parts)), "parts": parts, "frozen": None}
    ws = Workspace.open(loaded.workspace)
    identity = known_identity(ws, endpoint, config)
    parts = service_parts(endpoint, identity, config.service)
    found = held_against(ws, loaded, identity)
    return {"digest": sha256_bytes(canonical(parts)), "parts": parts, "frozen": found}
