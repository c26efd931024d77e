"""Full-text search over the articles, where the database is SQLite.

`datasette` offers to search a table or view that an FTS table names as its content, and joins the
two by `rowid` (datasette 0.65: detect_fts_sql, search_filters). Hence the view's last column.
The index holds no text of its own, but the words of every version: whoever asks through the view
sees the newest only. A later revision that makes `article_version` anew (Alembic's batch mode)
loses the triggers and has to create them again.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
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
           article_version.id AS rowid
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

_ADD = "INSERT INTO article_search (rowid, title, text) VALUES (new.id, new.title, new.text);"
_TAKE = (
    "INSERT INTO article_search (article_search, rowid, title, text)"
    " VALUES ('delete', old.id, old.title, old.text);"
)

SEARCH = (
    """
    CREATE VIRTUAL TABLE article_search USING fts5(
        title, text, content="articles", content_rowid="rowid",
        tokenize="unicode61 remove_diacritics 2"
    )
    """,
    f"CREATE TRIGGER article_search_add AFTER INSERT ON article_version BEGIN {_ADD} END",
    f"CREATE TRIGGER article_search_take AFTER DELETE ON article_version BEGIN {_TAKE} END",
    f"""
    CREATE TRIGGER article_search_turn AFTER UPDATE OF title, text ON article_version
    BEGIN {_TAKE} {_ADD} END
    """,
    """
    INSERT INTO article_search (rowid, title, text)
    SELECT id, title, text FROM article_version
    """,
)


def upgrade() -> None:
    """Give the view its row id; index what is there and keep up with what comes."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.execute(f"CREATE OR REPLACE {ARTICLES}")  # keeps what readers were granted
        return
    op.execute("DROP VIEW articles")
    op.execute(f"CREATE {ARTICLES}")
    for statement in SEARCH:
        connection.exec_driver_sql(statement)  # a colon in here is no parameter
