"""How each vendor disconnects a connection, under which of its ids; and what can't be disconnected from here."""

from data.types import Contract, Kind, Vendor
from services.clients import Client
from services.failures import Failure
from services.vendors.gipper import Gipper, InternalId
from services.vendors.highlevel import AccountId, HighLevel
from services.vendors.zocial import NetworkId, Zocial

_NAMES = {
    Vendor.ZOCIAL: "Zocial's own number of the network",
    Vendor.GIPPER: "Gipper's own number",
    Vendor.HIGHLEVEL: "HighLevel's list id",
    Vendor.LATE: "Late's own id",
    Vendor.IMICONNECT: "imiconnect's own id",
}


def called(vendor: Vendor, vendor_id: str) -> str:
    """Say under which kind of id a vendor knows a connection."""
    return f"{_NAMES[vendor]}, {vendor_id[:80]}"


def refuse_impossible(vendor: Vendor, contract: Contract, kind: Kind, vendor_id: str) -> None:
    """See that the vendor has a call for it, and that the id is one. Raises Failure that says what to do instead."""
    if vendor is Vendor.LATE:
        raise _not_here("Late's document has no call that disconnects.", "Disconnect it in Late's own console.")
    if vendor is Vendor.IMICONNECT:
        raise _not_here("imiconnect connects no accounts.", "There is nothing to disconnect.")
    if vendor is Vendor.HIGHLEVEL and contract is Contract.DOCUMENTED:
        message = "HighLevel's document has no call that deletes an account."
        raise _not_here(message, "Let the source speak HighLevel's current contract, or delete it there.")
    if vendor is Vendor.ZOCIAL and kind is not Kind.NETWORK:
        message = f"Zocial disconnects networks alone: it has no call for a {kind}."
        raise _not_here(message, f"Remove the {kind} at Zocial.")
    if vendor is not Vendor.HIGHLEVEL and not (vendor_id.isascii() and vendor_id.isdigit()):
        raise _not_here("Its vendor's own number is not known.", "Sync its source, which lists the number.")


def send(client: Client, vendor_id: str) -> bool:
    """Ask the vendor to disconnect, once; False when it says that it knows no such connection. Raises VendorError."""
    if isinstance(client, Zocial):
        client.disconnect(NetworkId(int(vendor_id)))
        return True
    if isinstance(client, Gipper):
        return client.delete(InternalId(int(vendor_id)))
    if isinstance(client, HighLevel):
        client.delete(AccountId(vendor_id))
        return True
    raise _not_here("Its vendor has no call that disconnects.", "Disconnect it at the vendor.")


def _not_here(message: str, advice: str) -> Failure:
    return Failure("not_here", message, advice)
