"""One crawl run: opens what it needs, runs Scrapy, and ends with a reason and an exit code.

run_harvest ─► Harvest.open: reading workers ─► database ─► harvest row, writer thread
            ─► AsyncCrawlerProcess(NewsSpider) ─► Harvest.close ─► HarvestReport
"""

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

from crawler.config import Config
from crawler.config.overlay import scrapy_settings
from crawler.errors import NewsmorgueError
from crawler.plans import HarvestPlan, HarvestReport
from spiders.harvest import CONFIGURED, Harvest, ProgressTeller
from spiders.news import NewsSpider


def run_harvest(
    settings: Config, plan: HarvestPlan, progress: ProgressTeller | None = None
) -> HarvestReport:
    """Run one crawl to its end in this process and report it.

    Raises `NewsmorgueError` for what the user can mend: the database, the configuration, a full
    disk. A process can run one crawl only: Twisted's reactor does not start twice.
    """
    harvest = Harvest.open(settings, plan, progress)
    try:
        process = _process(settings)
        process.crawl(NewsSpider, harvest=harvest)
        process.start()
        if process.bootstrap_failed:
            harvest.failed(_stillborn())
    finally:
        harvest.close("shutdown")  # unless the spider did: a second signal does not wait for it
    if harvest.error is not None or harvest.report is None:
        raise harvest.error or _stillborn()
    return harvest.report


def _process(settings: Config) -> AsyncCrawlerProcess:
    base = get_project_settings()
    base.setmodule("crawler.settings", priority="project")
    overlay = {
        **scrapy_settings(settings),
        "LOG_INSTALL_ROOT_HANDLER": False,  # the command line decides what is printed
        CONFIGURED: True,
    }
    base.setdict(overlay, priority="cmdline")
    return AsyncCrawlerProcess(base)


def _stillborn() -> NewsmorgueError:
    return NewsmorgueError(
        "the crawl ended before it began",
        "Scrapy could not open the spider",
        "run it again with --debug and report what it prints",
    )
