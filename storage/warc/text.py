"""The border where text from outside enters a record: nothing passes that could forge a line."""

import base64
import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

# fastwarc and others give up on a record whose headers pass 32 KiB, and with it on the rest of
# the file. A revisit names two URLs; the HTTP headers of a block are held under the same limit.
MAX_URI_BYTES = 14_000
MAX_HTTP_HEADER_BYTES = 28_000

# RFC 9110 section 5.5: a recipient replaces CR, LF and NUL in a field value with a space. The
# other controls go the same way, since some readers split lines at them. TAB is allowed.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NOT_TOKEN = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")  # RFC 9110 section 5.6.2
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_USERINFO = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def payload_digest(body: bytes) -> str:
    """Return the digest of a body as received, as WARC-Payload-Digest has it: `sha1:BASE32`."""
    return sha1_digest(hashlib.sha1(body, usedforsecurity=False).digest())


def sha1_digest(digest: bytes) -> str:
    """Return a SHA-1 as WARC's digest fields have it."""
    return "sha1:" + base64.b32encode(digest).decode("ascii")


def warc_date(at: datetime) -> str:
    """Return an aware datetime as WARC-Date, in UTC; ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a WARC-Date needs a datetime with its zone")
    at = at.astimezone(UTC).replace(tzinfo=None)
    return at.isoformat(timespec="microseconds" if at.microsecond else "seconds") + "Z"


def warc_uri(url: str) -> str:
    """Return a URL as printable ASCII: the rest percent-encoded, user name and password left out.

    ValueError if it is longer than `MAX_URI_BYTES` then.
    """
    uri = quote(_SURROGATE.sub("\ufffd", _USERINFO.sub(r"\1", url)), safe=_PRINTABLE)
    if len(uri) > MAX_URI_BYTES:
        raise ValueError(f"a URL of {len(uri)} bytes; a record takes at most {MAX_URI_BYTES}")
    return uri


def one_line(text: str) -> str:
    """Return text without control characters and without blanks at its ends."""
    return _CONTROL.sub(" ", text).strip(" \t")


def token(text: str) -> str:
    """Return a header name or method with every character that may not stand there as `-`."""
    return _NOT_TOKEN.sub("-", text) or "-"


def octets(text: str) -> bytes:
    """Return header text as bytes: ISO 8859-1, or UTF-8 when a character lies beyond it."""
    for encoding, errors in (("latin-1", "strict"), ("utf-8", "surrogateescape")):
        try:
            return text.encode(encoding, errors)
        except UnicodeEncodeError:
            continue
    return text.encode("utf-8", "replace")


def header_block(headers: Iterable[tuple[str, str]], *, beside: int) -> tuple[bytes, int]:
    """Return HTTP headers as lines, and how many were left out as too long for one record.

    `beside` is the length in bytes of what stands before them in the record.
    """
    lines: list[bytes] = []
    size, dropped = beside, 0
    for name, value in headers:
        line = octets(token(name)) + b": " + octets(one_line(value)) + b"\r\n"
        if size + len(line) > MAX_HTTP_HEADER_BYTES:
            dropped += 1
            continue
        lines.append(line)
        size += len(line)
    return b"".join(lines), dropped
