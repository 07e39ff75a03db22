"""Webhooks: what vendors tell by themselves, kept before it is acknowledged and worked off behind it.

`events` says what an event does: a module that follows one registers with `on_event`. `tokens` makes the addresses that

"""

from services.webhooks.events import Heard, NotBelieved, NotYet, on_event
from services.webhooks.tokens import callback_url

__all__ = ["Heard", "NotBelieved", "NotYet", "callback_url", "on_event"]
