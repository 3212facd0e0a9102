"""An OpenAI-compatible endpoint that answers from a script, over a real socket, for tests of every room.

    endpoint.url                       http://127.0.0.1:…/v1
    endpoint.answer = rule             question -> text, or -> Reply for anything else
    endpoint.script.append(Reply(503)) the next chat calls get these, then the rule rules again
    endpoint.key = "…"                 refuse every other bearer key
    endpoint.calls, .chats, .peak      what was asked, and how many at a time at most

Run as a program it serves until it is killed and prints its address: ``python scripted.py [port]``.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One reply. ``body`` None means a proper completion of ``text``; ``cut`` breaks the connection after
    as many bytes of the body; ``wait`` is in seconds."""

    status: int = 200
    text: str = "好的。"
    finish_reason: str = "stop"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    cut: int | None = None
    usage: dict[str, Any] | None = None


@dataclass(frozen=True)
class Call:
    """One request as it arrived; ``body`` is its JSON."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any

    @property
    def question(self) -> str:
        """The last message's text."""
        return str(self.body["messages"][-1]["content"])


Rule = Callable[[str], "str | Reply"]


class ScriptedEndpoint:
    """Runs in a thread of its own; every knob may be turned while it serves."""

    def __init__(
        self, models: tuple[str, ...] = ("scripted",), tls: ssl.SSLContext | None = None, port: int = 0
    ) -> None:
        self.models = models
        self.tls = tls
        self.port = port
        self.key: str | None = None
        self.answer: Rule = lambda question: f"答：{question}"
        self.script: deque[Reply] = deque()
        self.routes: dict[str, Reply] = {}
        self.calls: list[Call] = []
        self.peak = 0
        self._now = 0
        self._open: set[asyncio.Task[None]] = set()
        self._thread = ExitStack()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    @property
    def chats(self) -> list[Call]:
        """The chat calls, in the order of their arrival."""
        return [call for call in self.calls if call.path.endswith("/chat/completions")]

    @property
    def questions(self) -> list[str]:
        return [call.question for call in self.chats]

    def __enter__(self) -> ScriptedEndpoint:
        self._thread.enter_context(in_thread(self._serve))
        return self

    def __exit__(self, *_exception: object) -> None:
        self._thread.close()

    async def _serve(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self.tls, backlog=2048)
        self.port = server.sockets[0].getsockname()[1]
        ready()
        await stop.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._converse(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client went away: that is its right
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its reply; False when the connection is to be closed."""
        start = await reader.readexactly(1)
        if start == b"\x16":  # TLS where there is none
            return await self._send(writer, Reply(400, cut=0))
        head = start + await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _version = first.split(" ", 2)
        headers = _headers(lines)
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        call = Call(method, path, headers, json.loads(raw) if raw else None)
        self.calls.append(call)
        self._now += 1
        self.peak = max(self.peak, self._now)
        try:
            reply = self._reply(call)
            if reply.wait:
                await asyncio.sleep(reply.wait)
        finally:
            self._now -= 1
        return await self._send(writer, reply)

    def _reply(self, call: Call) -> Reply:
        if self.key is not None and call.headers.get("authorization") != f"Bearer {self.key}":
            said = f"Incorrect API key provided: {call.headers.get('authorization', '')}"
            return _error(401, said, "invalid_api_key")
        for suffix, reply in self.routes.items():
            if call.path.endswith(suffix):
                return reply
        if call.path == "/v1/models":
            listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]}
            return Reply(body=json.dumps(listed).encode())
        if call.path != "/v1/chat/completions":
            return _error(404, "no such route", "not_found")
        reply = self.script.popleft() if self.script else self.answer(call.question)
        reply = Reply(text=reply) if isinstance(reply, str) else reply
        if reply.status != 200 and reply.body is None:
            return _error(reply.status, "as scripted", "scripted", reply)
        return reply if reply.body is not None else _completed(reply, call)

    async def _send(self, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        body = reply.body or b""
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **reply.headers}
        lines = [
            f"HTTP/1.1 {reply.status} Scripted",
            *(f"{name}: {text}" for name, text in headers.items()),
            "",
            "",
        ]
        writer.write(
            "\r\n".join(lines).encode("latin-1") + (body if reply.cut is None else body[: reply.cut])
        )
        await writer.drain()
        return reply.cut is None


def _headers(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines if line)
    return {name.lower(): text.strip() for name, _colon, text in pairs}


def _completed(reply: Reply, call: Call) -> Reply:
    usage = (
        {"prompt_tokens": len(call.question), "completion_tokens": len(reply.text)}
        if reply.usage is None
        else reply.usage
    )
    message = {"role": "assistant", "content": reply.text}
    document = {
        "id": "scripted",
        "object": "chat.completion",
        "model": call.body.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish_reason}],
        "usage": usage,
    }
    return Reply(
        200, body=json.dumps(document).encode(), headers=reply.headers, wait=reply.wait, cut=reply.cut
    )


def _error(status: int, message: str, code: str, given: Reply | None = None) -> Reply:
    body = json.dumps({"error": {"message": message, "code": code}}).encode()
    return Reply(status, body=body, headers=given.headers if given else {}, wait=given.wait if given else 0.0)


class ForwardProxy:
    """A plain forward proxy: absolute-form requests and CONNECT. ``seen`` holds the first line of each
    request, ``heads`` its headers; ``refuse`` is a status that it gives to every one."""

    def __init__(self, refuse: int | None = None) -> None:
        self.refuse = refuse
        self.seen: list[str] = []
        self.heads: list[dict[str, str]] = []
        self.port = 0
        self._thread = ExitStack()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> ForwardProxy:
        self._thread.enter_context(in_thread(self._serve))
        return self

    def __exit__(self, *_exception: object) -> None:
        self._thread.close()

    async def _serve(self, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready()
        await stop.wait()
        server.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            first, rest = head.split(b"\r\n", 1)
            self.seen.append(first.decode())
            self.heads.append(_headers(rest.decode("latin-1").split("\r\n")))
            if self.refuse is not None:
                writer.write(f"HTTP/1.1 {self.refuse} No\r\nContent-Length: 0\r\n\r\n".encode())
                return
            await self._forward(first.decode(), rest, reader, writer)
        finally:
            writer.close()

    async def _forward(
        self, first: str, rest: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        method, target, version = first.split(" ")
        address = target if method == "CONNECT" else target.removeprefix("http://").partition("/")[0]
        host, _colon, port = address.partition(":")
        upstream, outwards = await asyncio.open_connection(host, int(port))
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            path = "/" + target.removeprefix("http://").partition("/")[2]
            outwards.write(f"{method} {path} {version}\r\n".encode() + rest)
        await asyncio.gather(_pour(reader, outwards), _pour(upstream, writer))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass  # one side went away
    finally:
        writer.close()


@contextmanager
def in_thread(serve: Callable[[asyncio.Event, Callable[[], None]], Awaitable[None]]) -> Iterator[None]:
    """Runs ``serve(stop, ready)`` in an event loop of its own while the block runs."""
    loop, started = asyncio.new_event_loop(), threading.Event()
    stop: list[asyncio.Event] = []

    async def run() -> None:
        stop.append(asyncio.Event())
        await serve(stop[0], started.set)

    def thread() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(run())

    worker = threading.Thread(target=thread, daemon=True)
    worker.start()
    started.wait(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop[0].set)
        worker.join(10)


if __name__ == "__main__":
    with ScriptedEndpoint(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as endpoint:
        print(endpoint.url, flush=True)
        threading.Event().wait()
