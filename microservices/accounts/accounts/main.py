"""`granian --interface asgi accounts.main:app`."""

from accounts.bootstrap import build_app
from accounts.settings import Settings

app = build_app(Settings.load())
