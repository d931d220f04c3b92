"""The tables of the Library on SQLite or PostgreSQL: schema, migrations, notices, audit, desk."""
