"""The shop's own settings, with keys made for the run and a database of its own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_folder = Path(tempfile.mkdtemp(prefix="monolith-tests-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
(_folder / "jwt-key").write_bytes(_key)
(_folder / "secret-key").write_text(uuid4().hex)
os.environ.update(
    {
        # Type checks and the schema need settings, but no servers; tests/conftest.py insists.
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", "postgresql://nobody@localhost/none"),
        "REDIS_URL": os.environ.get("TEST_REDIS_URL", "redis://localhost/0"),
        "JWT_PRIVATE_KEY_FILE": str(_folder / "jwt-key"),
        "SECRET_KEY_FILE": str(_folder / "secret-key"),
    }
)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

# A database and a queue of the run's own, on servers that other runs may share.
RUN = f"monolith_{uuid4().hex[:12]}"
DATABASES["default"]["TEST"] = {"NAME": RUN}
CELERY_TASK_DEFAULT_QUEUE = RUN
