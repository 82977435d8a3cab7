"""Has no address: says that it is ready by making a file."""

import os
import signal
from pathlib import Path

Path(os.environ["READY_FILE"]).touch()
signal.pause()
