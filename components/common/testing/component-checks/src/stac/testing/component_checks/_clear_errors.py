"""What a clear error is, in one place."""

import traceback
from collections.abc import Callable
from typing import Any

__all__ = ["assert_clear_error"]


def assert_clear_error(
    call: Callable[..., Any], *args: Any, mentions: tuple[str, ...] = (), **kwargs: Any
) -> BaseException:
    """Assert that a call ends in an error that a user can act on.

    Clear means: a ``ValueError``, ``TypeError`` or ``OSError``, raised by a STAC component itself (not deep inside
    a library), whose message is a single line of 20 to 500 characters.

    Parameters
    ----------
    call : callable
        What must fail.
    *args, **kwargs
        Passed on to ``call``.
    mentions : tuple of str
        Words that the message must hold, upper or lower case.

    Returns
    -------
    BaseException
        The error, for further looks at it.

    Raises
    ------
    AssertionError
        If the call succeeds, or its error is not clear.

    Examples
    --------
    >>> from stac.testing.component_checks import assert_clear_error
    >>> error = assert_clear_error(assert_clear_error, print, mentions=("succeeded",))
    Traceback (most recent call last):
    ...
    AssertionError: AssertionError is not a ValueError, TypeError or OSError: print() succeeded, expected an error
    """
    name = getattr(call, "__name__", repr(call))
    try:
        call(*args, **kwargs)
    except Exception as error:
        _assert_is_clear(error, mentions)
        return error
    raise AssertionError(f"{name}() succeeded, expected an error")


def _assert_is_clear(error: Exception, mentions: tuple[str, ...]) -> None:
    message = str(error)
    kind = type(error).__name__
    assert isinstance(error, ValueError | TypeError | OSError), (
        f"{kind} is not a ValueError, TypeError or OSError: {message}"
    )
    assert "\n" not in message, f"the message has more than one line: {message!r}"
    assert 20 <= len(message) <= 500, f"the message has {len(message)} characters, expected 20 to 500: {message!r}"
    frame = traceback.extract_tb(error.__traceback__)[-1]
    by_component = "/stac/" in frame.filename.replace("\\", "/") and (frame.line or "").startswith("raise ")
    assert by_component, f"raised at {frame.filename}:{frame.lineno}, not by the component: {message!r}"
    for word in mentions:
        assert word.lower() in message.lower(), f"the message does not mention {word!r}: {message!r}"
