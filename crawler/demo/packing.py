"""Content-encodings by name, with what happens to be importable, and bombs made of them."""

import zlib
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

MEBIBYTE = 1 << 20


def _module(*names: str) -> Any:
    """Return the first module that can be imported, or None."""
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def _zlib(window: int) -> Callable[[bytes], bytes]:
    return lambda body: zlib.compress(body, 6, window)


def _codecs() -> dict[str, Callable[[bytes], bytes]]:
    found = {
        "gzip": _zlib(31),
        "x-gzip": _zlib(31),
        "deflate": _zlib(15),
        "raw-deflate": _zlib(-15),  # what some servers send under the name deflate
        "identity": bytes,
    }
    brotli, zstd = _module("brotli"), _module("compression.zstd", "backports.zstd")
    if brotli:
        found["br"] = lambda body: bytes(brotli.compress(body, quality=5))
    if zstd:
        found["zstd"] = lambda body: bytes(zstd.compress(body))
    return found


CODECS = _codecs()


def label(codec: str) -> str:
    """Return the Content-Encoding a codec goes by."""
    return "deflate" if codec == "raw-deflate" else codec


@lru_cache(maxsize=8)
def bomb(codec: str, megabytes: int, layers: int) -> bytes:
    """Return an HTML opening and `megabytes` MiB of zeros, packed `layers` times over.

    Raises KeyError for a codec that is not in `CODECS`.
    """
    body = b"<html><body><p>" + bytes(megabytes * MEBIBYTE)
    for _ in range(layers):
        body = CODECS[codec](body)
    return body
