"""A process that writes captures until it is killed, telling each position once it is durable.

Run as `python warc_child.py DIRECTORY RUN`. Each line on stdout: file, offset, digest of the body.
"""

import hashlib
import itertools
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from storage.warc import Exchange, Position, WarcWriter


def main(directory: Path, run: str) -> None:
    """Write groups of captures without end, some over the size at which files rotate."""
    draw = random.Random(run)  # noqa: S311
    writer = WarcWriter(directory, run=run, software="newsmorgue/0", max_bytes=400_000)
    for number in itertools.count():
        group: list[tuple[Position, bytes]] = []
        for _ in range(draw.randint(1, 8)):
            body = draw.randbytes(draw.randint(0, 30_000))
            exchange = Exchange(
                url=f"http://news.example/{number}",
                status=200,
                response_headers=(("content-type", "text/html"),),
                body=body,
                fetched_at=datetime.now(UTC),
            )
            group.append((writer.write(exchange), body))
        writer.sync()
        for position, body in group:
            print(position.file, position.offset, hashlib.sha256(body).hexdigest())  # noqa: T201
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
