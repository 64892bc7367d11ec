"""The one family of errors that a user is meant to read.

Every room derives its own error from `FashionError`; a stage prints its text as one line and
exits with its code. Anything else that is raised is a defect and keeps its traceback.
"""


class FashionError(Exception):
    """Something the user can mend: the text says what was expected, what was found, what to do."""

    exit_code = 1
