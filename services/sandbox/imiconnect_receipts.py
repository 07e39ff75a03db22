"""Delivery callbacks of imiconnect: what is told of a message afterwards, in which order, and when."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.sandbox.clock import stamp_millis
from services.sandbox.courier import Parcel
from services.sandbox.imiconnect_scripts import Chosen
from services.sandbox.kit import Kit

WORDS = {
    "7500": ("Delivered", "Delivered"),
    "7501": ("Submited", "Submitted"),
    "7502": ("Read", "Read"),
    "7010": ("Failed", "Service provider exception"),
    "7301": ("Failed", "Message expired"),
    "7302": ("Failed", "Rate limit exceeded"),
    "7313": ("Failed", "Inbound message not received from user"),
    "7526": ("Failed", "Subscription permission not enabled or invalid tag"),
}
_RETRIES = (60.0, 60.0, 60.0)


@dataclass(slots=True)
class Pace:
    """Seconds until the first callback, between two, and more for one that is late or comes after a time-out."""

    first: float = 0.3
    step: float = 1.0
    late: float = 6.0
    afterwards: float = 32.0

    def more(self, manner: str) -> float:
        """Give how much longer a callback of a manner takes."""
        return {"late": self.late, "afterwards": self.afterwards}.get(manner, 0.0)


class Receipts:
    """Schedules the callbacks of accepted messages; `chosen` says which, `pace` when."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.chosen = Chosen()
        self.pace = Pace()
        self.doors: dict[str, str] = {}
        """Where an address of Patchbay is really answered, such as http://localhost:8501 at http://127.0.0.1:8600."""

    def schedule(self, body: Mapping[str, Any], transid: str, correlation: str) -> None:
        """Post the callbacks of one message to its callbackUrl (loopback http only)."""
        url = body.get("callbackUrl")
        if not isinstance(url, str):
            return
        url = self._at_the_door(url)
        after = self.pace.first
        for step in self.chosen.of(body).callbacks:
            manner, _, code = step.rpartition(" ")
            after += self.pace.more(manner)
            target = _spoilt(url) if manner == "wrong" else url
            told = self._notification(body, code, transid, correlation, after)
            headers = {"Content-Type": "application/json"}
            parcel = Parcel(target, json.dumps(told).encode(), headers, _RETRIES, terminal=lambda status: status != 0)
            self._kit.courier.post(parcel, after=after)
            after += self.pace.step

    def _at_the_door(self, url: str) -> str:
        """Give where an address is answered: its own, or the door on this machine that stands for its origin."""
        found = next((origin for origin in self.doors if url.startswith(f"{origin}/")), None)
        return url if found is None else self.doors[found] + url.removeprefix(found)

    def _notification(
        self, body: Mapping[str, Any], code: str, transid: str, correlation: str, after: float
    ) -> dict[str, Any]:
        word, description = WORDS[code]
        at = stamp_millis(self._kit.clock.now() + timedelta(seconds=after))
        info = {
            "timeStamp": at if code != "7501" else at.removesuffix("Z"),
            "Description": description,
            "code": code,
            "deliveryChannel": "instagram",
            "additionalInfo": "",
            "destination": body["to"],
            "destinationType": "igsid",
            "deliveryStatus": word,
        }
        told = {"deliveryInfo": info, "subtid": str(uuid.uuid4()), "transid": transid}
        told.update({"callbackData": body.get("callbackData", ""), "correlationid": correlation})
        return {"deliveryInfoNotification": told}


def _spoilt(url: str) -> str:
    """The same address with a wrong token at its end."""
    return url[:-6] + "000000" if len(url) > len("http://localhost/") + 6 else url + "/000000"
