"""`granian --interface asgi inventory.main:app`."""

from inventory.bootstrap import build_app
from inventory.settings import Settings

app = build_app(Settings.load())
