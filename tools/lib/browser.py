"""browser.py - a headless Chromium that looks at a page and tells what it sees

    with Browser("chromium", directory) as page:
        page.size(390, 844)
        page.open("http://127.0.0.1:8080/")
        page.wait("document.title === 'ready'")
        page.picture("page.png")
"""
import base64
import json
import os
import subprocess
import time


class Browser:
    """One page, spoken to through a pair of pipes, 3 and 4 in the browser."""

    def __init__(self, program, profile):
        self.number = 0
        self.errors = []  # what the console was told
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()
        # Whatever numbers the pipes have here, they are 3 and 4 there.
        move = f"exec 3<&{to_read} 4>&{to_write}; exec \"$@\""
        self.process = subprocess.Popen(
            ["bash", "-c", move, "bash", program, "--headless", "--no-sandbox",
             "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             f"--user-data-dir={profile}", "--remote-debugging-pipe",
             "about:blank"],
            pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": "/tmp"},  # short: a socket is there
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.said = os.fdopen(self.back, "rb")
        self.rest = b""
        self.session = None
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(t for t in targets if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", flatten=True,
                                 targetId=page["targetId"])["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.said.close()
        os.close(self.to)

    def message(self):
        while b"\0" not in self.rest:
            some = os.read(self.back, 65536)
            if not some:
                raise EOFError("the browser has gone")
            self.rest += some
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        """Asks the browser for something, and waits until it has answered."""
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.to, json.dumps(request).encode() + b"\0")
        while True:
            answer = self.message()
            self.note(answer)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]

    def note(self, event):
        method = event.get("method")
        if method == "Runtime.exceptionThrown":
            self.errors.append(event["params"]["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled":
            if event["params"]["type"] in ("error", "warning"):
                self.errors.append(event["params"]["args"])
        elif method == "Log.entryAdded":
            if event["params"]["entry"]["level"] == "error":
                self.errors.append(event["params"]["entry"])

    def size(self, width, height, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=width < 600)
        scheme = "dark" if dark else "light"
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])

    def open(self, url):
        self.call("Page.navigate", url=url)

    def tell(self, expression):
        """What an expression is, in the page."""
        result = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True)
        return result["result"].get("value")

    def wait(self, expression):
        while not self.tell(expression):
            time.sleep(0.05)

    def picture(self, path, whole=False):
        """The page as PNG: what is in sight, or the whole of it."""
        data = self.call("Page.captureScreenshot", format="png",
                         captureBeyondViewport=whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
