"""Servers that speak below HTTP's manners: each route writes to the socket what it likes."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

PATIENCE = 20.0  # seconds after which any read or write of a handler gives up


@dataclass
class Talk:
    """One request as it came, and the socket to answer on."""

    conn: socket.socket
    method: str
    path: str
    headers: dict[str, str]
    stop: threading.Event

    def send(self, data: bytes) -> bool:
        """Write; False when the other side has gone."""
        try:
            self.conn.sendall(data)
        except OSError:
            return False
        return not self.stop.is_set()

    def reply(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """Answer properly, and close."""
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def hang(self) -> None:
        """Say nothing until the server is closed."""
        self.stop.wait(PATIENCE)

    def reset(self) -> None:
        """Break the connection with a RST."""
        self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.conn.close()


Route = Callable[[Talk], None]


@dataclass
class Wire:
    """A server on a loopback address of its own; port 0 unless one is asked for.

    `routes` go by path, "*" for all others. Used as a context manager; closing ends all handlers.
    """

    routes: Mapping[str, Route]
    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    hits: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._socket = socket.socket(family)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self.host, self.port))
        self._socket.listen(64)
        self.port = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    @property
    def base(self) -> str:
        """Return scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def url(self, path: str = "/", host: str | None = None) -> str:
        """Return an address here, under another spelling of the host if one is given."""
        return (
            f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"
            if host
            else (f"{self.base}{path}")
        )

    def paths(self) -> list[str]:
        """Return the paths asked for, in order."""
        return [path for _, path, _ in self.hits]

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                conn, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(conn,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, conn: socket.socket) -> None:
        conn.settimeout(PATIENCE)
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(conn.close)
            if self.tls is not None:
                conn = self.tls.wrap_socket(conn, server_side=True)
                stack.callback(conn.close)
            talk = self._read(conn)
            if talk is not None:
                route = self.routes.get(talk.path.partition("?")[0]) or self.routes.get("*")
                (route or not_found)(talk)

    def _read(self, conn: socket.socket) -> Talk | None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = conn.recv(65536)
            if not piece:
                return None
            head += piece
            if head.startswith(b"\x16\x03"):  # a TLS handshake at a plain server
                conn.sendall(b"HTTP/1.1 400 X\r\nConnection: close\r\n\r\n")
                return None
        first, *lines = head.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = dict(line.lower().split(": ", 1) for line in lines)
        self.hits.append((method, path, headers))
        return Talk(conn, method, path, headers, self._stop)


def not_found(talk: Talk) -> None:
    """Answer 404."""
    talk.reply(404, b"no such page")


def page(body: bytes = b"<p>here</p>", status: int = 200, **headers: str) -> Route:
    """Return a route that always answers the same."""
    return lambda talk: talk.reply(status, body, **headers)


def redirect(target: str, status: int = 302) -> Route:
    """Return a route that sends elsewhere."""
    return page(b"", status, Location=target)


def raw(data: bytes) -> Route:
    """Return a route that writes bytes and closes."""
    return lambda talk: talk.send(data) and None


def endless(talk: Talk) -> None:
    """Send chunks for ever."""
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    going = talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while going:
        going = talk.send(piece)
