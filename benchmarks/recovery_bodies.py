"""What archives hold beside articles: walls, stubs and other pages, each with status 200.

Made of words and markup of our own; real ones differ in words, not in kind.
"""

from collections.abc import Callable
from html import escape
from random import Random

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>
<body>{body}</body></html>
"""
_CHALLENGE = """<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="360"></head>
<body class="no-js"><div class="main-wrapper" role="main"><div class="main-content">
<noscript><div class="h2"><span id="challenge-error-text">Enable JavaScript and cookies to
continue</span></div></noscript></div></div>
<script>(function(){{window._cf_chl_opt={{cvId:'3',cType:'managed',cRay:'{ray}',cH:'{noise}'}};
var s=document.createElement('script');
s.src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1';
document.getElementsByTagName('head')[0].appendChild(s);}}());</script></body></html>
"""
_NOISE = 6000  # hexadecimal digits: a challenge is no tiny page


def challenge(_site: str, chosen: Random) -> bytes:
    """Return a firewall's question to a browser, as large as they are."""
    noise = f"{chosen.getrandbits(4 * _NOISE):x}"
    return _CHALLENGE.format(ray=f"{chosen.getrandbits(64):016x}", noise=noise).encode()


def consent(site: str, chosen: Random) -> bytes:
    """Return a wall of cookies in front of everything."""
    partners = "".join(f"<li>Partner {chosen.randrange(10**9)}</li>" for _ in range(300))
    body = f"""<div id="didomi-host" class="gdpr-consent"><h1>We value your privacy</h1>
<p>{escape(site)} and its partners store and read information on your device to show ads and to
measure what is read. Accept all cookies, or set your preferences.</p>
<form action="/consent" method="post"><button>Accept all</button><button>Preferences</button>
</form><ul>{partners}</ul></div>"""
    head = '<script src="https://sdk.privacy-center.org/loader.js"></script>'
    return _PAGE.format(title=f"Your privacy - {escape(site)}", head=head, body=body).encode()


def login(site: str, chosen: Random) -> bytes:
    """Return a form that asks who you are."""
    token = f"{chosen.getrandbits(4 * _NOISE):x}"
    body = f"""<main><h1>Log in to {escape(site)}</h1><form action="/login" method="post">
<input type="hidden" name="token" value="{token}">
<label>E-mail <input name="email" type="email"></label>
<label>Password <input name="password" type="password"></label><button>Log in</button></form>
<p><a href="/register">Create an account</a> <a href="/forgotten">Forgotten password?</a></p>
</main>"""
    return _PAGE.format(title=f"Log in - {escape(site)}", head="", body=body).encode()


def parked(site: str, chosen: Random) -> bytes:
    """Return a name for sale."""
    offers = "".join(f'<li><a href="/lander?q={chosen.randrange(10**9)}">Loans</a></li>' * 60)
    body = f"""<h1>{escape(site)}</h1><p>This domain is for sale. Buy this domain now.</p>
<script>window.park="{chosen.getrandbits(256):x}";var sedoParkingUrl="/lander";</script>
<ul>{offers}</ul>"""
    title = f"{escape(site)} - this domain is for sale"
    return _PAGE.format(title=title, head="", body=body).encode()


def stub(_site: str, chosen: Random) -> bytes:
    """Return a page that is hardly there."""
    return f"<html><body><p>Loading {chosen.randrange(10**6)}</p></body></html>".encode()


def home(site: str, teasers: list[tuple[str, str]]) -> bytes:
    """Return a front page: headlines and first lines of other stories."""
    cards = "".join(
        f'<article class="card"><h2><a href="/news/{number}">{escape(head)}</a></h2>'
        f"<p>{escape(first)}</p></article>\n"
        for number, (head, first) in enumerate(teasers)
    )
    body = f'<header><a href="/">{escape(site)}</a></header><main>{cards}</main>'
    head = '<meta property="og:type" content="website"><link rel="canonical" href="/">'
    return _PAGE.format(title=f"{escape(site)} - news", head=head, body=body).encode()


WALLS: dict[str, Callable[[str, Random], bytes]] = {
    "challenge": challenge,
    "consent": consent,
    "login": login,
    "parked": parked,
}
