"""The schema's history, for Alembic. The first revision is the whole of it."""
