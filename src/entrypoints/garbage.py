"""How a process that runs for long looks for garbage."""

import gc
from typing import Final

_SELDOM: Final = 100
"""So many searches of what is half old come before one of everything: ten times as many as usual. What only that one
finds is little: some hundred objects in a minute of work.
"""


def settle() -> None:
    """What is there once all is started stays to the end, and no search goes through it again.

    A search of everything stops all else, the longer the more objects there are, and half of those of a server that a
    thousand agents are connected to are its own modules and classes. Of garbage there is next to none by then, and a
    search for it would keep whoever waits for the start waiting.
    """
    gc.freeze()
    young, half_old, _ = gc.get_threshold()
    gc.set_threshold(young, half_old, _SELDOM)
