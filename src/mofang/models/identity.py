"""Who answers: how surely a model is known, and a digest that changes when it is another one.

weights         we serve them: their digest, the server and every parameter
fingerprinted   declared, and what it answers to a handful of neutral questions
declared        the names its provider gives
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.models.config import EndpointConfig

if TYPE_CHECKING:
    from mofang.models.endpoint import Endpoint

Level = Literal["weights", "fingerprinted", "declared"]

CANARIES = (
    "请从一数到十，只写数字。",
    "把这句话译成英文：今天下午我们去河边散步。",
    "Continue the series with three more numbers: 2, 6, 12, 20,",
    "Name three animals that live in the sea, one per line.",
    "用一句话说明为什么天空是蓝色的。",
)
"""Neutral questions whose answers differ from model to model. Our own; a new list is a new fingerprint."""
CANARY_TOKENS = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """A model as one assessment met it. ``parts`` is JSON without floats or secrets, ``digest`` its
    digest."""

    level: Level
    digest: Digest
    parts: Mapping[str, Any]

    @classmethod
    def of(cls, level: Level, parts: Mapping[str, Any]) -> Identity:
        return cls(level, sha256_bytes(canonical({"level": level, **parts})), parts)

    def wire(self) -> dict[str, Any]:
        """The identity as plain JSON."""
        return {"level": self.level, "digest": self.digest, "parts": dict(self.parts)}


def declared(config: EndpointConfig) -> Identity:
    """What the config says: host, model, version, parameters. Asks nobody."""
    return Identity.of("declared", {"host": config.host, "parameters": config.identity_parameters()})


def weighed(config: EndpointConfig) -> Identity:
    """The embedded model by the digest of its weights. Raises EmbeddedMissing or EmbeddedFailed."""
    from mofang.models.embedded import SERVER, check_weights, find_weights, server_version

    server = {"name": SERVER, "version": server_version()}
    parts = {
        "weights": check_weights(find_weights()),
        "server": server,
        "parameters": config.identity_parameters(),
    }
    return Identity.of("weights", parts)


async def fingerprinted(endpoint: Endpoint) -> Identity:
    """The declared identity and answers to :data:`CANARIES`, asked now, one by one. Raises EndpointError."""
    answers = [
        {"question": question, "answer": (await endpoint.ask(question, max_tokens=CANARY_TOKENS)).text}
        for question in CANARIES
    ]
    return Identity.of("fingerprinted", {**declared(endpoint.config).parts, "canaries": answers})


async def identify(endpoint: Endpoint) -> Identity:
    """The identity at the level the config asks for. Below ``weights`` it holds for one assessment only."""
    if endpoint.config.identity == "weights":
        return weighed(endpoint.config)
    if endpoint.config.identity == "fingerprinted":
        return await fingerprinted(endpoint)
    return declared(endpoint.config)
