"""`granian --interface asgi modulith.main:app`."""

from modulith.bootstrap import build_app
from modulith.settings import Settings

app = build_app(Settings.load())
