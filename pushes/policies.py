"""Who may judge a link, and what stands in the way."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from portal.core.actors import Actor
from portal.core.policies import ALLOWED, Answer, Permission, denied, may
from pushes.models import SuspectedLink, Verdict
from pushes.states import LINK, VERDICTS

Bar = Callable[[SuspectedLink], Answer]
_bars: list[Bar] = []


def bar_corrections(bar: Bar) -> None:
    """Let an upper app refuse corrections of a link, such as while a complaint stands.

    ``bar`` is asked under the link's row lock and answers with its reason.
    """
    _bars.append(bar)


def judge(actor: Actor, link: SuspectedLink) -> Answer:
    """Whether the actor may give this link a verdict now."""
    answer = may(actor, Permission.JUDGE_LINKS, link.organisation_id, link.brand_id)
    if not answer:
        return answer
    if actor.member is None and actor.api_key is None:
        return denied("no_author", _("A verdict needs an author."))
    if is_judged(link):
        return _unbarred(link)
    return ALLOWED


def undo(actor: Actor, verdict: Verdict) -> Answer:
    """Whether the actor may take the verdict back: its author only."""
    link = verdict.link
    answer = may(actor, Permission.JUDGE_LINKS, link.organisation_id, link.brand_id)
    if not answer:
        return answer
    own = verdict.member_id == (actor.member.pk if actor.member else None)
    own = own and verdict.api_key_id == (actor.api_key.pk if actor.api_key else None)
    return ALLOWED if own else denied("not_author", _("Only its author can undo a verdict."))


def is_judged(link: SuspectedLink) -> bool:
    """Whether the link has a final verdict, so that another one is a correction."""
    return link.state in VERDICTS.split()


def outcomes_for(link: SuspectedLink) -> list[str]:
    """Verdicts the table of states allows from where the link is now."""
    return [outcome for outcome in VERDICTS.split() if LINK.allows(link.state, outcome)]


def _unbarred(link: SuspectedLink) -> Answer:
    for bar in _bars:
        answer = bar(link)
        if not answer:
            return answer
    return ALLOWED
