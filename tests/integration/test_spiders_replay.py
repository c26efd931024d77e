"""What a replayed copy is read with: the page's own headers, as the archive kept them."""

from scrapy.http import Response

from spiders.replay import _page_headers

HEADERS = {
    "Content-Type": "text/html",
    "Content-Encoding": "br",
    "Server": "archive",
    "X-Archive-Orig-Content-Type": "text/html; charset=windows-1251",
    "X-Archive-Orig-Content-Encoding": "gzip",
    "X-Archive-Orig-Last-Modified": "Tue, 13 Dec 2016 12:00:00 GMT",
}


def test_the_archived_headers_stand_for_the_pages_own() -> None:
    """Charset and dates are those of the page; the encoding is that of the bytes that came."""
    response = Response("https://archive.example/web/1id_/https://a.example/", headers=HEADERS)
    assert sorted(_page_headers(response)) == [
        ("content-encoding", "br"),
        ("content-type", "text/html; charset=windows-1251"),
        ("last-modified", "Tue, 13 Dec 2016 12:00:00 GMT"),
        ("server", "archive"),
    ]
