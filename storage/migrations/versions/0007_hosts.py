"""What is known of a host as a whole: probes, error pages, outages, since when it fails.

And texts that are taken back, because the page they came from was nobody's.
"""

import sqlalchemy as sa
from alembic import op

from storage.types import SafeJson, SafeText, UtcDateTime

revision = "0007"
down_revision = "0006"
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
      AND other.retracted_at IS NULL
    ORDER BY other.is_partial,
           other.captured_at DESC,
           other.version DESC,
           other.reading DESC
    LIMIT 1)
"""


def upgrade() -> None:
    """Add the host's columns, and the table of those that fell in a run."""
    for name in ("probes", "error_pages"):
        op.add_column("host", sa.Column(name, SafeJson(), nullable=True))
    for name in ("failing_since", "parked_since", "outage_since"):
        op.add_column("host", sa.Column(name, UtcDateTime(), nullable=True))
    op.add_column("host", sa.Column("run_id", sa.BigInteger(), nullable=True))
    for name in ("run_alive", "run_failed"):
        op.add_column("host", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    # No batch: SQLite adds a column in place, and the full-text index keeps its triggers.
    op.add_column("article_version", sa.Column("retracted_at", UtcDateTime(), nullable=True))
    op.create_table(
        "fall",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("resource_id", sa.BigInteger(), nullable=False),
        sa.Column("host", SafeText(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", UtcDateTime(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "resource_id", name=op.f("pk_fall")),
    )
    op.create_index(op.f("ix_fall_host"), "fall", ["host"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP VIEW articles")
        op.execute(f"CREATE {ARTICLES}")
    else:
        op.execute(f"CREATE OR REPLACE {ARTICLES}")  # keeps what readers were granted
