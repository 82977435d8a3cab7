"""`granian --interface asgi payments.main:app`."""

from payments.bootstrap import build_app
from payments.settings import Settings

app = build_app(Settings.load())
