"""A client of one OpenAI-compatible endpoint: asks, waits, tries again, and says what went wrong."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from urllib.parse import urlsplit

import httpx

import mofang.log as log
from mofang.i18n import _
from mofang.models.config import EndpointConfig
from mofang.models.errors import EndpointError
from mofang.models.preflight import Preflight, check_endpoint
from mofang.models.replies import LARGEST, Completion, Reply, read_completion
from mofang.models.transport import make_clients, read_access, transport_error

logger = log.get("models")

Message = Mapping[str, str]
"""``{"role": "user", "content": …}``."""

Attempt = Callable[[int, EndpointError | None], object]
"""Called before each request with its number and the error of the one before. What it raises ends the
asking."""

_AGAIN = ("rate_limited", "server_error", "refused", "unreachable", "disconnected", "timeout")


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
        self._clients: list[httpx.AsyncClient] = []
        self._turn = 0
        self._stack = AsyncExitStack()

    def __repr__(self) -> str:
        return f"Endpoint({self.config.model!r} at {self.where})"

    @property
    def where(self) -> str:
        """Host and port, for errors."""
        return urlsplit(self.base_url).netloc

    async def __aenter__(self) -> Endpoint:
        access = read_access(self.config)
        self._secrets = access.secrets
        for client in make_clients(self.config, self.base_url, access):
            self._clients.append(await self._stack.enter_async_context(client))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clients.clear()
        await self._stack.aclose()

    async def ask(
        self,
        prompt: str | Sequence[Message],
        *,
        max_tokens: int | None = None,
        attempt: Attempt | None = None,
    ) -> Completion:
        """One answer to a question, or to a conversation; the config's system prompt comes first unless
        there is one.

        Tries again after 429, 5xx, timeouts and broken connections, never after another 4xx.
        Raises EndpointError.
        """
        content = self._content(prompt, max_tokens)
        number, error = 1, None
        while True:
            if attempt is not None:
                attempt(number, error)
            try:
                completion = read_completion(
                    await self.post("/chat/completions", content), self.where, self.scrub
                )
                return replace(completion, attempts=number)
            except EndpointError as failure:
                error = failure
            await self._pause(number, error)
            number += 1

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

    async def _pause(self, number: int, error: EndpointError) -> None:
        """Wait before the next try, or raise ``error`` where there is none."""
        error.attempts = number
        pause = self.backoff.pause(number, error.retry_after)
        if error.code not in _AGAIN or number > self.config.retries or pause > self.backoff.patience:
            raise error
        logger.info("%s: %s, try %d in %.1f s", self.where, error.code, number + 1, pause)
        await asyncio.sleep(pause)

    def _content(self, prompt: str | Sequence[Message], max_tokens: int | None) -> bytes:
        messages = (
            [{"role": "user", "content": prompt}]
            if isinstance(prompt, str)
            else [dict(part) for part in prompt]
        )
        if self.config.system_prompt and (not messages or messages[0].get("role") != "system"):
            messages.insert(0, {"role": "system", "content": self.config.system_prompt})
        body = {**self.config.body(), "messages": messages}
        if max_tokens is not None:
            body["max_tokens"] = max_tokens
        return json.dumps(body).encode()

    async def _send(self, method: str, route: str, content: bytes | None) -> Reply:
        if not self._clients:
            raise RuntimeError("the endpoint is not open: use async with")
        self._turn = (self._turn + 1) % len(self._clients)
        try:
            async with asyncio.timeout(self.config.timeout_s):
                request = self._clients[self._turn].stream(method, self.base_url + route, content=content)
                async with request as response:
                    return Reply(response.status_code, response.headers, await self._body(response))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise transport_error(error, self.config, self.where) from None

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > LARGEST:
                raise EndpointError(
                    "too_large",
                    _("the reply is longer than {n} MB").format(n=LARGEST // 2**20),
                    where=self.where,
                    remedy=_("check that the address is an OpenAI-compatible chat API"),
                )
        return bytes(body)
