"""The base class of errors that a user is meant to read."""


class FashionError(Exception):
    """Something that the user can fix. The text says what was expected, what was found, what to do.

    The command line prints it as one line and exits with `exit_code`. Any other exception is a
    defect and keeps its traceback.
    """

    exit_code = 1
