"""The floor's one server: HTTP to a function process and back, and a queue in memory behind ``PutEvents``.

``python server.py CONFIGURATION``, JSON: ``port``; ``dynamodb``, the command that starts DynamoDB Local; ``worker``,
the command of a function process but for the function's name; ``environment``, its variables. There is no API, no rule,
no retry, no log: it does the least that moves the data, and shows what the machine and the SDK take by themselves.
"""

import asyncio
import contextlib
import json
import signal
import sys
from typing import Any

_CONSUMERS = 5
_BATCH = 10

Answer = tuple[int, bytes]


class Functions:
    """Pools of function processes, by name: an idle one serves, or a new one."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._idle: dict[str, list[asyncio.subprocess.Process]] = {}

    async def call(self, name: str, event: Any) -> Any:
        idle = self._idle.setdefault(name, [])
        process = idle.pop() if idle else await self._start(name)
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(event).encode() + b"\n")
        line = await process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} ended")
        idle.append(process)
        return json.loads(line)

    async def _start(self, name: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *self._command, name, stdin=pipe, stdout=pipe, env=self._environment
        )


class Server:
    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._busy = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
                _, path, _ = head[0].split()
                body = await reader.readexactly(_length(head[1:]))
                status, answer = await self._answer(path, body)
                writer.write(b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n%b" % (status, len(answer), answer))
        writer.close()

    async def consume(self) -> None:
        """What the event source mapping does: batches of what is there."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < _BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            self._busy += len(batch)
            await self._functions.call("finish", {"Records": batch})
            self._busy -= len(batch)

    async def _answer(self, path: bytes, body: bytes) -> Answer:
        if path == b"/pending":
            return 200, b"%d" % (self._queue.qsize() + self._busy)
        if path == b"/":
            return 200, self._put_events(json.loads(body))
        name = "accept" if path == b"/orders" else "ping"
        result = await self._functions.call(name, {"path": path.decode(), "body": body.decode()})
        return result["statusCode"], result["body"].encode()

    def _put_events(self, call: dict[str, Any]) -> bytes:
        for entry in call["Entries"]:
            self._queue.put_nowait({"body": json.dumps({"detail": json.loads(entry["Detail"])})})
        ids = [{"EventId": str(number)} for number in range(len(call["Entries"]))]
        return json.dumps({"FailedEntryCount": 0, "Entries": ids}).encode()


def _length(headers: list[bytes]) -> int:
    for header in headers:
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def main(configuration: dict[str, Any]) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    # It ends at the end of its input.
    database = await asyncio.create_subprocess_exec(*configuration["dynamodb"], stdin=asyncio.subprocess.PIPE)
    assert database.stdin
    server = Server(Functions(configuration["worker"], configuration["environment"]))
    listener = await asyncio.start_server(server.serve, "127.0.0.1", configuration["port"])
    consumers = [asyncio.create_task(server.consume()) for _ in range(_CONSUMERS)]
    await ended.wait()
    listener.close()
    for consumer in consumers:
        consumer.cancel()
    database.stdin.close()
    await database.wait()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
