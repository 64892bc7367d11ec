"""The one family of errors that a user is meant to read.

Modules derive their own errors from `FashionError`; a stage prints the text as one line and exits
with the error's code. Anything else that is raised is a defect and keeps its traceback.
"""


class FashionError(Exception):
    """Something the user can fix: the text tells what was expected and received, what to do."""

    exit_code = 1
