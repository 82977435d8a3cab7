"""`granian --interface asgi cart.main:app`."""

from cart.bootstrap import build_app
from cart.settings import Settings

app = build_app(Settings.load())
