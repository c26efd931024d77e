"""The public views of the first version."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VIEWS = {
    "articles": """
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
               article_version.extractor_version
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
    """,
    "link_health": """
        SELECT resource.id AS resource_id,
               site.name AS site,
               resource.url,
               resource.state,
               resource.liveness,
               resource.outcome,
               resource.reason,
               resource.http_status,
               resource.consecutive_failures,
               resource.first_failed_at,
               resource.last_ok_at,
               resource.last_visited_at,
               frontier.due_at AS next_due_at,
               resource.recovered
        FROM resource
        LEFT OUTER JOIN site ON site.id = resource.site_id
        LEFT OUTER JOIN frontier ON frontier.resource_id = resource.id
          AND frontier.purpose = 'visit'
    """,
    "visits": """
        SELECT visit.id AS visit_id,
               visit.harvest_id,
               visit.resource_id,
               visit.url,
               visit.purpose,
               visit.source,
               visit.started_at,
               visit.outcome,
               visit.liveness,
               visit.confidence,
               visit.reason,
               visit.http_status,
               visit.final_url,
               visit.bytes,
               visit.truncated,
               visit.content_sha256,
               visit.warc_file,
               visit.warc_offset
        FROM visit
    """,
    "archive_lookups": """
        SELECT archive_lookup.resource_id,
               resource.url,
               archive_lookup.archive,
               archive_lookup.asked_at,
               archive_lookup.answer,
               archive_lookup.rows_seen,
               archive_lookup.memento_url,
               archive_lookup.refused,
               archive_lookup.ask_again_at
        FROM archive_lookup
        JOIN resource ON resource.id = archive_lookup.resource_id
    """,
    "aliases": """
        SELECT alias.url,
               alias.resource_id,
               alias.why,
               alias.since
        FROM alias
    """,
    "changes": """
        SELECT change.seq,
               change.at,
               change.kind,
               change.resource_id,
               change.url,
               change.version,
               change.reading
        FROM change
    """,
    "harvests": """
        SELECT harvest.id AS harvest_id,
               harvest.started_at,
               harvest.ended_at,
               harvest.finish_reason,
               harvest.exit_code,
               harvest.discovered,
               harvest.tally,
               harvest.still_due
        FROM harvest
    """,
}


def upgrade() -> None:
    """Create the views; the statements are the same on both engines."""
    for name, statement in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {statement}")
