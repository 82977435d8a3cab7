import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from config import celery_app  # noqa: E402 - after Django is set up

# Celery imports its broker's client when it is first used: not while a customer waits.
celery_app.finalize()
_ = celery_app.connection_for_write().transport
