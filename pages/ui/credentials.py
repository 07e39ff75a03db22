"""Checks a password with streamlit-authenticator, without its cookie, its pauses and its own lock-out."""

from streamlit_authenticator.controllers import AuthenticationController

LONGEST_PASSWORD = 72  # bytes: bcrypt refuses to look at more
_ANYONE = "anyone"


def verify(password: str, hashed: str) -> bool:
    """Tell whether a password belongs to a hash; one that is empty or too long for bcrypt is wrong, not an error."""
    raw = password.encode("utf-8", "replace")
    fits = 0 < len(raw) <= LONGEST_PASSWORD and "\x00" not in password
    people = {"usernames": {_ANYONE: {"password": hashed}}}
    controller = AuthenticationController(credentials=people, auto_hash=False)
    checked = controller.authentication_model.check_credentials(_ANYONE, password if fits else "never a password")
    return fits and checked is True
