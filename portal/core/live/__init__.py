"""Live events: what the journal says happened, in the browsers of those who may know it.

``docs/reference/live.md`` shows how an event flows. A room names its topics in its ``apps.py``
(``register``); a view passes ``head()``, read before its rows, to the page; ``announce`` tells of
what the journal does not keep, such as who looks at which row.
"""

from portal.core.live.reading import head
from portal.core.live.signals import announce, recheck, wake
from portal.core.live.topics import Topic, recheck_after, register

__all__ = ["Topic", "announce", "head", "recheck", "recheck_after", "register", "wake"]
