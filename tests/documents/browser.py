"""A page as Chromium shows it: what it complains of, what it reads aloud, what keys do.

The browser is asked through two pipes, in the messages of its developer tools.
"""

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

from tests.documents.formulas import requires

#: Events that a page that needs nothing else must not cause.
COMPLAINTS = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
_KEYS = {"Tab": ("Tab", 9, ""), " ": ("Space", 32, " "), "Enter": ("Enter", 13, "\r")}


class Page:
    """One page, opened in a window of a size."""

    def __init__(self, asking: int, answering: int):
        self._asking, self._answering = os.fdopen(asking, "wb"), os.fdopen(answering, "rb")
        self._sent, self._buffer, self._session = 0, b"", None
        self.complaints: list[dict] = []
        self.requests: list[str] = []

    def _read(self) -> dict:
        while b"\0" not in self._buffer:
            part = os.read(self._answering.fileno(), 1 << 16)
            assert part, "the browser ended"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def _heard(self, message: dict) -> None:
        method = message.get("method")
        if method in COMPLAINTS:
            self.complaints.append(message["params"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])

    def ask(self, method: str, **parameters) -> dict:
        self._sent += 1
        asked = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            asked["sessionId"] = self._session
        self._asking.write(json.dumps(asked).encode() + b"\0")
        self._asking.flush()
        while (message := self._read()).get("id") != self._sent:
            self._heard(message)
        assert "error" not in message, (method, message.get("error"))
        return message["result"]

    def open(self, path: Path, width: int, height: int, dark: bool) -> None:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.ask(f"{domain}.enable")
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Page.navigate", url=path.as_uri())
        while self._read().get("method") != "Page.loadEventFired":
            pass

    def value(self, script: str):
        """What an expression of JavaScript is worth on the page."""
        found = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str) -> None:
        code, number, text = _KEYS[key]
        about = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **about)

    def accessible(self) -> list[tuple[str, str]]:
        """Role and name of each node of the accessibility tree that is not ignored."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"]
        ]


@contextmanager
def browsing(path: Path, folder: Path, width: int = 1000, height: int = 800, dark: bool = False):
    """A page in Chromium; the test is skipped where that is not installed."""
    requires("chromium")
    theirs_in, asking = os.pipe()
    answering, theirs_out = os.pipe()
    command = (
        "chromium --headless --no-sandbox --disable-gpu --remote-debugging-pipe "
        f"--user-data-dir={folder / 'profile'} 3<&{theirs_in} 4>&{theirs_out}"
    )
    browser = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], pass_fds=(theirs_in, theirs_out),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs_in)
    os.close(theirs_out)
    page = Page(asking, answering)
    try:
        page.open(path, width, height, dark)
        yield page
        page.ask("Browser.close") if page._session is None else None
    finally:
        browser.terminate()
        browser.wait(timeout=30)
        page._asking.close()
        page._answering.close()
