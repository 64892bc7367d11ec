"""What is in a folder of the user's, without what operating systems and archivers leave there."""

# `.dvcignore` has the same: what no stage reads must not make one run again.
LEFT_BEHIND = ("thumbs.db", "desktop.ini", "__macosx", "@eadir", "lost+found")


def is_clutter(name: str) -> bool:
    """Whether a file or folder of this name is never data: hidden, a backup, or the system's.

    >>> [is_clutter(name) for name in ("Thumbs.db", ".DS_Store", "a.png~", "a.png")]
    [True, True, True, False]
    """
    return name.startswith(".") or name.endswith("~") or name.casefold() in LEFT_BEHIND
