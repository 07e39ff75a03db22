"""Delivery callbacks of imiconnect: what is told of a message afterwards, in which order, and when."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.sandbox.clock import stamp_millis
from services.sandbox.courier import Parcel
from services.sandbox.kit import Kit

SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "delivered": ("7501", "7500"),
    "read": ("7501", "7500", "7502"),
    "silent": (),
    "failed": ("7501", "7010"),
    "late": ("7501", "late 7500"),
    "twice": ("7501", "7501", "7500", "7500", "7502", "7502"),
    "out_of_order": ("7502", "7500", "7501"),
    "wrong_token": ("wrong 7501", "wrong 7500"),
    "window_closed": ("7313",),
    "rate_limited": ("7302",),
    "no_permission": ("7526",),
    "expired": ("7501", "7301"),
}
_WORDS = {
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
_LATE = 30.0


@dataclass(slots=True)
class Pace:
    """Seconds until the first callback, and between two."""

    first: float = 0.3
    step: float = 1.0


class Receipts:
    """Schedules the callbacks of accepted messages; `script` says which, `pace` when."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.script = "read"
        self.pace = Pace()

    def schedule(self, body: Mapping[str, Any], transid: str, correlation: str) -> None:
        """Post the callbacks of one message to its callbackUrl (loopback http only)."""
        url = body.get("callbackUrl")
        if not isinstance(url, str):
            return
        after = self.pace.first
        for step in SCRIPTS[self.script]:
            manner, _, code = step.rpartition(" ")
            after += _LATE if manner == "late" else 0.0
            target = _spoilt(url) if manner == "wrong" else url
            told = self._notification(body, code, transid, correlation, after)
            headers = {"Content-Type": "application/json"}
            parcel = Parcel(target, json.dumps(told).encode(), headers, _RETRIES, terminal=lambda status: status != 0)
            self._kit.courier.post(parcel, after=after)
            after += self.pace.step

    def _notification(
        self, body: Mapping[str, Any], code: str, transid: str, correlation: str, after: float
    ) -> dict[str, Any]:
        word, description = _WORDS[code]
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
