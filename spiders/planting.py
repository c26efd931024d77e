"""What a plan puts into the frontier before anything is claimed."""

from collections import Counter
from collections.abc import Iterator

from crawler.config import Config
from crawler.config.sections import Site
from crawler.core.offers import BACKFILL, Kind, nearness, seed_kind
from crawler.core.urls import lane_host
from crawler.plans import HarvestPlan
from spiders.first_contact import FirstContact
from storage.frontier import host_lane
from storage.records import Seed
from storage.session import Session


async def plant(session: Session, config: Config, plan: HarvestPlan) -> FirstContact:
    """Add seeds, questions to archives and what was skipped; return how far strangers are taken."""
    named = [_named(url, config) for url in plan.urls]
    seeds = [*named, *_seeds_of_sites(config, plan)]
    strangers = {
        seed.site: {"seeds": [seed.url]}
        for seed in named
        if seed.site is not None and config.site_named(seed.site) is None
    }
    if seeds:
        await session.add_seeds(seeds, strangers)
    if plan.recover:
        await session.ask_archives(plan.recover)
    if plan.listed:
        await session.ask_archives(plan.listed, anew=False)
    if plan.lost:
        await session.ask_for_lost()
    if plan.backfill:
        meant = {*plan.sites, *(seed.site for seed in named if seed.site)}
        await session.take_up_skipped(BACKFILL, tuple(meant))
    lanes = Counter(host_lane(lane_host(seed.url)) for seed in named if seed.site is None)
    limit = None if plan.limit is not None else config.discovery.first_contact or None
    return FirstContact(limit, await session.site_ids(tuple(strangers)), lanes)


def _named(url: str, config: Config) -> Seed:
    """Return the seed of a URL a user named: a page, or a front page, feed or sitemap of a site."""
    kind = seed_kind(url)
    site = _site_of(url, config)
    if site is not None:
        return Seed(url=url, kind=kind, site=site.name)
    return Seed(url=url, kind=kind, site=None if kind is Kind.PAGE else lane_host(url))


def _site_of(url: str, config: Config) -> Site | None:
    """Return the configured site a URL belongs to: the one whose seed lies nearest above it."""
    above = [
        (near, -number)
        for number, site in enumerate(config.site)
        for seed in site.seeds
        if (near := nearness(url, seed))
    ]
    return config.site[-max(above)[1]] if above else None


def _seeds_of_sites(config: Config, plan: HarvestPlan) -> Iterator[Seed]:
    for site in config.site:
        if site.name in plan.sites or not plan.names_anything:
            yield from (Seed(url=url, kind=_kind_of(url), site=site.name) for url in site.seeds)


def _kind_of(url: str) -> Kind:
    """Return what a site's seed is read as: whatever is no feed or sitemap is a front page."""
    kind = seed_kind(url)
    return kind if kind.is_list else Kind.FRONT
