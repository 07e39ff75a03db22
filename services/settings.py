"""The settings of DESIGN.md section 4: environment over `.streamlit/secrets.toml` over defaults."""

import base64
import binascii
import ipaddress
import os
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from data.types import Contract, Vendor
from services import channels
from services.failures import Failure

ROOT = Path(__file__).resolve().parents[1]
SECRETS = Path(".streamlit/secrets.toml")
PREFIX = "PATCHBAY_"
SHORTEST_KEY = 32
SETTINGS_ONLY = frozenset({"webhook_secret_before"})
"""What a source that is added has no field for: its own secrets are renewed with an overlap by themselves."""
IN_HEADERS = ("token", "api_key", "service_key", "jwt")
"""The secrets that travel in a header, where only printable ASCII can."""


class WrongSettings(Failure):
    """One or more settings are wrong, missing or contradict each other: says which, and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        sentence = " ".join(problems)
        super().__init__("settings", sentence, "Correct the settings named above, then start again.")
        self.problems = problems


def is_loopback(host: str | None) -> bool:
    """Tell whether a host name is this machine itself: the only place where plain http is accepted."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_url(value: str) -> str:
    """Check scheme, host and optional prefix of a base URL (contracts/README.md). Raises ValueError with a sentence."""
    parts = urlsplit(value.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a URL like https://api.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be scheme, host and an optional path, without user, query or fragment")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must use https: plain http is accepted for this machine's own addresses only")
    try:
        _ = parts.port
    except ValueError as error:
        raise ValueError("has a port that is no number from 0 to 65535") from error
    return value.strip().rstrip("/")


def fits_a_header(value: str) -> bool:
    """Tell whether a credential can travel in a header as it is."""
    return bool(value) and value.isascii() and value.isprintable() and value == value.strip()


class VendorSettings(BaseModel):
    """What every vendor has: where it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str | None = None

    @field_validator("base_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        return checked_url(value) if value else None

    def options(self) -> dict[str, Any]:
        """Give what is no secret and no address: it is stored with the source."""
        skip = {"base_url", "contract"}
        plain = {name: value for name, value in self if name not in skip and not isinstance(value, SecretStr)}
        return {name: value for name, value in plain.items() if value not in (None, "", [])}

    def secrets(self) -> dict[str, str]:
        """Give the secrets by name."""
        return {name: value.get_secret_value() for name, value in self if isinstance(value, SecretStr) and value}

    def missing(self) -> list[str]:
        """Name the fields without which nothing can be asked of this vendor."""
        return []


class HighLevelSettings(VendorSettings):
    """A HighLevel location."""

    token: SecretStr | None = None
    location_id: str | None = None
    user_id: str | None = None
    contract: Contract = Contract.DOCUMENTED
    message_origins: str = Field(default="", description="Origins whose popup message is believed, by commas.")

    def missing(self) -> list[str]:
        """Name what is missing: the token and the location."""
        return [name for name in ("token", "location_id") if not getattr(self, name)]


class GipperSettings(VendorSettings):
    """A Gipper user."""

    token: SecretStr | None = None
    contract: Contract = Contract.DOCUMENTED

    def missing(self) -> list[str]:
        """Name what is missing: the token."""
        return [] if self.token else ["token"]


class LateSettings(VendorSettings):
    """A Late profile."""

    api_key: SecretStr | None = None
    profile_id: str | None = None
    webhook_secret: SecretStr | None = None
    webhook_secret_before: SecretStr | None = None
    contract: Contract = Contract.DOCUMENTED

    def missing(self) -> list[str]:
        """Name what is missing: the key, and the profile that the documented list path needs."""
        needed = ("api_key", "profile_id") if self.contract is Contract.DOCUMENTED else ("api_key",)
        return [name for name in needed if not getattr(self, name)]


class ZocialSettings(VendorSettings):
    """A Zocial user."""

    token: SecretStr | None = None

    def missing(self) -> list[str]:
        """Name what is missing: the token."""
        return [] if self.token else ["token"]


class ImiconnectSettings(VendorSettings):
    """An imiconnect app."""

    path: str = "/v1/instagram/messages"
    service_key: SecretStr | None = None
    jwt: SecretStr | None = None
    jwt_secret: SecretStr | None = None
    app_id: str | None = None
    sending: bool = True
    per_second: int = Field(default=20, ge=1, le=1_000)

    @field_validator("path")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if not value.startswith("/") or "?" in value or "#" in value:
            raise ValueError("must be a path that starts with / and has no query")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _base64(cls, value: SecretStr | None) -> SecretStr | None:
        try:
            base64.b64decode(value.get_secret_value() if value else "", validate=True)
        except binascii.Error as error:
            raise ValueError("must be base64 text, as the vendor shows it") from error
        return value

    def missing(self) -> list[str]:
        """Name what is missing: one way to sign in, and the app that sends."""
        keys = self.service_key or self.jwt
        return [*([] if keys else ["service_key"]), *([] if self.app_id else ["app_id"])]


class SecretsFile(EnvSettingsSource):
    """Reads the same PATCHBAY_ names from `.streamlit/secrets.toml`; tables of it are joined by two underscores."""

    def _load_env_vars(self) -> dict[str, str | None]:
        path = ROOT / SECRETS
        if not path.is_file():
            return {}
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WrongSettings([f"{SECRETS} can't be read as TOML: {error}."]) from error
        return {name.lower(): value for name, value in _flat(content) if name.upper().startswith(PREFIX)}


def _flat(content: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in content.items():
        rows += _flat(value, f"{prefix}{name}__") if isinstance(value, dict) else [(prefix + name, str(value))]
    return rows


class Settings(BaseSettings):
    """All settings, checked together; secrets never appear in its repr."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    database_url: str | None = Field(default=None, repr=False)
    secret_key: SecretStr | None = None
    public_url: str = "http://localhost:8501"
    sandbox: bool | None = None
    sync_minutes: int = Field(default=15, ge=0, le=10_080)
    highlevel: HighLevelSettings = HighLevelSettings()
    gipper: GipperSettings = GipperSettings()
    late: LateSettings = LateSettings()
    zocial: ZocialSettings = ZocialSettings()
    imiconnect: ImiconnectSettings = ImiconnectSettings()
    notify_url: SecretStr | None = None
    smtp_url: SecretStr | None = None
    notify_email: str | None = None

    @classmethod
    def settings_customise_sources(  # noqa: D102 (the base class's hook)
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (the base class's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (the base class's signature)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretsFile(settings_cls)

    @field_validator("public_url")
    @classmethod
    def _url(cls, value: str) -> str:
        return checked_url(value)

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().strip()) < SHORTEST_KEY:
            raise ValueError(f"must be a text of {SHORTEST_KEY} characters or more")
        return value

    @field_validator("notify_url")
    @classmethod
    def _hook(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            channels.hook(value.get_secret_value())
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            channels.mail_server(value.get_secret_value())
        return value

    @field_validator("notify_email")
    @classmethod
    def _recipients(cls, value: str | None) -> str | None:
        return None if value is None else ", ".join(channels.recipients(value))

    @model_validator(mode="after")
    def _together(self) -> Self:
        problems = [problem for vendor in Vendor for problem in self._vendor_problems(vendor)]
        if self.sandbox and self.configured:
            names = ", ".join(self.configured)
            problems.append(
                f"PATCHBAY_SANDBOX is on and {names} configured: demo and real data never mix. Unset one of them."
            )
        if problems:
            raise ValueError(" ".join(problems))
        return self

    def _vendor_problems(self, vendor: Vendor) -> list[str]:
        chosen, name = self.vendor(vendor), f"{PREFIX}{vendor.upper()}__"
        if not chosen.base_url:
            lost = f"{name}BASE_URL is missing: a secret of {vendor} is given, but not where to send it."
            return [lost] if chosen.secrets() else []
        missing = [f"{name}{field.upper()} is missing: {vendor} has a base URL." for field in chosen.missing()]
        given = {field: value for field, value in chosen.secrets().items() if field in IN_HEADERS}
        wrong = [field for field, value in given.items() if not fits_a_header(value)]
        return missing + [f"{name}{field.upper()} must be one line of printable ASCII text." for field in wrong]

    def vendor(self, vendor: Vendor) -> VendorSettings:
        """Give the settings of one vendor."""
        chosen: VendorSettings = getattr(self, vendor.value)
        return chosen

    @property
    def configured(self) -> list[Vendor]:
        """Name the vendors that have a base URL."""
        return [vendor for vendor in Vendor if self.vendor(vendor).base_url]

    @property
    def demo(self) -> bool:
        """Tell whether the pretended vendors are on."""
        return not self.configured if self.sandbox is None else self.sandbox

    @cached_property
    def database(self) -> str:
        """Give the database URL, relative SQLite paths anchored at the project's folder."""
        default = "sqlite:///data/sandbox.db" if self.demo else "sqlite:///data/patchbay.db"
        url = self.database_url or default
        relative = url.startswith("sqlite:///") and not url.startswith("sqlite:////")
        return f"sqlite:///{ROOT / url.removeprefix('sqlite:///')}" if relative and ":memory:" not in url else url


def unknown_names() -> list[str]:
    """Name the PATCHBAY_ variables that mean nothing here: a typing error would otherwise be silent."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    found = [name.upper() for name in os.environ if name.upper().startswith(PREFIX)]
    return sorted(name for name in found if name.split("__")[0] not in known)


PLAIN = {
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "bool_parsing": "must be true or false",
    "enum": "must be {expected}",
}
"""What pydantic's kinds of error mean to a person."""


def load() -> Settings:
    """Read and check the settings. Raises WrongSettings that names every wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        raise WrongSettings([_sentence(dict(problem)) for problem in error.errors(include_input=False)]) from None
    except SettingsError as error:
        name = str(error).split('"')[1].upper()
        raise WrongSettings([f"{PREFIX}{name} is no value by itself: set {PREFIX}{name}__… one by one."]) from None


def _sentence(problem: dict[str, Any]) -> str:
    name = PREFIX + "__".join(str(part).upper() for part in problem["loc"])
    told = str(problem["msg"]).removeprefix("Value error, ")
    text = PLAIN[problem["type"]].format(**problem.get("ctx", {})) if problem["type"] in PLAIN else told
    if problem["type"] == "extra_forbidden":
        return f"{name} is no setting of Patchbay."
    return text if not problem["loc"] else f"{name} {text[0].lower()}{text[1:]}."
