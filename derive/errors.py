"""The errors that a user's input can cause; each message is one sentence that helps."""


class DeriveError(ValueError):
    """Something that the user gave cannot be used; the message says what would be right."""


class CapturedIndexError(RuntimeError):
    """A derivation wrote an index that is bound and free at once: our mistake, not a user's."""


class NotRationalError(Exception):
    """A way of judging ends here: an unknown function, a derivative of no formula, too much work.

    The judge goes on with another way, or says that it does not know.
    """


class NetworkError(DeriveError):
    """A network, or the file or shorthand that describes it, is not valid.

    `keys` is where in a network file the fault lies, such as "layers", 2, "units".
    """

    def __init__(self, sentence: str, *keys: str | int) -> None:
        super().__init__(sentence)
        self.keys = keys


class ReadingError(DeriveError):
    """A formula that somebody wrote cannot be read; `column` (from 1) is where, `sentence` why."""

    def __init__(self, column: int, sentence: str) -> None:
        super().__init__(f"column {column}: {sentence}")
        self.column = column
        self.sentence = sentence
