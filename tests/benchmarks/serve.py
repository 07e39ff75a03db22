"""Serves Patchbay, or a page of this folder, on a given port, in the same way: `serve patchbay|PAGE PORT`."""

import contextlib
import gc
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
import uvicorn
from streamlit import config

from pages.ui import menu
from services.access import Permission
from tests.benchmarks.processes import ROOT

FLOOR = Path(__file__).with_name("floor_page.py")
EMPTY = menu.Entry("", str(FLOOR), "Empty", ":material/block:", "empty", Permission.LOOK, listed=False)
"""An empty page within Patchbay: signed in, with its menu, and nothing else."""
menu.MENU = (*menu.MENU, EMPTY)

import app as patchbay  # noqa: E402 (it asks the menu for the pages that it serves)


@contextlib.asynccontextmanager
async def _frozen(_app: st.App) -> AsyncIterator[None]:
    patchbay._warm_up()
    yield
    gc.unfreeze()


def main(what: str, port: int) -> None:
    """Serve until the process is ended."""
    config._main_script_path = str(ROOT / "app.py")
    config.get_config_options(force_reparse=True)
    config.set_option("server.port", port)
    if what != "patchbay":
        patchbay.app = st.App(Path(__file__).with_name(f"{what}.py"), lifespan=_frozen)
        uvicorn.run(
            patchbay.app, host="127.0.0.1", port=port, log_level="warning", access_log=False, server_header=False
        )
    else:
        patchbay.main()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
