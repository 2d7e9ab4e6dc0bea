"""Everything in a database: PostgreSQL or SQLite, by the same statements wherever they can be the same."""
