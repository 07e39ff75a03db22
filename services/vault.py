"""Keeps secrets: AES-GCM bound to the row they belong to, and keyed hashes of tokens."""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.failures import Failure

NONCE = 12
KEY_ID = 4


class WrongKey(Failure):
    """A stored secret can't be opened: another key, another row, or altered bytes."""

    def __init__(self, what: str) -> None:
        message = f"The stored secret of {what} can't be opened with this PATCHBAY_SECRET_KEY."
        super().__init__("secret", message, "Restore the key it was written with, or enter the secret again.")


@dataclass(frozen=True)
class Vault:
    """Encrypts and hashes with keys derived from PATCHBAY_SECRET_KEY; never shows them."""

    key: bytes = field(repr=False)

    def _derived(self, purpose: str) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=f"patchbay {purpose}".encode()).derive(self.key)

    @property
    def key_id(self) -> bytes:
        """Give four bytes that name the key without telling it: stored before each ciphertext."""
        return hashlib.sha256(self._derived("key id")).digest()[:KEY_ID]

    def seal(self, values: dict[str, str], *, row: str) -> bytes:
        """Encrypt secrets so that they open only for this row."""
        nonce = os.urandom(NONCE)
        cipher = AESGCM(self._derived("stored secrets"))
        return self.key_id + nonce + cipher.encrypt(nonce, json.dumps(values).encode(), row.encode())

    def open(self, sealed: bytes, *, row: str) -> dict[str, str]:
        """Decrypt what was sealed for this row. Raises WrongKey for another key, another row or altered bytes."""
        nonce, text = sealed[KEY_ID : KEY_ID + NONCE], sealed[KEY_ID + NONCE :]
        try:
            opened = AESGCM(self._derived("stored secrets")).decrypt(nonce, text, row.encode())
        except (InvalidTag, ValueError) as error:
            raise WrongKey(row) from error
        values: dict[str, str] = json.loads(opened)
        return values

    def token_hash(self, token: str) -> str:
        """Give the keyed hash of a ticket or cookie: the database never holds the token itself."""
        return hmac.new(self._derived("tokens"), token.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def signature(self, text: str, *, purpose: str) -> str:
        """Sign a text that leaves the house and comes back, for one purpose."""
        return hmac.new(self._derived(purpose), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def new_token() -> str:
    """Give an unguessable token of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def read_key(path: Path) -> bytes | None:
    """Read a key file, or None when there is none. Raises Failure when it holds too little."""
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if len(text) < 32:  # noqa: PLR2004 (PATCHBAY_SECRET_KEY's own rule)
        raise Failure("secret", f"{path} holds no usable key.", "Restore the key file from your backup.")
    return text.encode()


def write_key(path: Path) -> bytes:
    """Make a new key file with mode 600, whole or not at all. Two processes at once end up with the same key."""
    key = secrets.token_urlsafe(48)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(key + "\n")
        os.link(draft, path)
    except FileExistsError:
        found = read_key(path)
        if found is None:
            raise
        return found
    finally:
        draft.unlink(missing_ok=True)
    return key.encode()
