"""What the same pages cost without us, in the same run: `python corpus_bare.py scrapy|trafilatura`.

`scrapy LIST` fetches every address of a list with stock Scrapy and parses nothing. `trafilatura
ROUTES` extracts every page of a list of files with stock trafilatura, in one process. Each prints
one JSON line: pages, CPU seconds and wall seconds from the first page to the last.
"""

import gzip
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from corpus_score import f1, mean

WARM_UP = 3  # pages extracted before the clock starts: the first use loads word lists


def scrapy_only(addresses: Path) -> dict[str, float]:
    """Fetch every address with Scrapy as it comes, no delay, no robots.txt, no retries."""
    import scrapy  # noqa: PLC0415 - a second, and only of this mode
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415

    found = {"pages": 0.0, "bytes": 0.0}
    urls = addresses.read_text(encoding="utf-8").split()

    class Bare(scrapy.Spider):
        name = "bare"
        custom_settings = {  # noqa: RUF012 - Scrapy's own way
            "TELNETCONSOLE_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
            "RETRY_ENABLED": False,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS": 64,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 2,
            "HTTPERROR_ALLOW_ALL": True,
        }

        async def start(self) -> AsyncIterator[Any]:
            found["wall"], found["cpu"] = -time.perf_counter(), -time.process_time()
            for url in urls:
                yield scrapy.Request(url, dont_filter=True)

        async def parse(self, response: Any, **_: Any) -> None:
            found["pages"] += 1
            found["bytes"] += len(response.body)

        def closed(self, reason: str) -> None:
            del reason
            found["wall"] += time.perf_counter()
            found["cpu"] += time.process_time()

    process = AsyncCrawlerProcess({"LOG_ENABLED": False})
    process.crawl(Bare)
    process.start()
    return found


def trafilatura_only(pages: Path) -> dict[str, float]:
    """Extract every page with trafilatura as it comes, metadata included."""
    from trafilatura import bare_extraction  # noqa: PLC0415 - a second, and only of this mode

    rows = [json.loads(line) for line in pages.read_text(encoding="utf-8").split("\n") if line]
    bodies = [gzip.decompress(Path(row["file"]).read_bytes()) for row in rows]
    for body in bodies[:WARM_UP]:
        bare_extraction(body, url=rows[0]["url"], with_metadata=True)
    wall, cpu = -time.perf_counter(), -time.process_time()
    texts = []
    for row, body in zip(rows, bodies, strict=True):
        document = bare_extraction(body, url=row["url"], with_metadata=True)
        texts.append(document.text or "" if document is not None else "")
    wall, cpu = wall + time.perf_counter(), cpu + time.process_time()
    scores = (f1(text, row["body"]) for text, row in zip(texts, rows, strict=True))
    return {"pages": len(rows), "cpu": cpu, "wall": wall, "f1": mean(scores)}


def main() -> None:
    """Run one mode and print its JSON line."""
    mode, file = sys.argv[1], Path(sys.argv[2])
    found = scrapy_only(file) if mode == "scrapy" else trafilatura_only(file)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
