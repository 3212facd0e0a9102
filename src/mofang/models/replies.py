"""From what came over the wire to a completion, or to an error that says what is wrong with it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from mofang.i18n import _
from mofang.models.errors import Code, EndpointError

LARGEST = 8 * 1024 * 1024
"""Bytes of one reply; whatever is longer is no answer."""

Scrub = Callable[[str], str]
"""Takes every secret out of a text that an endpoint sent back."""

_BLOCKED = ("content_filter", "data_inspection_failed", "datainspectionfailed", "content_policy_violation")
_CONTEXT = ("exceed_context_size", "context_length_exceeded", "maximum context length")
_MOST_TOKENS = 10**9


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer. ``truncated``: it stopped at the token limit. Token counts are 0 where none were reported;
    ``attempts`` counts requests, the first included."""

    text: str
    finish_reason: str
    truncated: bool
    prompt_tokens: int
    completion_tokens: int
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers (names in lower case) and body as they came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is not."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def page(self) -> bool:
        """It is a page for people."""
        return "html" in self.headers.get("content-type", "") or self.body[:200].lstrip().lower().startswith(
            (b"<!doctype", b"<html")
        )

    @property
    def stream(self) -> bool:
        """It is a stream of server-sent events."""
        return "event-stream" in self.headers.get("content-type", "") or self.body[:200].lstrip().startswith(
            (b"data:", b"event:", b": ", b"id:")
        )


def read_completion(reply: Reply, where: str, scrub: Scrub, *, empty: bool = False) -> Completion:
    """The answer in ``reply``; ``empty`` lets one of no characters pass. Raises EndpointError."""
    document = read_document(reply, where, scrub)
    choices = document.get("choices") if isinstance(document, Mapping) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, Mapping) else None
    content = message.get("content") if isinstance(message, Mapping) else None
    if not isinstance(message, Mapping) or not isinstance(content, (str, list, type(None))):
        raise EndpointError(
            "malformed",
            _("the reply holds no answer"),
            where=where,
            remedy=_("check that the address is an OpenAI-compatible chat API"),
        )
    reason = choice.get("finish_reason") if isinstance(choice, Mapping) else None
    finish_reason = reason if isinstance(reason, str) else ""
    text = _text(content)
    if not text.strip() and not empty:
        raise _no_text(finish_reason, where)
    usage = document.get("usage")
    used = usage if isinstance(usage, Mapping) else {}
    return Completion(
        text=text,
        finish_reason=finish_reason,
        truncated=finish_reason == "length",
        prompt_tokens=_count(used.get("prompt_tokens")),
        completion_tokens=_count(used.get("completion_tokens")),
    )


def read_document(reply: Reply, where: str, scrub: Scrub) -> Any:
    """The JSON in a good reply. Raises EndpointError for any other."""
    if not 200 <= reply.status < 300:
        raise _refusal(reply, where, scrub)
    document = reply.json()
    if document is None:
        raise _unread(reply, where)
    if isinstance(document, Mapping) and document.get("error") and not document.get("choices"):
        raise _refusal(reply, where, scrub)
    return document


def _unread(reply: Reply, where: str) -> EndpointError:
    """The error behind a body that is not JSON."""
    remedy = _("check the address (it usually ends in /v1) and any proxy or login page between")
    if reply.page:
        code: Code = "html"
        what = _("a web page came back instead of an answer")
    elif reply.stream:
        code, what = "stream", _("the endpoint streams although it was not asked to")
        remedy = _("switch streaming off there, or in the gateway between")
    else:
        code, what = "not_json", _("what came back is not JSON")
    return EndpointError(code, what, where=where, remedy=remedy, status=reply.status)


def _no_text(finish_reason: str, where: str) -> EndpointError:
    if finish_reason == "content_filter":
        return EndpointError("blocked", _("the provider's own filter blocked the answer"), where=where)
    return EndpointError(
        "empty",
        _("the answer is empty"),
        where=where,
        remedy=_(
            "a model that thinks aloud may need a larger max_tokens, or extra: {enable_thinking: false}"
        ),
    )


def _text(content: str | Sequence[Any] | None) -> str:
    if isinstance(content, list):
        content = "".join(
            part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    # Half a surrogate pair is legal in JSON and can be written nowhere else.
    return str(content or "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _count(found: object) -> int:
    return (
        found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= _MOST_TOKENS else 0
    )


def _refusal(reply: Reply, where: str, scrub: Scrub) -> EndpointError:
    """The error behind a status that is not 2xx, or behind an error object."""
    kind, said = _said(reply, scrub)
    code = _code(reply.status, f"{kind} {said}".lower())
    return EndpointError(
        code,
        _explained(code, reply.status) + (f": {said}" if said else ""),
        where=where,
        remedy=_remedy(code),
        status=reply.status,
        retry_after=_retry_after(reply.headers.get("retry-after"), reply.headers.get("date")),
    )


def _said(reply: Reply, scrub: Scrub) -> tuple[str, str]:
    """Kind and message of an error object, in the shapes that are seen in the wild."""
    document = reply.json()
    error = document.get("error", document) if isinstance(document, Mapping) else None
    if isinstance(error, str):
        return "", scrub(error)[:200]
    if not isinstance(error, Mapping):
        return "", ""
    kind = " ".join(str(error[name]) for name in ("code", "type") if isinstance(error.get(name), str))
    message = error.get("message", error.get("detail"))
    return kind, scrub(_text(message))[:200] if isinstance(message, str) else ""


def _code(status: int, said: str) -> Code:
    if any(mark in said for mark in _BLOCKED):
        return "blocked"
    if any(mark in said for mark in _CONTEXT):
        return "context"
    if status in (401, 403):
        return "unauthorized"
    if (
        status in (400, 404, 422)
        and "model" in said
        and ("not_found" in said or "not exist" in said or "not found" in said)
    ):
        return "model_unknown"
    if status == 404:
        return "not_found"
    if status == 429:
        return "rate_limited"
    if status >= 500:
        return "server_error"
    return "redirect" if 300 <= status < 400 else "rejected"


def _explained(code: Code, status: int) -> str:
    words: dict[str, str] = {
        "blocked": _("the provider's own filter blocked the question"),
        "context": _("the prompt is longer than the model takes"),
        "unauthorized": _("the endpoint did not accept the key"),
        "model_unknown": _("the endpoint does not know this model"),
        "not_found": _("the endpoint has no such route"),
        "rate_limited": _("the endpoint asks for fewer requests"),
        "server_error": _("the endpoint failed"),
        "redirect": _("the endpoint points to another address"),
    }
    refused = _("the endpoint refused the request")
    return f"{words.get(code, refused)} ({status})"


def _remedy(code: Code) -> str | None:
    words: dict[str, str] = {
        "context": _("shorten the prompt or the system prompt"),
        "unauthorized": _("check the variable that key_env or headers name, and what the key may do"),
        "model_unknown": _("write the name that the endpoint lists under /models"),
        "not_found": _("check the address: it usually ends in /v1"),
        "rate_limited": _("lower concurrency, or try again later"),
        "server_error": _("look at the endpoint's own log, or try again later"),
        "redirect": _("write the final address: the key is not sent on to another one"),
    }
    return words.get(code)


def _retry_after(text: str | None, sent: str | None = None) -> float | None:
    """Seconds to wait, from ``Retry-After`` as seconds or as an HTTP date (RFC 9110, 10.2.3). A date is held
    against the reply's own ``Date``, so that it does not matter whether our clock is right."""
    if not text:
        return None
    if text.strip().isdigit():
        return float(text.strip()[:9])
    until = _moment(text)
    return None if until is None else max(0.0, until - (_moment(sent) or time.time()))


def _moment(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
