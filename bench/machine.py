"""What was measured on, and with which versions."""

import os
import re
import subprocess
from datetime import date
from pathlib import Path

from rounds import OUT, ROOT

QUIET = 0.05  # more than that taken by others, and the figures are too high


def said(*command):
    """The first line a command prints, or nothing."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.strip().splitlines()
    return lines[0].strip() if lines and done.returncode == 0 else ""


def told(*command):
    """As said(), of a program that tells on stderr."""
    return said("sh", "-c", 'exec "$0" "$@" 2>&1', *command)


def matched(pattern, text):
    match = re.search(pattern, text)
    return match.group(1) if match else ""


def crate(name):
    lock = (ROOT / "bench/peers/tokio/Cargo.lock").read_text()
    return matched(rf'name = "{name}"\nversion = "([^"]+)"', lock)


def versions():
    header = (ROOT / "include/fermata/api.h").read_text()
    commit = said("git", "rev-parse", "--short", "HEAD")
    ours = matched(r'FM_VERSION "([^"]+)"', header)
    found = {
        "Fermata": f"{ours} ({commit})" if commit else ours,
        "C compiler": said(os.environ.get("CC", "cc"), "--version"),
        "glibc": said("getconf", "GNU_LIBC_VERSION").replace("glibc ", ""),
        "Go": said("go", "version").replace("go version go", ""),
        "Rust": said("rustc", "--version").replace("rustc ", ""),
        "Tokio": crate("tokio"),
        "corosensei": crate("corosensei"),
        "Python": said("python3", "--version").replace("Python ", ""),
        "uvloop": python_package("uvloop"),
        "libuv": said("pkg-config", "--modversion", "libuv"),
        "State Threads": state_threads(),
        **web_versions(),
    }
    return {name: version for name, version in found.items() if version}


def web_versions():
    """Of those that take part in `http`, `httpclient` and `ws`."""
    modules = (ROOT / "bench/peers/fasthttp/go.mod").read_text()
    sockets = (ROOT / "bench/peers/gorilla/go.mod").read_text()
    return {
        "nginx": matched("nginx/(.*)", told("/usr/sbin/nginx", "-v")),
        "h2o": matched("version (.*)", said("h2o", "--version")),
        "fasthttp": matched(r"fasthttp v(\S+)", modules),
        "hyper": crate("hyper"),
        "libcurl": said("pkg-config", "--modversion", "libcurl"),
        "Node": said("node", "--version").lstrip("v"),
        "uvicorn": python_package("uvicorn"),
        "aiohttp": python_package("aiohttp"),
        "gorilla": matched(r"websocket v(\S+)", sockets),
        "tungstenite": crate("tungstenite"),
        "websockets": python_package("websockets"),
    }


def python_package(name):
    command = f"import {name}; print({name}.__version__)"
    return said(OUT / "venv/bin/python3", "-c", command)


def state_threads():
    header = Path("/usr/include/st.h")
    if not header.exists():
        return ""
    return matched(r'ST_VERSION\s+"([^"]+)"', header.read_text())


def processor():
    text = Path("/proc/cpuinfo").read_text()
    return matched(r"model name\s*: (.*)", text) or os.uname().machine


def facts(results):
    """Two or three lines for the head of a table."""
    kernel = f"{os.uname().sysname} {os.uname().release}"
    yield (
        f"{date.today()}   {processor()}, {os.cpu_count()} processors   "
        f"{kernel}"
    )
    yield from wrapped(f"{name} {text}" for name, text in versions().items())
    yield noise(results)


def wrapped(words):
    line = ""
    for word in words:
        if line and len(line) + len(word) > 76:
            yield line
            line = ""
        line += ("  " if line else "") + word
    if line:
        yield line


def noise(results):
    noise = results.noise
    disturbed = noise["others"] + noise["stolen"] > QUIET
    return (
        f"{noise['seconds']:.0f} s; other work took {noise['others']:.1%} of "
        f"the processors, the hypervisor {noise['stolen']:.1%}"
        + (": too much, measure again" if disturbed else "")
    )
