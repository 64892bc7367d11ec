"""Names and counts in messages: names that look alike, escapes, long lists, plurals."""

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

# Invisible characters that are not in Unicode's category Cf, such as variation selectors.
INVISIBLE = {*"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0", *map(chr, range(0xFE00, 0xFE10))}
# Letters of Cyrillic and Greek that look like a Latin letter, in upper and in lower case.
LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u03bf", "aeopcyxijso"
)
MAX_NAMES = 5  # names in a message


def look_alike_key(name: str) -> str:
    """Return a key that is equal for names that look alike.

    Such names differ in Unicode form, width, case, blanks or invisible characters only. Single
    letters are an exception: A and a are different classes in handwriting datasets.

    >>> look_alike_key("Half moon") == look_alike_key("half  moon ")
    True
    """
    letters = [letter for letter in unicodedata.normalize("NFKC", name) if not _is_hidden(letter)]
    text = " ".join("".join(letters).split())
    if len(text) <= 1:
        return text
    dashes = ("-" if unicodedata.category(letter) == "Pd" else letter for letter in text.casefold())
    return unicodedata.normalize("NFKC", "".join(dashes)).translate(LATIN)


def _is_hidden(letter: str) -> bool:
    return letter in INVISIBLE or unicodedata.category(letter) == "Cf"


def find_look_alikes(names: Iterable[str]) -> list[list[str]]:
    """Return the groups of different `names` that look alike."""
    groups = defaultdict(list)
    for name in dict.fromkeys(names):
        groups[look_alike_key(name)].append(name)
    return [group for group in groups.values() if len(group) > 1]


def with_code_points(names: Iterable[str]) -> str:
    """Return `names` in quotes, each with its code points.

    >>> with_code_points(["Cat", "cat"])
    "'Cat' (U+0043 U+0061 U+0074) and 'cat' (U+0063 U+0061 U+0074)"
    """
    return " and ".join(
        f"{name!r} ({' '.join(f'U+{ord(letter):04X}' for letter in name)})" for name in names
    )


def quote(path: str | os.PathLike[str]) -> str:
    r"""Return `path` in quotes, with invalid UTF-8 and control characters as `\xNN`."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"'{''.join(shown)}'"


def join_names(names: Iterable[str | os.PathLike[str]]) -> str:
    """Return the first of `names` in quotes, and how many more there are.

    >>> join_names("abcdefg")
    "'a', 'b', 'c', 'd', 'e' and 2 more"
    """
    quoted = [quote(name) for name in names]
    more = f" and {len(quoted) - MAX_NAMES} more" if len(quoted) > MAX_NAMES else ""
    return ", ".join(quoted[:MAX_NAMES]) + more


def with_plural(count: int, noun: str) -> str:
    """Return `count` and `noun`, in the plural unless `count` is 1.

    >>> with_plural(1, "image"), with_plural(0, "image"), with_plural(7000, "image")
    ('1 image', '0 images', '7000 images')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
