"""A headless Chromium, spoken to over a pipe: what it loads, what it complains of, how it looks."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

# The browser reads commands from its file 3 and answers on 4.
_TRAMPOLINE: Final = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); "
    "os.execv(sys.argv[3], sys.argv[3:])"
)
_TROUBLE: Final = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")


@dataclass(slots=True)
class Tab:
    """One page. `requests` are the addresses that it asked for, `trouble` what it complained of."""

    commands: IO[bytes]
    answers: IO[bytes]
    session: str = ""
    requests: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    _number: int = 0

    def ask(self, method: str, **parameters: object) -> Mapping[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.commands.write(json.dumps(message).encode() + b"\0")
        self.commands.flush()
        while (answer := self._next()).get("id") != self._number:
            self._note(answer)
        assert "error" not in answer, answer
        result: Mapping[str, Any] = answer["result"]
        return result

    def show(self, page: Path, *, width: int) -> None:
        """Load a file as a screen of this width shows it."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        self.requests.clear()
        self.ask("Page.navigate", url=page.as_uri())
        while (event := self._next()).get("method") != "Page.loadEventFired":
            self._note(event)

    def value(self, expression: str) -> Any:
        asked = self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        return asked["result"].get("value")

    def _next(self) -> dict[str, Any]:
        letters = bytearray()
        while (letter := self.answers.read(1)) != b"\0":
            assert letter, "the browser has gone"
            letters += letter
        message: dict[str, Any] = json.loads(letters)
        return message

    def _note(self, event: Mapping[str, Any]) -> None:
        if event.get("method") == "Network.requestWillBeSent":
            self.requests.append(event["params"]["request"]["url"])
        if event.get("method") in _TROUBLE:
            self.trouble.append(json.dumps(event["params"]))


@contextmanager
def tab(program: str, profile: Path) -> Iterator[Tab]:
    """A new browser with a profile of its own; it is gone at the end."""
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    started = subprocess.Popen(
        [
            sys.executable, "-c", _TRAMPOLINE, str(theirs_in), str(theirs_out), program,
            "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
            "--disable-background-networking", "--disable-dev-shm-usage", "--no-first-run",
            f"--user-data-dir={profile}", "about:blank",
        ],
        pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs_in)
    os.close(theirs_out)
    with os.fdopen(ours_out, "wb") as commands, os.fdopen(ours_in, "rb") as answers:
        one = Tab(commands, answers)
        target = one.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = one.ask("Target.attachToTarget", targetId=target, flatten=True)
        one.session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            one.ask(f"{domain}.enable")
        yield one
        one.session = ""
        one.ask("Browser.close")
    started.wait(30)
