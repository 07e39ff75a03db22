"""The five vendors, pretended over real HTTP, written from their contracts alone (see FIDELITY.md)."""

from services.sandbox.clock import Clock
from services.sandbox.faults import Fault, Faults, Kind
from services.sandbox.imiconnect_scripts import SCRIPTS
from services.sandbox.log import Entry
from services.sandbox.sandbox import Sandbox, credentials
from services.sandbox.server import run, serve

__all__ = ["SCRIPTS", "Clock", "Entry", "Fault", "Faults", "Kind", "Sandbox", "credentials", "run", "serve"]
