"""What can go wrong on our own side, each with a kind for programs and a sentence and advice for people."""


class Failure(Exception):
    """Something asked of Patchbay can't be done: `kind` for programs, the message and `advice` for people."""

    def __init__(self, kind: str, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.advice = advice


class Misuse(Failure):
    """The question itself is wrong: an unknown name, a value out of range (exit code 2)."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__("misuse", message, advice)


class Forbidden(Failure):
    """The person's role does not allow it."""

    def __init__(self, message: str, advice: str = "Ask an admin.") -> None:
        super().__init__("forbidden", message, advice)
