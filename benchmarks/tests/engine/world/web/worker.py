"""Has no address: says that it is ready by making a file. Holds a connection that it never uses."""

import os
import signal
from pathlib import Path

import psycopg

password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text().strip()
with psycopg.connect(os.environ["DATABASE_URL"], password=password):
    Path(os.environ["READY_FILE"]).touch()
    signal.pause()
