"""A client of one OpenAI-compatible endpoint: asks, waits, tries again, and says what went wrong."""

from __future__ import annotations

import asyncio
import io
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import aiohttp

import mofang.log as log
from mofang.i18n import _
from mofang.models.config import EndpointConfig
from mofang.models.errors import EndpointError
from mofang.models.preflight import Preflight, check_endpoint
from mofang.models.replies import LARGEST, Completion, Reply, read_completion
from mofang.models.transport import open_session, read_access, transport_error

logger = log.get("models")

Message = Mapping[str, str]
"""``{"role": "user", "content": …}``."""

_AGAIN = ("rate_limited", "server_error", "refused", "unreachable", "disconnected", "timeout")
_LATER = 5
"""A 429 says "later", not "no": it is tried this many times as often as the config's ``retries``."""
_WARNED = 1 << 20
"""Bytes of a body from which aiohttp wants a file."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds between tries: ``first``, doubled each time up to ``most``, shortened by chance to half at
    the least. An endpoint's Retry-After rules up to ``patience``; beyond it the error stands."""

    first: float = 0.5
    most: float = 20.0
    patience: float = 60.0

    def pause(self, attempt: int, asked: float | None) -> float:
        """Seconds to wait after try number ``attempt``."""
        if asked is not None:
            return asked
        return float(min(self.most, self.first * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0))


class Endpoint:
    """``async with Endpoint(config) as endpoint: await endpoint.ask("…")``.

    ``base_url`` is where the embedded model is served (``connect`` fills it in). Secrets are read from the
    environment on entering, and stand in no error, log or repr. Raises ModelError when a named variable or
    file is missing.
    """

    def __init__(
        self, config: EndpointConfig, *, base_url: str | None = None, backoff: Backoff | None = None
    ) -> None:
        if base_url is None and config.embedded:
            raise ValueError("the embedded endpoint has an address only while it is served: use connect()")
        self.config = config
        self.base_url = (base_url or config.endpoint).rstrip("/")
        self.backoff = backoff or Backoff()
        self._secrets: tuple[str, ...] = ()
        self._body = config.body()
        self._session: aiohttp.ClientSession | None = None
        self._proxied = False

    def __repr__(self) -> str:
        return f"Endpoint({self.config.model!r} at {self.where})"

    @property
    def where(self) -> str:
        """Host and port, for errors."""
        return urlsplit(self.base_url).netloc

    async def __aenter__(self) -> Endpoint:
        access = read_access(self.config, self.base_url)
        self._secrets, self._proxied = access.secrets, access.proxy is not None
        self._session = open_session(self.config, self.base_url, access)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def ask(self, prompt: str | Sequence[Message], *, max_tokens: int | None = None) -> Completion:
        """One answer to a question, or to a conversation; the config's system prompt comes first unless
        there is one.

        Tries again after 429, 5xx, timeouts and broken connections, never after another 4xx.
        Raises EndpointError.
        """
        content = self.content(prompt, max_tokens=max_tokens)
        number = 1
        while True:
            try:
                return replace(await self.ask_once(content), attempts=number)
            except EndpointError as error:
                pause = self.pause(number, error)
            await asyncio.sleep(pause)
            number += 1

    async def ask_once(self, content: bytes) -> Completion:
        """One answer to a request that :meth:`content` made, without second tries. Raises EndpointError."""
        return read_completion(await self.post("/chat/completions", content), self.where, self.scrub)

    def content(self, prompt: str | Sequence[Message], *, max_tokens: int | None = None) -> bytes:
        """The body of a request."""
        messages = (
            [{"role": "user", "content": prompt}]
            if isinstance(prompt, str)
            else [dict(part) for part in prompt]
        )
        if self.config.system_prompt and (not messages or messages[0].get("role") != "system"):
            messages.insert(0, {"role": "system", "content": self.config.system_prompt})
        body: dict[str, Any] = {**self._body, "messages": messages}
        if max_tokens is not None:
            body["max_tokens"] = max_tokens
        try:
            return json.dumps(body, ensure_ascii=False).encode()
        except UnicodeEncodeError:  # half a surrogate pair has no UTF-8, but an escape
            return json.dumps(body).encode()

    def pause(self, number: int, error: EndpointError) -> float:
        """Seconds to wait after try ``number`` ended in ``error``; raises ``error`` where no other try is
        allowed."""
        error.attempts = number
        seconds = self.backoff.pause(number, error.retry_after)
        tries = self.config.retries * (_LATER if error.code == "rate_limited" else 1)
        if error.code not in _AGAIN or number > tries or seconds > self.backoff.patience:
            raise error
        logger.info("%s: %s, try %d in %.1f s", self.where, error.code, number + 1, seconds)
        return seconds

    async def check(self) -> Preflight:
        """Ask for the list of models and for one token. Raises EndpointError that names what is wrong."""
        return await check_endpoint(self)

    async def post(self, route: str, content: bytes) -> Reply:
        """One POST of JSON, once. Raises EndpointError if nothing whole came back; any status is a reply."""
        return await self._send("POST", route, content)

    async def get(self, route: str) -> Reply:
        """One GET, once."""
        return await self._send("GET", route, None)

    def scrub(self, text: str) -> str:
        """``text`` without this endpoint's secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    async def _send(self, method: str, route: str, content: bytes | None) -> Reply:
        if self._session is None:
            raise RuntimeError("the endpoint is not open: use async with")
        data = io.BytesIO(content) if content and len(content) > _WARNED else content
        try:
            async with (
                asyncio.timeout(self.config.timeout_s),
                self._session.request(
                    method, self.base_url + route, data=data, allow_redirects=False
                ) as response,
            ):
                return Reply(response.status, response.headers, await self._read(response))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise transport_error(error, self.config, self.where, self._proxied) from None

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > LARGEST:
                raise EndpointError(
                    "too_large",
                    _("the reply is longer than {n} MB").format(n=LARGEST // 2**20),
                    where=self.where,
                    remedy=_("check that the address is an OpenAI-compatible chat API"),
                )
        return bytes(body)
