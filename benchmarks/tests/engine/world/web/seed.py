"""A job: makes a table and leaves a mark each time that it has run."""

import os
import sys
from pathlib import Path

import psycopg
from greeting import TABLE
from psycopg import sql

table = sql.Identifier(TABLE)
password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text().strip()
with psycopg.connect(os.environ["DATABASE_URL"], password=password) as connection:
    connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} (fact text)").format(table))
    insert = sql.SQL("INSERT INTO {} VALUES ('seeded ' || %s)").format(table)
    connection.execute(insert, [sys.argv[1]])
with Path(os.environ["RUNS_FILE"]).open("a") as runs:
    runs.write("ran\n")
