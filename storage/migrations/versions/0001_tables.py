"""All tables of the first version."""

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, SafeJson, SafeText, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the one row of the change counter."""
    _archive_budget()
    _change_counter()
    _harvest()
    _host()
    _site()
    _lane()
    _resource()
    _alias()
    _change()
    _frontier()
    _visit()
    _archive_lookup()
    _article_version()
    _quarantine()
    op.execute("INSERT INTO change_counter (id, value) VALUES (1, 0)")


def _archive_budget() -> None:
    op.create_table(
        "archive_budget",
        sa.Column("archive", SafeText(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("next_free_at", UtcDateTime(), nullable=False),
        sa.Column("strikes", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("archive", "kind", name="pk_archive_budget"),
    )


def _change_counter() -> None:
    op.create_table(
        "change_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_change_counter"),
    )


def _harvest() -> None:
    op.create_table(
        "harvest",
        sa.Column("id", BigId, nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("heartbeat_at", UtcDateTime(), nullable=False),
        sa.Column("machine", SafeText(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pid_started", sa.BigInteger(), nullable=True),
        sa.Column("software", SafeText(), nullable=False),
        sa.Column("settings", SafeJson(), nullable=False),
        sa.Column("finish_reason", sa.String(length=32), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("discovered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("still_due", sa.Integer(), nullable=True),
        sa.Column("tally", SafeJson(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_harvest"),
    )


def _host() -> None:
    op.create_table(
        "host",
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("breaker_until", UtcDateTime(), nullable=True),
        sa.Column("robots_status", sa.Integer(), nullable=True),
        sa.Column("robots_fetched_at", UtcDateTime(), nullable=True),
        sa.Column("honest_404", sa.Boolean(), nullable=True),
        sa.Column("probed_at", UtcDateTime(), nullable=True),
        sa.Column("error_templates", SafeJson(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_host"),
    )


def _site() -> None:
    op.create_table(
        "site",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("settings", SafeJson(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
        sa.UniqueConstraint("name", name="uq_site_name"),
    )


def _lane() -> None:
    op.create_table(
        "lane",
        sa.Column("name", SafeText(), nullable=False),
        sa.Column("run_id", BigId, nullable=True),
        sa.Column("next_due_at", UtcDateTime(), nullable=True),
        sa.Column("free_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["harvest.id"], name="fk_lane_run_id_harvest"),
        sa.PrimaryKeyConstraint("name", name="pk_lane"),
    )
    op.create_index("ix_lane_next_due_at", "lane", ["next_due_at"])
    op.create_index(
        "ix_lane_run_id",
        "lane",
        ["run_id"],
        sqlite_where=sa.text("run_id IS NOT NULL"),
        postgresql_where=sa.text("run_id IS NOT NULL"),
    )


def _resource() -> None:
    op.create_table(
        "resource",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("surt", SafeText(), nullable=False),
        sa.Column("host", SafeText(), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="page", nullable=False),
        sa.Column("site_id", BigId, nullable=True),
        sa.Column("found_how", sa.String(length=16), nullable=False),
        sa.Column("found_on", sa.BigInteger(), nullable=True),
        sa.Column("headline", SafeText(), nullable=True),
        sa.Column("published_hint", UtcDateTime(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(24), server_default="unvisited", nullable=False),
        sa.Column("liveness", sa.String(24), nullable=True),
        sa.Column("outcome", sa.String(24), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("visits", sa.Integer(), server_default="0", nullable=False),
        sa.Column("consecutive_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_failed_at", UtcDateTime(), nullable=True),
        sa.Column("last_ok_at", UtcDateTime(), nullable=True),
        sa.Column("last_visited_at", UtcDateTime(), nullable=True),
        sa.Column("has_complete_version", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("recovered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_resource_site_id_site"),
        sa.PrimaryKeyConstraint("id", name="pk_resource"),
        sa.UniqueConstraint("key", name="uq_resource_key"),
    )


def _alias() -> None:
    op.create_table(
        "alias",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name="fk_alias_resource_id_resource"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alias"),
        sa.UniqueConstraint("key", "resource_id", "why", name="uq_alias_key_resource_id_why"),
    )
    op.create_index("ix_alias_resource_id", "alias", ["resource_id"])


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("seq", BigId, autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("reading", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name="fk_change_resource_id_resource"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_change"),
    )


def _frontier() -> None:
    op.create_table(
        "frontier",
        sa.Column("id", BigId, nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("lane", SafeText(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="1", nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("run_id", BigId, nullable=True),
        sa.Column("payload", SafeJson(), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name="fk_frontier_resource_id_resource"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["harvest.id"], name="fk_frontier_run_id_harvest"),
        sa.PrimaryKeyConstraint("id", name="pk_frontier"),
        sa.UniqueConstraint("resource_id", "purpose", name="uq_frontier_resource_id_purpose"),
    )
    op.create_index(
        "ix_frontier_claimed",
        "frontier",
        ["run_id"],
        sqlite_where=sa.text("run_id IS NOT NULL"),
        postgresql_where=sa.text("run_id IS NOT NULL"),
    )
    op.create_index(
        "ix_frontier_unclaimed",
        "frontier",
        ["lane", "priority", "due_at", "id"],
        sqlite_where=sa.text("run_id IS NULL"),
        postgresql_where=sa.text("run_id IS NULL"),
    )


def _visit() -> None:
    op.create_table(
        "visit",
        sa.Column("id", BigId, nullable=False),
        sa.Column("errand", sa.LargeBinary(length=16), nullable=False),
        sa.Column("harvest_id", BigId, nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("source", SafeText(), nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("problem", SafeText(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("headers", SafeJson(), nullable=True),
        sa.Column("final_url", SafeText(), nullable=True),
        sa.Column("chain", SafeJson(), nullable=True),
        sa.Column("liveness", sa.String(24), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("reasons", SafeJson(), nullable=True),
        sa.Column("evidence", SafeJson(), nullable=True),
        sa.Column("rules_version", sa.String(length=32), nullable=True),
        sa.Column("etag", SafeText(), nullable=True),
        sa.Column("last_modified", SafeText(), nullable=True),
        sa.Column("memento_url", SafeText(), nullable=True),
        sa.Column("memento_datetime", UtcDateTime(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("truncated", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("payload_digest", sa.String(length=64), nullable=True),
        sa.Column("template_hash", sa.BigInteger(), nullable=True),
        sa.Column("warc_file", sa.String(length=128), nullable=True),
        sa.Column("warc_offset", sa.BigInteger(), nullable=True),
        sa.Column("warc_length", sa.BigInteger(), nullable=True),
        sa.Column("payload_file", sa.String(length=128), nullable=True),
        sa.Column("payload_offset", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["harvest_id"], ["harvest.id"], name="fk_visit_harvest_id_harvest"),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name="fk_visit_resource_id_resource"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
        sa.UniqueConstraint("errand", name="uq_visit_errand"),
    )
    op.create_index("ix_visit_harvest_id", "visit", ["harvest_id", "outcome"])
    op.create_index("ix_visit_payload_digest", "visit", ["payload_digest"])
    op.create_index("ix_visit_resource_id", "visit", ["resource_id", "id"])


def _archive_lookup() -> None:
    op.create_table(
        "archive_lookup",
        sa.Column("id", BigId, nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("visit_id", BigId, nullable=False),
        sa.Column("archive", SafeText(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(24), nullable=False),
        sa.Column("problem", SafeText(), nullable=True),
        sa.Column("rows_seen", sa.Integer(), nullable=False),
        sa.Column("memento_url", SafeText(), nullable=True),
        sa.Column("refused", SafeJson(), nullable=False),
        sa.Column("ask_again_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name="fk_archive_lookup_resource_id_resource"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name="fk_archive_lookup_visit_id_visit"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_archive_lookup"),
    )
    op.create_index("ix_archive_lookup_resource_id", "archive_lookup", ["resource_id"])


def _article_version() -> None:
    op.create_table(
        "article_version",
        sa.Column("id", BigId, nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reading", sa.Integer(), nullable=False),
        sa.Column("visit_id", BigId, nullable=False),
        sa.Column("source", SafeText(), nullable=False),
        sa.Column("captured_at", UtcDateTime(), nullable=False),
        sa.Column("memento_url", SafeText(), nullable=True),
        sa.Column("memento_datetime", UtcDateTime(), nullable=True),
        sa.Column("title", SafeText(), nullable=True),
        sa.Column("authors", SafeJson(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_at_source", sa.String(24), nullable=True),
        sa.Column("published_at_precision", sa.String(24), nullable=True),
        sa.Column("modified_at", UtcDateTime(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("simhash", sa.BigInteger(), nullable=False),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        sa.Column("removed", SafeJson(), nullable=False),
        sa.Column("has_removed_notice", sa.Boolean(), nullable=False),
        sa.Column("extractor_version", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name="fk_article_version_resource_id_resource"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name="fk_article_version_visit_id_visit"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_article_version"),
        sa.UniqueConstraint(
            "resource_id",
            "version",
            "reading",
            name="uq_article_version_resource_id_version_reading",
        ),
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("harvest_id", BigId, nullable=False),
        sa.Column("resource_id", BigId, nullable=False),
        sa.Column("visit_id", BigId, nullable=False),
        sa.Column("error", SafeText(), nullable=False),
        sa.Column("error_digest", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["harvest_id"], ["harvest.id"], name="fk_quarantine_harvest_id_harvest"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name="fk_quarantine_resource_id_resource"
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="fk_quarantine_visit_id_visit"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
    )
