"""Reading pages in worker processes: bytes go in as received, one `PageReading` comes out.

Only `pool` is meant for the crawling process. Everything else here runs in a worker that can be
killed, since strangers' bytes can make a decoder or parser hang, swell or crash.
"""
