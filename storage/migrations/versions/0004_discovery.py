"""How far from a seed a resource was found, and why one has no entry though it could."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LINK_HEALTH = """
    VIEW link_health AS
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
           (SELECT min(frontier.due_at) AS min_1
    FROM frontier
    WHERE frontier.resource_id = resource.id
      AND frontier.purpose IN ('visit', 'discover')) AS next_due_at,
           resource.recovered,
           resource.kind,
           resource.skipped
    FROM resource
    LEFT OUTER JOIN site ON site.id = resource.site_id
    WHERE resource.found_how != 'guess' OR resource.last_ok_at IS NOT NULL
"""


def upgrade() -> None:
    """Add the columns, with indexes of the few rows that are asked for by them."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP VIEW link_health")
    op.add_column("resource", sa.Column("depth", sa.Integer(), server_default="0", nullable=False))
    op.add_column("resource", sa.Column("skipped", sa.String(16), nullable=True))
    # On Postgres the view is not dropped: readers keep what they were granted.
    op.execute(f"CREATE {LINK_HEALTH}" if is_sqlite else f"CREATE OR REPLACE {LINK_HEALTH}")
    op.execute("CREATE INDEX ix_resource_front ON resource (host, site_id) WHERE kind = 'front'")
    op.execute(
        "CREATE INDEX ix_resource_skipped ON resource (skipped, id) WHERE skipped IS NOT NULL"
    )
