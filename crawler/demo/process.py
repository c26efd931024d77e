"""The life of a server process: listen, say where, serve, and die with the parent.

With `--exit-with-parent` standard input is a rope to the parent. End of file ends the process. The
lines `refuse` and `accept` close and reopen the listening sockets; each is answered by one JSON
line on standard output once it is done.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from crawler.demo.http1 import MAX_HEAD, Handler, converse


def parser(description: str, default_host: str) -> argparse.ArgumentParser:
    """Return the options both servers share."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--host", action="append", help=f"repeatable; default {default_host}")
    options.add_argument("--port", type=int, default=0, help="0: any free port, for each host")
    options.add_argument("--log", type=Path, help="append one JSON line a request to this file")
    options.add_argument("--exit-with-parent", action="store_true", help="stop when stdin ends")
    options.set_defaults(default_host=default_host)
    return options


def say(line: dict[str, object]) -> None:
    """Write one JSON line to standard output, flushed."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Listeners:
    """The listening sockets of one process. Ports stay the same when they are reopened."""

    def __init__(self, hosts: list[str], port: int, handler: Handler) -> None:
        self.ports = dict.fromkeys(hosts, port)
        self._handler = handler
        self._servers: list[asyncio.Server] = []
        self._talks: set[asyncio.StreamWriter] = set()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talks.add(writer)
        try:
            await converse(reader, writer, self._handler)
        finally:
            self._talks.discard(writer)

    async def open(self) -> None:
        """Listen on every host. Raises OSError when an address cannot be had."""
        for host, port in self.ports.items():
            server = await asyncio.start_server(
                self._talk, host, port, limit=MAX_HEAD, backlog=1024
            )
            self.ports[host] = server.sockets[0].getsockname()[1]
            self._servers.append(server)

    def close(self) -> None:
        """Stop listening and cut every connection: the next connect is refused."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        for writer in list(self._talks):
            writer.transport.abort()

    def urls(self) -> dict[str, str]:
        """Return the base URL of each host, without a final slash."""
        return {host: f"http://{host}:{port}" for host, port in self.ports.items()}

    def whereabouts(self) -> dict[str, object]:
        """Return the line that is printed once the process listens."""
        host, port = next(iter(self.ports.items()))
        return {
            "host": host,
            "port": port,
            "base_url": f"http://{host}:{port}",
            "hosts": self.urls(),
        }


async def hold_rope(listeners: Listeners, stop: asyncio.Event) -> None:
    """Obey the lines on standard input until it ends, then stop the process."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        if line.strip() == b"refuse":
            listeners.close()
            say({"listening": False})
        elif line.strip() == b"accept":
            await listeners.open()
            say({"listening": True})
    stop.set()


async def serve(listeners: Listeners, *, exit_with_parent: bool) -> None:
    """Listen, say where, and serve until SIGTERM, SIGINT or the end of standard input."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await listeners.open()
    say(listeners.whereabouts())
    rope = asyncio.create_task(hold_rope(listeners, stop)) if exit_with_parent else None
    await stop.wait()
    if rope:
        rope.cancel()
    listeners.close()


def run(listeners: Listeners, *, exit_with_parent: bool) -> None:
    """Serve until told to stop."""
    asyncio.run(serve(listeners, exit_with_parent=exit_with_parent))
