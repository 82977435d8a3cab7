"""`granian --interface asgi recommendations.main:app`."""

from recommendations.bootstrap import build_app
from recommendations.settings import Settings

app = build_app(Settings.load())
