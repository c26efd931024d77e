"""Where each piece of an article's metadata was read, how sure it is, and what spoke against it.

Every column may be null: what was written before stays as it is. Columns are added in place, so
that the full-text index of SQLite keeps its triggers on `article_version`.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.types import SafeJson, SafeText, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ARTICLES = """
    VIEW articles AS
    SELECT article_version.resource_id,
           site.name AS site,
           resource.url,
           article_version.title,
           article_version.authors,
           article_version.published_at,
           article_version.published_at_source,
           article_version.modified_at,
           article_version.language,
           article_version.text,
           article_version.version,
           article_version.reading,
           article_version.source,
           article_version.memento_url,
           article_version.memento_datetime,
           article_version.captured_at,
           resource.state,
           article_version.is_partial,
           article_version.has_removed_notice,
           article_version.text_sha256,
           article_version.extractor_version,
           article_version.id AS rowid,
           article_version.published_at_precision,
           article_version.published_at_confidence,
           article_version.published_before,
           article_version.modified_at_source,
           article_version.modified_at_precision,
           article_version.modified_at_confidence,
           article_version.date_evidence,
           article_version.title_source,
           article_version.title_confidence,
           article_version.authors_source,
           article_version.authors_confidence,
           article_version.section,
           article_version.section_source,
           article_version.section_confidence,
           article_version.language_source,
           article_version.canonical_url,
           article_version.lead_image,
           article_version.is_free
    FROM article_version
    JOIN resource ON resource.id = article_version.resource_id
    LEFT OUTER JOIN site ON site.id = resource.site_id
    WHERE article_version.id = (SELECT other.id
    FROM article_version AS other
    WHERE other.resource_id = article_version.resource_id
    ORDER BY other.is_partial,
           other.captured_at DESC,
           other.version DESC,
           other.reading DESC
    LIMIT 1)
"""

_WORD = sa.String(24)

COLUMNS: dict[str, dict[str, Any]] = {
    "resource": {"headline_how": sa.String(16), "published_hint_how": sa.String(16)},
    "archive_lookup": {"first_capture_at": UtcDateTime()},
    "article_version": {
        "title_source": _WORD,
        "title_confidence": sa.Float(),
        "authors_source": _WORD,
        "authors_confidence": sa.Float(),
        "published_at_confidence": sa.Float(),
        "published_before": UtcDateTime(),
        "modified_at_source": _WORD,
        "modified_at_precision": _WORD,
        "modified_at_confidence": sa.Float(),
        "date_evidence": SafeJson(),
        "language_source": _WORD,
        "section": SafeText(),
        "section_source": _WORD,
        "section_confidence": sa.Float(),
        "canonical_url": SafeText(),
        "lead_image": SafeText(),
        "is_free": sa.Boolean(),
    },
}


def upgrade() -> None:
    """Add the columns, and show those of the texts at the end of the view."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP VIEW articles")
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    # On Postgres the view is not dropped: readers keep what they were granted.
    op.execute(f"CREATE {ARTICLES}" if is_sqlite else f"CREATE OR REPLACE {ARTICLES}")
