"""The archive's own way of saying which addresses are the same.

Written apart from `crawler.core.urls`: a mock that folds addresses with the code under test would
prove nothing.
"""

import re
from urllib.parse import quote, unquote, urlsplit

IPV4 = re.compile(r"[0-9.]+")
WWW = re.compile(r"^www\d*\.")
DEFAULT_PORTS = {80, 443}


def _host(name: str, port: int | None) -> str:
    plain = WWW.sub("", name.lower().rstrip("."))
    turned = plain if IPV4.fullmatch(plain) else ",".join(reversed(plain.split(".")))
    return turned if port is None or port in DEFAULT_PORTS else f"{turned}:{port}"


def urlkey(url: str) -> str:
    """Return the key an index row is filed under.

    Scheme, `www.`, default port, case, trailing slash, fragment and the order of the query do not
    matter; any other port does. Raises ValueError for a URL without a host.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if not parts.hostname:
        raise ValueError(f"no host in {url!r}")
    path = quote(unquote(parts.path)).lower().rstrip("/") or "/"
    query = "&".join(sorted(parts.query.lower().split("&")))
    return f"{_host(parts.hostname, parts.port)}){path}{'?' if query else ''}{query}"
