"""Routes that answer with a page which is neither the article nor its absence."""

from html import escape
from http import HTTPStatus
from urllib.parse import quote

from crawler.demo.http1 import Answer, Reply, redirect
from crawler.demo.pages import article_page, document, labels, paragraphs
from crawler.demo.routes_pages import own_story
from crawler.demo.site import Call, Routes, page

FREE_PARAGRAPHS = 2  # what a paywall shows
CHALLENGE = """<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>
<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="390"></head>
<body><div class="main-wrapper" role="main">
<noscript>Enable JavaScript and cookies to continue</noscript></div>
<script>window._cf_chl_opt = {cType: 'managed'};</script>
<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>"""
PARKED = """<!DOCTYPE html><html><head><title>{host} - this domain is for sale</title></head>
<body><h1>{host}</h1><p>Buy this domain. It may be for sale by its owner.</p>
<script>window.park = "1"; var sedoParkingUrl = "/lander";</script>
<ul><li><a href="/lander?q=loans">Loans</a></li><li><a href="/lander?q=hotels">Hotels</a></li></ul>
</body></html>"""
SHELL = """<!DOCTYPE html><html lang="en"><head><title>The Alder Courier</title></head>
<body><noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>
<script src="/static/a.js"></script><script src="/static/b.js"></script>
<script src="/static/c.js"></script></body></html>"""


def paywall(call: Call) -> Answer:
    """/paywall[/<language>]/<slug>: two paragraphs, then an offer to subscribe."""
    told = own_story(call)
    say = labels(told.language)
    offer, why = escape(say["subscribe"]), escape(say["subscribe_why"])
    box = f'<div class="paywall"><h3>{offer}</h3><p>{why}</p></div>'
    body = f"{paragraphs(told.paragraphs[:FREE_PARAGRAPHS])}\n{box}"
    html = article_page(told, call.url, call.paper.articles, body=body, free=False)
    return page(html)


def consent(call: Call) -> Answer:
    """/consent[/<language>]/<slug>: a wall of cookies, no article."""
    say = labels(call.language())
    wall = f"""<div class="gdpr-consent" id="didomi-host"><h1>{escape(say["consent_title"])}</h1>
<p>{escape(say["consent"])}</p><form action="/consent/save" method="post">
<button name="all">{escape(say["accept"])}</button>
<button name="none">{escape(say["refuse"])}</button></form></div>"""
    head = '<script src="https://sdk.privacy-center.org/didomi/loader.js"></script>'
    return page(document(call.language(), say["consent_title"], wall, head=head))


def challenge(_call: Call) -> Answer:
    """/challenge/<slug>: 403 with cf-mitigated, the way Cloudflare asks for a browser."""
    headers = (("Server", "cloudflare"), ("cf-mitigated", "challenge"))
    return page(CHALLENGE, status=HTTPStatus.FORBIDDEN, headers=headers)


def login_redirect(call: Call) -> Answer:
    """/login-redirect/<slug>: 302 to a form with a password field."""
    return redirect(f"/login?return={quote(call.request.target, safe='')}")


def login(_call: Call) -> Answer:
    """/login: the form."""
    say = labels("en")
    form = f"""<h1>{say["login"]}</h1><form action="/login" method="post"><input name="user">
<input name="password" type="password" aria-label="{say["password"]}">
<button>{say["login"]}</button></form>"""
    return page(document("en", say["login"], form))


def geo(_call: Call) -> Answer:
    """/geo/<slug>: 451, not for visitors from here."""
    text = "For legal reasons we cannot show this content to visitors from the European Union."
    content = f"<h1>Not available in your region</h1><p>{text}</p>"
    return page(
        document("en", "Unavailable", content), status=HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS
    )


def parked(call: Call) -> Answer:
    """/parked/...: a name for sale."""
    return page(PARKED.format(host=escape(call.request.address)))


ROUTES: Routes = {
    "paywall": paywall,
    "consent": consent,
    "challenge": challenge,
    "login-redirect": login_redirect,
    "login": login,
    "geo": geo,
    "parked": parked,
    "shell": lambda _: Reply(body=SHELL.encode()),
}
