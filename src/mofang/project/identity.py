"""Who answers, as this project meets it: the endpoint's identity, fingerprinted at most once in an assessment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from mofang.assurance.config import AssuranceConfig, ServiceConfig
from mofang.errors import MofangError
from mofang.evidence.digest import canonical, sha256_bytes
from mofang.evidence.statements import Subject
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.models.config import EndpointConfig
from mofang.models.identity import Identity, declared, fingerprinted, weighed

FINGERPRINT = "https://mofang.dev/fingerprint/v1"


def identity_of(ws: Workspace | None, config: EndpointConfig, assurance: AssuranceConfig) -> Identity:
    """The identity at the level the project asks for. A fingerprint is taken once in an assessment and recorded; with
    no workspace to record it in (a plan that is only shown) the declared identity stands for it."""
    if config.identity == "weights":
        return weighed(config)
    plain = declared(config)
    if config.identity == "declared" or ws is None:
        return plain
    return _recorded(ws, plain, assurance.assessment) or _fingerprint(ws, config, plain, assurance.assessment)


def known_identity(ws: Workspace, config: EndpointConfig, assurance: AssuranceConfig) -> Identity:
    """The identity as far as it is known without asking: weights, a fingerprint taken before, or declared."""
    if config.identity != "fingerprinted":
        return identity_of(None, config, assurance)
    plain = declared(config)
    return _recorded(ws, plain, assurance.assessment) or plain


def _recorded(ws: Workspace, plain: Identity, assessment: str) -> Identity | None:
    for recorded in reversed(ws.ledger.statements(FINGERPRINT)):
        statement = ws.statement(recorded.id)
        said = statement.predicate
        if (said["assessment"], said["declared"]) == (assessment, plain.digest):
            digest = statement.subjects[0].digest
            if ws.objects.has(digest):
                return Identity.of("fingerprinted", ws.objects.json(digest))
    return None


def _fingerprint(ws: Workspace, config: EndpointConfig, plain: Identity, assessment: str) -> Identity:
    from mofang.models.embedded import connect

    async def ask() -> Identity:
        async with connect(config) as endpoint:
            return await fingerprinted(endpoint)

    found = asyncio.run(ask())
    blob = ws.objects.put_json(dict(found.parts))
    predicate = {"assessment": assessment, "declared": plain.digest, "identity": found.digest}
    ws.record(FINGERPRINT, [Subject("identity", blob, "application/json")], predicate)
    return found


def service_parts(
    config: EndpointConfig, identity: Identity, service: ServiceConfig | None = None
) -> dict[str, Any]:
    """Everything that makes the service what it is, by name; the system prompt as a digest, since it may be a
    secret."""
    parameters: Mapping[str, Any] = config.identity_parameters()
    known = service or ServiceConfig()
    return {
        "model": config.model,
        "version": config.version,
        "endpoint": config.host,
        "weights": identity.digest if identity.level != "declared" else "",
        "system_prompt": sha256_bytes(config.system_prompt.encode()),
        "parameters": {
            name: value
            for name, value in parameters.items()
            if name not in ("system_prompt", "model", "version")
        },
        "guard": known.guard,
        "lexicon": known.lexicon,
        "knowledge": known.knowledge,
    }


def service_facts(
    config: EndpointConfig,
    identity: Identity,
    service: ServiceConfig | None = None,
    frozen: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The assessed service as the findings print it. ``digest`` is its identity, one for all of its parts;
    ``frozen`` what was frozen for a filing and how this service differs from it."""
    parameters: Mapping[str, Any] = config.identity_parameters()
    parts = service_parts(config, identity, service)
    return {
        "model": config.model,
        "version": config.version,
        "endpoint": config.host,
        "location": config.location,
        "identity": {"level": identity.level, "digest": identity.digest},
        "system_prompt_digest": sha256_bytes(config.system_prompt.encode()),
        "parameters": {name: value for name, value in parameters.items() if name != "system_prompt"},
        "digest": sha256_bytes(canonical(parts)),
        "parts": parts,
        "frozen": None if frozen is None else dict(frozen),
    }


def check_location(config: EndpointConfig, name: str, *, allowed: bool) -> None:
    """Questions and answers leave the country only if the project says so. Raises MofangError otherwise."""
    if config.location == "foreign" and not allowed:
        raise MofangError(
            _("the endpoint {name} is foreign: question banks and answers would leave the country").format(
                name=name
            ),
            where=f"models.{name}.location",
            remedy=_(
                "use another endpoint, or write allow_foreign: true in mofang.yaml; the report will print it"
            ),
        )
