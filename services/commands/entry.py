"""What a person gives a command besides its arguments: secrets, from stdin or typed without an echo."""

import getpass
import sys

from services.failures import Misuse

LONGEST_INPUT = 64 * 1024  # bytes of stdin: a password or a few credentials, never more


def password() -> str:
    """Ask twice on a terminal, else read one line of stdin. Raises Misuse when both differ, or for a second line."""
    if sys.stdin.isatty():
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("The same again: "):
            raise Misuse("The two passwords differ.", "Start the command again; nothing was changed.")
        return first
    line, *more = piped().replace("\r\n", "\n").removesuffix("\n").split("\n")
    if more:
        raise Misuse("A password is one line.", "Give one line on stdin and nothing after it.")
    if not line:
        raise Misuse("No password was given.", "Give it as one line on stdin, or start the command on a terminal.")
    return line


def piped() -> str:
    """Read all of stdin as UTF-8 text. Raises Misuse when it is none, or longer than any credential."""
    content = sys.stdin.buffer.read(LONGEST_INPUT + 1)
    if len(content) > LONGEST_INPUT:
        raise Misuse("There is too much on stdin.", "Give the secrets alone.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misuse("What came on stdin is no UTF-8 text.", "Check the encoding of the file or pipe.") from None
