"""A headless Chromium to look at pages with, driven over a pipe; tests that need it are skipped where it is missing."""

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
]  # fmt: skip


class Chromium:
    """One page in a browser: open, evaluate, take a picture; `errors` gathers what the console complained about."""

    def __init__(self, program: str, profile: str):
        commands, self.send_to = os.pipe()
        self.receive_from, answers = os.pipe()
        # Chromium reads commands from descriptor 3 and answers on 4.
        script = f'exec 3<&{commands} 4>&{answers}; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(commands, answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(commands)
        os.close(answers)
        self.numbers, self.pending, self.session, self.errors = itertools.count(1), b"", None, []
        self.loaded = False
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.requests = []

    def call(self, method, **params):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.send_to, json.dumps(message).encode() + b"\0")
        while (answer := self.receive()).get("id") != number:
            pass
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def receive(self):
        while b"\0" not in self.pending:
            chunk = os.read(self.receive_from, 1 << 16)
            assert chunk, "Chromium went away"
            self.pending += chunk
        text, _, self.pending = self.pending.partition(b"\0")
        message = json.loads(text)
        self.note(message)
        return message

    def note(self, message):
        match message.get("method"), message.get("params", {}):
            case "Page.loadEventFired", _:
                self.loaded = True
            case "Runtime.exceptionThrown", {"exceptionDetails": details}:
                self.errors.append(details.get("exception", {}).get("description", details["text"]))
            case "Runtime.consoleAPICalled", {"type": "error" | "warning", "args": arguments}:
                self.errors.append(str(arguments))
            case "Log.entryAdded", {"entry": {"level": "error" | "warning"} as entry}:
                self.errors.append(entry["text"])
            case "Network.requestWillBeSent", {"request": {"url": url}}:
                self.requests.append(url)

    def open(self, page: Path, width: int = 1280, height: int = 900, scheme: str = "light"):
        self.errors.clear()
        self.requests.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.loaded = False
        self.call("Page.navigate", url=page.resolve().as_uri())
        while not self.loaded:
            self.receive()

    def evaluate(self, expression: str):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def picture(self, file: Path, whole: bool = True):
        image = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(image["data"]))

    def close(self):
        self.call("Browser.close")
        self.process.wait(120)
        os.close(self.send_to)
        os.close(self.receive_from)


@pytest.fixture(scope="session")
def chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs Chromium to look at the page: `apt-get install chromium`")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Chromium(program, profile)
        yield browser
        browser.close()
