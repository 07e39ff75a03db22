"""Serves the page of the tests with the fields and the phone, and the gate that holds its slow answers back."""

import threading
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

GATE = threading.Event()
"""What changes the rows of the page waits for it: a server as slow as a test wants it."""


async def _open(_request: Request) -> PlainTextResponse:
    GATE.set()
    return PlainTextResponse("open")


app = st.App(Path(__file__).with_name("fields_page.py"), routes=[Route("/gate", _open, methods=["POST"])])
