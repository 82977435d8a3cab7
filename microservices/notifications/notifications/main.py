"""`granian --interface asgi notifications.main:app`."""

from notifications.bootstrap import build_app
from notifications.settings import Settings

app = build_app(Settings.load())
