"""A headless Chromium, spoken to by the DevTools protocol over a pipe (--remote-debugging-pipe)."""

import base64
import json
import os
import select
import subprocess
import tempfile
import time

# Debian's name, and those of others.
NAMES = ("chromium", "chromium-browser", "google-chrome")


class BrowserError(Exception):
    """The browser does not do what it is told."""


class Browser:
    """A browser that knows no host but 127.0.0.1 and those of `hosts`, which it takes for 127.0.0.1 too."""

    def __init__(self, program, hosts=()):
        self._folder = tempfile.TemporaryDirectory(prefix="textpin-browser-")
        rules = [f"MAP {host} 127.0.0.1" for host in hosts] + ["MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"]
        arguments = [
            program, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self._folder.name}", "--no-first-run",
            "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
            f"--host-resolver-rules={', '.join(rules)}", "about:blank",
        ]
        if os.geteuid() == 0:
            # Chromium's own sandbox refuses root; the pages are ours.
            arguments.insert(1, "--no-sandbox")
        read_end, self._commands = os.pipe()
        self._answers, write_end = os.pipe()

        def place():
            # The protocol is at 3 and 4, which may be taken by the pipes' own ends.
            os.dup2(os.dup(read_end), 3)
            os.dup2(os.dup(write_end), 4)

        spare = [os.dup(read_end), os.dup(write_end)]
        self._process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=place, pass_fds=(3, 4))
        for end in (read_end, write_end, *spare):
            os.close(end)
        self._buffer = b""
        self._number = 0
        self._events = []

    def call(self, method, session=None, **parameters):
        """The result of a command; events that come before it are kept for `events`."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + 60
        while True:
            answer = self._read(deadline)
            if answer.get("id") != number:
                self._events.append(answer)
            elif "error" in answer:
                raise BrowserError(f"{method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def events(self):
        """What happened since the last call of this."""
        events, self._events = self._events, []
        return events

    def _read(self, deadline):
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._answers], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._answers, 1 << 20) if ready else b""
            if not data:
                raise BrowserError("it does not answer" if not ready else "it has ended")
            self._buffer += data
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def close(self):
        os.close(self._commands)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._answers)
        self._folder.cleanup()


class Page:
    """A tab of a size, light or dark, whose faults are collected: exceptions, console errors, requests that failed."""

    def __init__(self, browser, width, height, scheme):
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def _call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def before_each_page(self, script):
        """Runs a script in every page that is opened from now on, ahead of its own."""
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open(self, address):
        """Goes to an address, and waits until the page there is loaded."""
        error = self._call("Page.navigate", url=address).get("errorText")
        if error:
            raise BrowserError(f"{address}: {error}")
        if not self.wait(f"location.href === {json.dumps(address)} && document.readyState === 'complete'", 30):
            raise BrowserError(f"{address}: it is not loaded after 30 seconds")

    def value(self, expression):
        """What an expression of JavaScript gives, a promise's value if it is one."""
        result = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise BrowserError(result["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        return result["result"].get("value")

    def wait(self, condition, seconds):
        """Whether a condition becomes true in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.value(condition):
                return True
            time.sleep(0.05)
        return False

    def press(self, key):
        """A key by its name, such as Tab."""
        codes = {"Tab": 9, "Enter": 13, "End": 35, "Home": 36, "ArrowRight": 39}
        common = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        if key == "Enter":
            common["text"] = "\r"
        self._call("Input.dispatchKeyEvent", type="keyDown", **common)
        self._call("Input.dispatchKeyEvent", type="keyUp", **common)

    def bring_to_front(self):
        self._call("Page.bringToFront")

    def screenshot(self, path):
        data = self._call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


def faults(browser):
    """What went wrong in any page since the last call, as sentences."""
    found = []
    for event in browser.events():
        method, detail = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            thrown = detail["exceptionDetails"]
            found.append("exception: " + thrown.get("exception", {}).get("description", thrown["text"]))
        elif method == "Runtime.consoleAPICalled" and detail["type"] in ("error", "warning", "assert"):
            found.append("console: " + " ".join(str(argument.get("value", argument.get("description"))) for argument in detail["args"]))
        elif method == "Log.entryAdded" and detail["entry"]["level"] in ("error", "warning"):
            found.append(f"log: {detail['entry']['text']} {detail['entry'].get('url', '')}")
        elif method == "Network.loadingFailed" and not detail.get("canceled"):
            found.append("request: " + detail["errorText"])
        elif method == "Network.responseReceived" and detail["response"]["status"] >= 400:
            found.append(f"answer: {detail['response']['status']} {detail['response']['url']}")
    return found
