"""Before the first question: is the endpoint there, does it take the key, know the model and answer?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mofang.i18n import _
from mofang.models.errors import EndpointError
from mofang.models.replies import Completion, Reply, read_completion, read_document
from mofang.registry import nearest

if TYPE_CHECKING:
    from mofang.models.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a working endpoint said: the models it lists (none where it keeps no list) and its first token."""

    models: tuple[str, ...]
    completion: Completion


async def check_endpoint(endpoint: Endpoint) -> Preflight:
    """One GET of the models and one token of an answer; no second tries. Raises EndpointError."""
    models = _listed(endpoint, await endpoint.get("/models"))
    if models and endpoint.config.model not in models:
        near = nearest(endpoint.config.model, models) or list(models[:5])
        raise EndpointError(
            "model_unknown",
            _("the endpoint does not list the model {name}").format(name=endpoint.config.model),
            where=endpoint.where,
            remedy=_("it lists: {names}").format(names=", ".join(near)),
        )
    body = {**endpoint.config.body(), "max_tokens": 1, "messages": [{"role": "user", "content": "1"}]}
    reply = await endpoint.post("/chat/completions", json.dumps(body).encode())
    return Preflight(models, read_completion(reply, endpoint.where, endpoint.scrub, empty=True))


def _listed(endpoint: Endpoint, reply: Reply) -> tuple[str, ...]:
    """The models listed. Many good endpoints keep no list: only a wrong key or a web page ends the check."""
    if reply.status in (401, 403) or (reply.status < 300 and reply.page):
        read_document(reply, endpoint.where, endpoint.scrub)
    return _names(reply.json()) if reply.status < 300 else ()


def _names(document: Any) -> tuple[str, ...]:
    listed = document.get("data") if isinstance(document, Mapping) else None
    entries = listed if isinstance(listed, list) else []
    return tuple(
        entry["id"] for entry in entries if isinstance(entry, Mapping) and isinstance(entry.get("id"), str)
    )
