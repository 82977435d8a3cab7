"""What Docker reads from an image, read from the file that makes it."""

import json
import re
from pathlib import Path

_COMMAND = re.compile(r"^CMD (\[.*\])$", re.MULTILINE)


def command_of(dockerfile: Path) -> tuple[str, ...]:
    """What a container of the image runs unless told otherwise; ValueError where that is not said.

    Only the form is read in which the command's words are told apart, as JSON.
    """
    text = dockerfile.read_text() if dockerfile.is_file() else ""
    commands = _COMMAND.findall(text)
    if not commands:
        raise ValueError(f"no command is given, and {dockerfile} has none either")
    return tuple(str(word) for word in json.loads(commands[-1]))
