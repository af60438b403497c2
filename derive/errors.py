"""The errors that a user's input can cause; each message is one sentence that helps."""


class DeriveError(ValueError):
    """Something that the user gave cannot be used; the message says what would be right."""


class NetworkError(DeriveError):
    """A network, or the file or shorthand that describes it, is not valid."""
