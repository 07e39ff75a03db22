"""imiconnect (today Webex Connect): Instagram messages to one recipient (documents/imiconnect.txt).

`message` holds what can be said, `limits` checks it before anything leaves, `body` writes and reads the document's
JSON, `answers` decodes the three response families, `delivery` the callback, `client` sends.
"""

from services.vendors.imiconnect.addresses import addresses_of, host_of, is_https, is_shown
from services.vendors.imiconnect.answers import CODES, Accepted
from services.vendors.imiconnect.body import Reading, body, from_body
from services.vendors.imiconnect.client import Imiconnect, mint
from services.vendors.imiconnect.delivery import Delivery, delivery
from services.vendors.imiconnect.limits import Problem, advice, validate, validate_envelope
from services.vendors.imiconnect.message import (
    Button,
    Card,
    DefaultAction,
    Media,
    Message,
    QuickReply,
    Sticker,
    Template,
    Text,
)

__all__ = [
    "CODES",
    "Accepted",
    "Button",
    "Card",
    "DefaultAction",
    "Delivery",
    "Imiconnect",
    "Media",
    "Message",
    "Problem",
    "QuickReply",
    "Reading",
    "Sticker",
    "Template",
    "Text",
    "addresses_of",
    "advice",
    "body",
    "delivery",
    "from_body",
    "host_of",
    "is_https",
    "is_shown",
    "mint",
    "validate",
    "validate_envelope",
]
