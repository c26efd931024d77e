"""The closed word lists of the domain: how an errand ended, what a visit says, what history says.

The values are stored by name in the database and are part of the public contract: a word is
added, never renamed.
"""

from enum import StrEnum


class Purpose(StrEnum):
    """What a frontier entry is for."""

    DISCOVER = "discover"  # a feed, sitemap, front or section page: read for its links
    VISIT = "visit"  # a page
    PROBE = "probe"  # a bogus sibling URL, to learn how a host says "not found"
    LOOKUP = "lookup"  # ask one archive what it holds
    REPLAY = "replay"  # fetch and prove an archive's candidates


class Outcome(StrEnum):
    """How an errand ended. Every errand ends in exactly one."""

    FETCHED = "fetched"
    NOT_MODIFIED = "not_modified"
    TRUNCATED = "truncated"
    REDIRECTED = "redirected"
    REFUSED_ADDRESS = "refused_address"
    ROBOTS_DISALLOWED = "robots_disallowed"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    OUT_OF_SCOPE = "out_of_scope"
    DNS_FAILED = "dns_failed"
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    PROTOCOL_ERROR = "protocol_error"
    READING_TIMED_OUT = "reading_timed_out"
    READING_FAILED = "reading_failed"
    ARCHIVE_HAS = "archive_has"
    ARCHIVE_HAS_NOT = "archive_has_not"
    ARCHIVE_COULD_NOT_ASK = "archive_could_not_ask"
    INTERNAL_ERROR = "internal_error"


class Liveness(StrEnum):
    """What one visit says about the page."""

    ALIVE = "alive"
    PAYWALLED = "paywalled"
    MOVED = "moved"
    GONE = "gone"
    SOFT_GONE = "soft_gone"
    WITHDRAWN = "withdrawn"
    HOST_GONE = "host_gone"
    PARKED = "parked"
    BLOCKED = "blocked"
    LOGIN = "login"
    GEO_BLOCKED = "geo_blocked"
    CONSENT = "consent"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    DISALLOWED = "disallowed"
    UNKNOWN = "unknown"


class State(StrEnum):
    """What the history of a resource says."""

    UNVISITED = "unvisited"
    ALIVE = "alive"
    MOVED = "moved"
    SUSPECTED = "suspected"
    DEAD = "dead"
    UNKNOWN = "unknown"


class Answer(StrEnum):
    """What an archive answered. The third is asked again and is never written as absence."""

    HAS = "has"
    HAS_NOT = "has_not"
    COULD_NOT_ASK = "could_not_ask"
    EXCLUDED = "excluded"  # the archive holds it back: owner's wish or robots


class ChangeKind(StrEnum):
    """What a downstream reader is told about."""

    NEW = "new"
    EDITED = "edited"
    REREAD = "reread"
    RECOVERED = "recovered"
    STATE = "state"
    WITHDRAWN = "withdrawn"


class Place(StrEnum):
    """Where on a page a notice, skip link or other foreign text stood."""

    TITLE = "title"
    HEADING = "heading"
    BEFORE = "before"  # before the first paragraph of the article
    BETWEEN = "between"
    AFTER = "after"  # after the last paragraph of the article
    OUTSIDE = "outside"  # navigation, footer, dialog, template


class SpanKind(StrEnum):
    """What kind of foreign text was cut out of an article."""

    SKIP_LINK = "skip_link"
    NOT_FOUND = "not_found"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CONSENT = "consent"
    PAYWALL = "paywall"


class DateSource(StrEnum):
    """What a date was read from, best first."""

    JSON_LD = "json_ld"
    META = "meta"
    TIME_ELEMENT = "time_element"
    FEED = "feed"
    SITEMAP = "sitemap"
    URL = "url"
    TEXT = "text"
    HTMLDATE = "htmldate"


class MetadataSource(StrEnum):
    """What a title, a list of authors, a section or a language was read from."""

    JSON_LD = "json_ld"
    META = "meta"
    HEADING = "heading"
    TITLE_ELEMENT = "title_element"
    BYLINE = "byline"
    BREADCRUMB = "breadcrumb"
    FEED = "feed"
    SITEMAP = "sitemap"
    URL = "url"
    TEXT = "text"
    HTML_LANG = "html_lang"


class DateStanding(StrEnum):
    """What became of a date that was found. From `default_date` on: why it was refused."""

    TAKEN = "taken"
    AGREES = "agrees"
    CONFLICTS = "conflicts"
    DEFAULT_DATE = "default_date"
    LATER_THAN_CAPTURE = "later_than_capture"
    LATER_THAN_FIRST_CAPTURE = "later_than_first_capture"
    CAPTURE_DAY = "capture_day"
    CAPTURE_MOMENT = "capture_moment"
    BARE_MONTH = "bare_month"
    BARE_YEAR = "bare_year"


class Precision(StrEnum):
    """How much of a date was given, finest first."""

    SECOND = "second"
    DAY = "day"
    MONTH = "month"  # the instant is the month's first, and no day is meant
    YEAR = "year"
