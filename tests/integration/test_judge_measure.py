"""The measure of the judge itself: its command, its figures, and how it cuts pages open."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html
from support import judging
from support.judging import floors

ROOT = Path(__file__).parents[2]
surgery = judging.surgery


def test_command_measures_a_folder_and_says_what_is_missed(tmp_path: Path) -> None:
    """`benchmarks/judge.py FOLDER` writes every figure, and exits with 1 if a floor is missed."""
    write_corpus(tmp_path)
    figures, misses = tmp_path / "figures.json", tmp_path / "misses.jsonl"
    command = [
        sys.executable, "benchmarks/judge.py", str(tmp_path), "--split", "all", "--no-cost",
        "--kinds", "living,soft redirect,shell", "--json", str(figures), "--misses", str(misses),
    ]  # fmt: skip
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    rows = json.loads(figures.read_text(encoding="utf-8"))["figures"]
    assert {row["group"] for row in rows} == {"page alone", "with host context", "host"}
    assert done.returncode == int(not all(row["is_met"] for row in rows)), done.stderr.decode()
    assert all(json.loads(line)["wrong"] for line in misses.read_text("utf-8").splitlines())
    assert b"2 pages of 2 domains" in done.stdout


def write_corpus(folder: Path) -> None:
    (folder / "html").mkdir()
    rows = []
    for one in judging.sample()[:2]:
        packed = gzip.compress(one.body, mtime=0)
        (folder / "html" / f"{one.id}.html.gz").write_bytes(packed)
        rows.append({"id": one.id, "url": one.url, "title": one.title, "body": one.text})
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "ground-truth.jsonl").write_text(lines, encoding="utf-8")


def test_figure_counted_on_nothing_meets_no_floor() -> None:
    """A kind that no case was made of cannot pass the gate."""
    assert not judging.Measure("page alone", "any", 0.0, 0, floors.STORED).is_met
    assert judging.Measure("page alone", "any", 0.0, 1, floors.STORED).is_met


@pytest.mark.parametrize(
    ("floor", "good", "bad"),
    [(floors.PRECISION, 0.99, 0.9899), (floors.NOTICED_DEAD, 0, 1), (floors.CPU, 1.15, 1.16)],
)
def test_floor_is_met_on_its_good_side(floor: floors.Floor, good: float, bad: float) -> None:
    """A figure equal to its floor meets it; one beyond does not."""
    assert floor.is_met(good)
    assert not floor.is_met(bad)


FRAME = """<html><head><title>{title} - Paper</title><meta name="description" content="{about}">
</head><body><nav><a href="/">Paper</a></nav><main><article><h1>{title}</h1><p>{about}</p>
<div class="text">{text}</div><p>{leftover}</p><ul><li><a href="/b">{other}</a></li></ul></article>
</main><footer>Paper and printing house of the town, all rights reserved since 1921</footer>
</body></html>"""
PARTS = {
    "title": "Ferry returns to the lake",
    "about": "After twenty years the ferry crosses the lake at night again.",
    "leftover": "The company that runs the ferry has not said what a ticket costs in winter.",
    "other": "Bakery on the square closes after a hundred years",
}
TEXT = (
    "The ferry returns to the lake on Friday, and the last boat leaves at two in the morning.",
    "Nine sailors were hired, and the engines of the older ship were changed during the winter.",
)


def cut_open() -> "surgery.Anatomy":
    text = "".join(f"<p>{line}</p>" for line in TEXT)
    page = FRAME.format(text=text, **PARTS).encode()
    anatomy = surgery.dissect(page, "\n".join(TEXT))
    assert anatomy is not None
    return anatomy


def test_article_is_found_by_its_known_text() -> None:
    """The innermost element around the known paragraphs is the article's, each a block of it."""
    page = cut_open().fresh()
    assert page.container.get("class") == "text"
    assert [block.text for block in page.blocks] == list(TEXT)


def test_emptied_page_keeps_its_frame_and_its_offers_only() -> None:
    """Headline, summary, text and what else the article's region says go; menu and offers stay."""
    page = cut_open().fresh()
    surgery.empty(page, PARTS["title"])
    shown = html.document_fromstring(surgery.write(page.root)).body.text_content()
    assert all(text not in shown for text in (*TEXT, PARTS["about"], PARTS["leftover"]))
    assert PARTS["title"] not in shown
    assert PARTS["other"] in shown
    assert "printing house" in shown


def test_page_is_not_changed_by_edits_of_a_copy() -> None:
    """Each case is made from the page as it was."""
    anatomy = cut_open()
    before = surgery.write(anatomy.fresh().root)
    surgery.empty(anatomy.fresh(), PARTS["title"])
    assert surgery.write(anatomy.fresh().root) == before


def test_page_without_its_article_in_the_markup_cannot_be_cut_open() -> None:
    """Where the known text stands in no element, no case is made."""
    assert surgery.dissect(b"<html><body><p>Another page</p></body></html>", TEXT[0]) is None
