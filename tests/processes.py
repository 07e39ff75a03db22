"""Runs a piece of Python in a process of its own, with the checkout on its path."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a script; its standard output can be read line by line."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for a process and give what it wrote; one that failed fails the test with its own words."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def said(process: subprocess.Popen[str]) -> str:
    """Give the next line of a running process."""
    assert process.stdout is not None
    return process.stdout.readline().strip()
