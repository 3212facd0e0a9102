"""An OpenAI-compatible endpoint that costs next to nothing, in a process of its own, for bench/runs.py.

    python bench/lean.py [LATENCY_SECONDS]

It prints its address and answers every chat with the same words. ``GET /stats`` tells how many chats came, how
many of them more than once, the most at a time, and when the first one came since ``GET /mark`` (seconds of the
monotonic clock, which on Linux all processes share).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from hashlib import blake2b

BODY = json.dumps(
    {
        "id": "lean",
        "object": "chat.completion",
        "model": "scripted",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "这条河发源于山地，流入东边的海。"},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 30, "completion_tokens": 16},
    }
).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)


class Server:
    """What all connections share."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.seen: Counter[bytes] = Counter()
        self.now = self.peak = 0
        self.first: float | None = None

    def stats(self) -> bytes:
        said = {
            "chats": self.seen.total(),
            "repeated": self.seen.total() - len(self.seen),
            "peak": self.peak,
            "first": self.first,
        }
        body = json.dumps(said).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
            len(body),
            body,
        )


class Connection(asyncio.Protocol):
    """HTTP/1.1 with as much of it as a client with Content-Length needs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            start = head.find(b"content-length:")
            length = 0 if start < 0 else int(head[start + 15 :].split(b"\r\n", 1)[0])
            if len(self.buffer) < end + 4 + length:
                return
            body = self.buffer[end + 4 : end + 4 + length]
            self.buffer = self.buffer[end + 4 + length :]
            if head.startswith(b"get "):
                if b"/mark " in head:
                    self.server.first = None
                self.transport.write(self.server.stats())
            else:
                self.chat(body)

    def chat(self, body: bytes) -> None:
        server = self.server
        server.first = server.first or time.monotonic()
        server.seen[blake2b(body, digest_size=12).digest()] += 1
        server.now += 1
        server.peak = max(server.peak, server.now)
        if server.latency:
            asyncio.get_running_loop().call_later(server.latency, self.answer)
        else:
            self.answer()

    def answer(self) -> None:
        self.server.now -= 1
        self.transport.write(ANSWER)


async def serve(latency: float) -> None:
    shared = Server(latency)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(shared), "127.0.0.1", 0, backlog=2048
    )
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
