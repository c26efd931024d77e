"""An index for readers who ask a view for one URL."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index resource.url; by hash on Postgres, whose btree takes no 12 KB URL."""
    op.create_index("ix_resource_url", "resource", ["url"], postgresql_using="hash")
