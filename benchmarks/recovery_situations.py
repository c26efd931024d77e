"""What archives really have of lost pages: each situation sets one page's captures and faults.

`least` counts the requests of a client that knew beforehand which capture is right; where none
is, every capture that its row does not give away must be looked at.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random
from urllib.parse import urlsplit, urlunsplit

import recovery_bodies
from corpus_case import Truth
from recovery_case import SEED, Least, Lost, Scene

_SLUG = re.compile(r"/[^/]*[^/-]+-[^/-]+-[^/]*$")
HTML = {"Content-Type": "text/html"}
GZIP = {"Content-Encoding": "gzip"}
HICCUPS = ("hang", "outage-page", "drop", "truncated", "504")


_AT_ONCE = Least()


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """How a page is set, and what is to come of it."""

    name: str
    set_up: Callable[[Scene], None]
    least: Least = _AT_ONCE
    is_held: bool = True
    is_asked: bool = True
    share: int = 2
    suits: Callable[[str], bool] = lambda _: True  # of the page's address


def _clean(scene: Scene) -> None:
    scene.article(3)


def _packed(scene: Scene) -> None:
    scene.article(3, pack=True, headers=GZIP)


def _several(scene: Scene) -> None:
    scene.article(3)
    scene.again(5)
    scene.article(30, edition=1)
    scene.garbage(40, b"<h1>Busy</h1>", status=503)
    scene.soft(100)
    scene.garbage(150, b"<h1>Not found</h1>", status=404)


def _revisits(scene: Scene) -> None:
    # The first capture is filed under a type that is none: only its revisits are offered.
    scene.article(3, mimetype="unk/x", headers=HTML)
    scene.again(23)
    scene.again(43)


def _chain(scene: Scene) -> None:
    """Let the page have moved: only a revisit of its redirect is offered."""
    parts = urlsplit(scene.page.url)
    moved = urlunsplit(parts._replace(path=f"/archive{parts.path}"))
    scene.redirect(30, moved)
    scene.again(60, right=False)
    scene.article(61, url=moved)


def _home(scene: Scene) -> None:
    scene.article(3)
    _home_only(scene)


def _home_only(scene: Scene) -> None:
    scene.redirect(100, "/")
    scene.again(130, right=False)
    scene.front(130)


def _soft(scene: Scene) -> None:
    scene.article(3)
    for days in (60, 90, 120):
        scene.soft(days)


def _soft_only(scene: Scene) -> None:
    scene.soft(60)
    scene.soft(120)


def _challenge(scene: Scene) -> None:
    scene.wall(0.5, "challenge")
    scene.article(20)


def _walls(scene: Scene) -> None:
    scene.article(3)
    for days, kind in ((50, "consent"), (80, "login"), (200, "parked")):
        scene.wall(days, kind)


def _walls_only(scene: Scene) -> None:
    for days, kind in ((1, "challenge"), (50, "consent"), (200, "parked")):
        scene.wall(days, kind)


def _tiny(scene: Scene) -> None:
    scene.garbage(2, recovery_bodies.stub(scene.site, scene.chosen))
    scene.article(3)
    scene.article(9, edition=1)


def _undeclared(scene: Scene) -> None:
    scene.article(3, pack=True)


def _doubly_declared(scene: Scene) -> None:
    scene.article(3)
    scene.fault("replay", "double-encoding")


def _excluded(scene: Scene) -> None:
    scene.article(3)
    scene.fault("cdx", scene.chosen.choice(("blocked-site", "blocked-robots")))


def _unplayable(scene: Scene) -> None:
    scene.article(3)
    scene.article(30, edition=1)
    scene.fault("replay", "unplayable", timestamp=scene.at(3))


def _unplayable_only(scene: Scene) -> None:
    scene.article(3)
    scene.fault("replay", "unplayable")


def _loop(scene: Scene) -> None:
    scene.article(3)
    _loop_only(scene)


def _loop_only(scene: Scene) -> None:
    path = urlsplit(scene.page.url).path
    scene.redirect(60, f"{path}/")
    scene.again(70, right=False)


def _other_time(scene: Scene) -> None:
    """List a copy that leads to another year when it is asked for."""
    scene.garbage(5, b"never played")
    scene.article(30)
    scene.soft(200)
    scene.fault("replay", "elsewhere", timestamp=scene.at(5), to=scene.at(200))


def _near_time(scene: Scene) -> None:
    scene.garbage(5, scene.content(1))
    scene.article(6, mimetype="unk/x", headers=HTML)
    scene.fault("replay", "elsewhere", timestamp=scene.at(5), to=scene.at(6))


def _never(scene: Scene) -> None:
    pass


def _variant(scene: Scene) -> None:
    """Hold the article under another spelling of its address."""
    parts = urlsplit(scene.page.url)
    url = urlunsplit(parts._replace(query="")) if parts.query else ""
    scene.article(3, url=url or urlunsplit(parts._replace(path=f"{parts.path}/index.html")))


def _other_case(scene: Scene) -> None:
    """Hold another page whose address differs in case: the index lists both for either."""
    _other_case_only(scene)
    scene.article(10)


def _other_case_only(scene: Scene) -> None:
    parts = urlsplit(scene.page.url)
    url = urlunsplit(parts._replace(path=parts.path.swapcase()))
    scene.garbage(2, scene.another(), url=url)


def _lookup_hiccup(scene: Scene) -> None:
    scene.article(3)
    scene.fault("cdx", scene.chosen.choice(HICCUPS), count=1)


def _replay_hiccup(scene: Scene) -> None:
    scene.article(3)
    scene.fault("replay", scene.chosen.choice(HICCUPS), count=1)


def _mute(scene: Scene) -> None:
    scene.article(3)
    scene.fault("cdx", scene.chosen.choice(HICCUPS))


def _mute_replay(scene: Scene) -> None:
    scene.article(3)
    scene.fault("replay", scene.chosen.choice(HICCUPS))


def _bad_rows(scene: Scene) -> None:
    scene.article(3)
    scene.fault("cdx", "bad-rows")


def _slow(scene: Scene) -> None:
    scene.article(3)
    scene.fault("cdx", "slow")
    scene.fault("replay", "slow")


def _has_slug(url: str) -> bool:
    return _SLUG.search(urlsplit(url).path) is not None


ASKED_TWICE = Least(lookups=2, replays=0)  # under its own spelling, and under others
SITUATIONS = (
    Situation(name="clean", set_up=_clean, share=4),
    Situation(name="packed", set_up=_packed),
    Situation(name="several versions", set_up=_several, share=4),
    Situation(name="only revisits", set_up=_revisits),
    Situation(name="redirect chain", set_up=_chain, least=Least(replays=3), suits=_has_slug),
    Situation(name="redirect home", set_up=_home),
    Situation(name="only redirect home", set_up=_home_only, is_held=False, share=1),
    Situation(name="soft-404 as 200", set_up=_soft, share=4),
    Situation(
        name="only soft-404", set_up=_soft_only, is_held=False, least=Least(replays=2), share=1
    ),
    Situation(name="challenge as 200", set_up=_challenge, share=1),
    Situation(name="walls as 200", set_up=_walls),
    Situation(
        name="only walls", set_up=_walls_only, is_held=False, least=Least(replays=3), share=1
    ),
    Situation(name="tiny", set_up=_tiny),
    Situation(name="undeclared gzip", set_up=_undeclared),
    Situation(name="gzip declared twice", set_up=_doubly_declared, share=1),
    Situation(name="excluded", set_up=_excluded, is_held=False, least=Least(replays=0)),
    Situation(name="unplayable", set_up=_unplayable, share=1),
    Situation(name="only unplayable", set_up=_unplayable_only, is_held=False, share=1),
    Situation(name="loop", set_up=_loop),
    Situation(
        name="only a loop", set_up=_loop_only, is_held=False, least=Least(replays=2), share=1
    ),
    Situation(name="other-time redirect", set_up=_other_time, share=1),
    Situation(name="near-time redirect", set_up=_near_time, least=Least(replays=2), share=1),
    Situation(name="never archived", set_up=_never, is_held=False, least=ASKED_TWICE),
    Situation(name="other spelling", set_up=_variant, least=Least(lookups=2), share=1),
    Situation(name="other case beside", set_up=_other_case, share=1),
    Situation(
        name="other case only", set_up=_other_case_only, is_held=False, least=ASKED_TWICE, share=1
    ),
    Situation(name="lookup hiccup", set_up=_lookup_hiccup, least=Least(lookups=2)),
    Situation(name="replay hiccup", set_up=_replay_hiccup, least=Least(replays=2)),
    Situation(name="lookups never answered", set_up=_mute, is_asked=False, share=1),
    Situation(name="replays never answered", set_up=_mute_replay, is_asked=False, share=1),
    Situation(name="bad rows", set_up=_bad_rows, share=1),
    Situation(name="slow", set_up=_slow, share=1),
)


def set_all(pages: Sequence[Lost], truths: Sequence[Truth], folder: Path) -> None:
    """Give every page its situation, in turn and by share; the same each time."""
    chosen = Random(SEED)
    turns = [situation for situation in SITUATIONS for _ in range(situation.share)]
    chosen.shuffle(turns)
    # Every situation comes once before any comes twice: a sample has them all.
    firsts = list(dict.fromkeys(turns))
    line = [*firsts, *_without(turns, firsts)]
    owed: list[Situation] = []
    endless = cycle(line)
    for page in pages:
        situation = next((one for one in owed if one.suits(page.url)), None)
        if situation is not None:
            owed.remove(situation)
        while situation is None:
            turn = next(endless)
            if turn.suits(page.url):
                situation = turn
            else:
                owed.append(turn)
        page.situation = situation.name
        page.is_held, page.is_asked = situation.is_held, situation.is_asked
        page.least = situation.least
        situation.set_up(Scene(page, chosen, truths, folder))


def _without(turns: Sequence[Situation], firsts: Sequence[Situation]) -> list[Situation]:
    left = list(turns)
    for one in firsts:
        left.remove(one)
    return left
