"""`granian --interface asgi orders.main:app`."""

from orders.bootstrap import build_app
from orders.settings import Settings

app = build_app(Settings.load())
