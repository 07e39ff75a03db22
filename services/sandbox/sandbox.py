"""The sandbox: five vendors pretended over real HTTP, with a clock, a log and planned faults."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from starlette.routing import Route, Router

from services.sandbox import gipper, highlevel, imiconnect, late, page, world, zocial
from services.sandbox.clock import Clock
from services.sandbox.control import Control
from services.sandbox.courier import Courier
from services.sandbox.faults import Faults
from services.sandbox.kit import Kit, Vendor
from services.sandbox.late_book import PROFILE_ID, Webhook
from services.sandbox.layer import Layer
from services.sandbox.log import Entry, Log

SEED = 62
HOOK = "/hooks/late/late"  # where the Patchbay that pretends the vendors hears the source named late


class Sandbox:
    """One set of pretended vendors; `.app` answers at `<origin>/sandbox/<vendor>`, alone or mounted at `/sandbox`.

    The same `seed` and the same instant of the clock give the same answers on every start. `now` holds the clock from
    the beginning. `control=False` leaves out the routes under `/sandbox/_control/`, which have no credentials.
    """

    def __init__(
        self,
        *,
        seed: int = SEED,
        now: datetime | None = None,
        control: bool = True,
        rate_limits: bool = True,
        network_limit: int = 1000,
        review: timedelta = timedelta(seconds=20),
    ) -> None:
        self.clock = Clock(now)
        self.faults = Faults()
        self.courier = Courier()
        self._log = Log()
        self.kit = Kit(world.build(seed), self.clock, self.courier, rate_limits, network_limit, review)
        self.highlevel = highlevel.HighLevel(self.kit)
        self.gipper = gipper.Gipper(self.kit)
        self.late = late.Late(self.kit)
        self.zocial = zocial.Zocial(self.kit)
        self.imiconnect = imiconnect.Imiconnect(self.kit)
        others = Router(self._routes(control=control))
        self.app = Layer(
            self._vendors(),
            others,
            clock=self.clock,
            faults=self.faults,
            chosen=self.imiconnect.receipts.chosen,
            kept=self._log,
        )

    def tell(self, origin: str, public_url: str | None = None) -> None:
        """Have Late send its webhooks, signed, to a Patchbay that answers at this origin; until then it sends none.

        Callbacks of messages to its public URL go to that origin too, so that none leaves this machine.
        """
        self.late.book.webhook = Webhook(f"{origin}{HOOK}", late.WEBHOOK_SECRET)
        if public_url is not None:
            self.imiconnect.receipts.doors = {public_url: origin}

    @property
    def log(self) -> list[Entry]:
        """The last 10,000 requests, oldest first."""
        return self._log.entries()

    def clear_log(self) -> None:
        """Forget all requests."""
        self._log.clear()

    def close(self) -> None:
        """Let go of hanging connections and stop delivering callbacks."""
        self.app.closing.set()
        self.courier.close()

    def _vendors(self) -> Mapping[str, Vendor]:
        vendors: tuple[Vendor, ...] = (self.highlevel, self.gipper, self.late, self.zocial, self.imiconnect)
        return {vendor.name: vendor for vendor in vendors}

    def _routes(self, *, control: bool) -> list[Route]:
        if not control:
            return [*page.routes()]
        steer = Control(
            clock=self.clock,
            faults=self.faults,
            log=self._log,
            highlevel=self.highlevel,
            late=self.late,
            imiconnect=self.imiconnect,
        )
        return [*page.routes(), *steer.routes()]


def credentials() -> dict[str, dict[str, str]]:
    """The fake credentials that the pretended vendors accept."""
    return {
        "highlevel": {
            "token": highlevel.TOKEN,
            "location_id": highlevel.LOCATION_ID,
            "user_id": highlevel.USER_ID,
        },
        "gipper": {"token": gipper.TOKEN},
        "late": {"api_key": late.API_KEY, "profile_id": PROFILE_ID, "webhook_secret": late.WEBHOOK_SECRET},
        "zocial": {"token": zocial.TOKEN},
        "imiconnect": {
            "service_key": imiconnect.SERVICE_KEY,
            "jwt_secret": imiconnect.JWT_SECRET,
            "app_id": imiconnect.APP_ID,
            "path": imiconnect.PATH,
        },
    }
