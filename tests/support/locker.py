"""A process of its own that holds an SQLite file's write lock until its input ends."""

import sqlite3
import sys


def _main(path: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    print("locked", flush=True)  # noqa: T201 - its parent waits for it
    sys.stdin.read()
    connection.execute("COMMIT")
    connection.close()


if __name__ == "__main__":
    _main(sys.argv[1])
