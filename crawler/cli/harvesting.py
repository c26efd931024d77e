"""What `crawl`, `recover` and `demo` share: run a plan, show how far it is, print the report."""

from crawler.cli.printing import emit
from crawler.cli.progress import progress
from crawler.config import Config
from crawler.plans import HarvestPlan


def harvest(config: Config, plan: HarvestPlan, *, as_json: bool) -> int:
    """Carry out a plan, print its report to standard output and return its exit code."""
    from crawler.harvest import run_harvest  # noqa: PLC0415 - scrapy and sqlalchemy, 2 seconds

    with progress(config.run.progress_every) as show:
        report = run_harvest(config, plan, show)
    emit(report, as_json=as_json)
    return report.exit_code
