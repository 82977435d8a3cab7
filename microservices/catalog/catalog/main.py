"""`granian --interface asgi catalog.main:app`."""

from catalog.bootstrap import build_app
from catalog.settings import Settings

app = build_app(Settings.load())
