"""Scrapy's settings of this project. What a user may choose is in newsmorgue.toml.

`crawler.config` overlays these with the user's choices; `scrapy crawl news` works with them as
they stand.
"""

from crawler.fetching.headers import ACCEPT_ENCODING, user_agent

_MIB = 1024 * 1024

BOT_NAME = "newsmorgue"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

# --- this project's own -------------------------------------------------------------------------
NEWSMORGUE_ALLOW_PRIVATE: list[str] = []  # CIDRs the address guard lets through
NEWSMORGUE_DNS_TTL = 300.0  # seconds; Scrapy's cache never forgets, and a host may move in a watch
NEWSMORGUE_ROBOTS_ENABLED = True
NEWSMORGUE_ROBOTS_RETRY = 300.0  # seconds until a robots.txt that could not be had is asked again
NEWSMORGUE_MAX_CRAWL_DELAY = 30.0  # seconds; 1e9 in a robots.txt must not hold a lane for ever
NEWSMORGUE_MAX_SIZE = 5 * _MIB  # of one body on the wire; feeds and sitemaps ask for more in meta
NEWSMORGUE_MAX_IN_FLIGHT = 96 * _MIB  # of all bodies in memory; the pacing keeps to it

# --- the process --------------------------------------------------------------------------------
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"  # pebble and the writer
TELNETCONSOLE_ENABLED = False  # no listening port
REMOTE_CONTROL_ENABLED = False  # it executes Python for whoever reads its token
LOG_LEVEL = "WARNING"  # a line a page is not talk
LOG_VERSIONS: list[str] = []
STATS_DUMP = False  # the run's tally is in the database
MEMUSAGE_LIMIT_MB = 1536  # a leak ends the run cleanly; the next one goes on
EXTENSIONS = {
    "crawler.fetching.caps.Caps": 100,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.feedexport.FeedExporter": None,  # truth is in the database
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.throttle.AutoThrottle": None,  # it would undo the lanes' delays
}

# --- what is fetched ----------------------------------------------------------------------------
_HTTP = "crawler.fetching.handler.PacedHandler"  # an archive is asked once for each token
DOWNLOAD_HANDLERS = {
    "http": _HTTP,
    "https": _HTTP,
    "file": None,  # a link to file:///etc/passwd would be read
    "data": None,
    "ftp": None,
    "s3": None,
}
TWISTED_DNS_RESOLVER = "crawler.fetching.guard.GuardedResolver"
DNSCACHE_SIZE = 10_000
REACTOR_THREADPOOL_MAXSIZE = 20  # lookups have no time limit of their own: dead names take threads
DOWNLOAD_VERIFY_CERTIFICATES = True  # off in Scrapy
DOWNLOAD_TIMEOUT = 60  # seconds for a whole answer; a drip of bytes does not lengthen it
DOWNLOAD_MAXSIZE = 0  # it throws away what came; caps.py keeps it
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False  # a broken-off body is kept and marked
COMPRESSION_ENABLED = False  # bytes stay as received; the reading workers undo them
COOKIES_ENABLED = False  # an archive shows what a first visitor sees
REDIRECT_ENABLED = False  # a visit follows its own hops
METAREFRESH_ENABLED = False
RETRY_ENABLED = False  # the frontier asks again, in hours
ROBOTSTXT_OBEY = False  # Scrapy's fails open; ours is below
HTTPPROXY_ENABLED = False  # a proxy hides the address from the guard
HTTPCACHE_ENABLED = False
USER_AGENT = user_agent()
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": None,  # a paper is read in its own language
    "Accept-Encoding": ACCEPT_ENCODING,  # the compression middleware would send it, and is off
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.fetching.slots.LaneSlots": 50,
    "crawler.fetching.robots.RobotsMiddleware": 100,
    "crawler.fetching.guard.GuardCounter": 800,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # drops without an outcome
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}

# --- how fast -----------------------------------------------------------------------------------
CONCURRENT_REQUESTS = 64  # in all
CONCURRENT_ITEMS = 1  # Scrapy makes as many tasks for each answer (2 ms at 100); errands yield none
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # one request at a time to a host
DOWNLOAD_DELAY = 1.0  # seconds between two to a host
DOWNLOAD_DELAY_JITTER = 0  # the delay is a promise, not an average
AUTOTHROTTLE_ENABLED = False
SCRAPER_SLOT_MAX_ACTIVE_SIZE = NEWSMORGUE_MAX_IN_FLIGHT  # Scrapy's 5 MB is one page of ours

# --- what the spider sees -----------------------------------------------------------------------
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # it filters nothing: the frontier decides
JOBDIR = None  # it loses pages when killed
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # a 404 is what we came for
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,  # tells sites where we were
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # drops without an outcome
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # the frontier knows the depth
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
