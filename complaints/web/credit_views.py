"""Pages of good-faith accounts: why this tier, what if, appeals, the published rules."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from complaints import credit_rules, policies
from complaints.credit_rules import Figures, Tally
from complaints.credit_selectors import (
    accounts_visible_to,
    appeals_visible_to,
    cases_of,
    changes_of,
    day_of,
    figures_of,
    rules_in_force,
    standing_of,
)
from complaints.misuse_selectors import Subject, cap_of, capping_step, steps_visible_to
from complaints.models import CreditAccount, CreditRules, TierAppeal
from complaints.services import credit_settings, tier_appeals
from complaints.tier_rules import LADDER, Rules, Tier
from complaints.web import credit_labels
from complaints.web.credit_forms import AnswerForm, RulesForm, TierAppealForm, WhatIfForm
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotFound
from portal.core.policies import Permission, may
from portal.core.web.forms import put_errors
from portal.core.web.views import actor as actor_of
from portal.core.web.views import needs, search_words

PAGE = 50
ABOVE = (Tier.TRUSTED, Tier.SELF_SERVICE)


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def account_list(request: HttpRequest) -> HttpResponse:
    """List accounts with their tiers; for the platform with the appeals that wait."""
    actor = actor_of(request)
    rows = accounts_visible_to(actor).order_by("organisation__name", "agent_id", "reason")
    tier, words = request.GET.get("tier", ""), search_words(request)
    if tier in CreditAccount.Tier.values:
        rows = rows.filter(tier=tier)
    if words:
        rows = rows.filter(organisation__name__icontains=words)
    appeals = appeals_visible_to(actor).filter(state=TierAppeal.State.OPEN)
    context = {
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "appeals": appeals[:PAGE],
        "tier": tier,
        "tiers": CreditAccount.Tier.choices,
        "q": words,
    }
    return render(request, "complaints/accounts.html", context)


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def account_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show why an account has its tier: figures, requirements, every case, and what if."""
    actor, now = actor_of(request), timezone.now()
    account = _account(actor, uuid)
    rules, today = rules_in_force(), day_of(now)
    seen, cap = figures_of(account, today, rules), cap_of(account, now)
    context = _standing(account, seen, rules, cap) | {
        "page_obj": Paginator(cases_of(account, today, rules), PAGE).get_page(
            request.GET.get("page")
        ),
        "what_if": _what_if(request, account, seen, rules, cap),
        "capped_by": capping_step(Subject(account.organisation_id, account.agent_id), now),
        "changes": [
            {"at": c.at, "before": c.before, "after": c.after, "cause": _cause(c.cause)}
            for c in changes_of(account)
        ],
        "steps": steps_visible_to(actor).filter(
            organisation=account.organisation_id, agent=account.agent_id
        )[:PAGE],
        "appeals": account.appeals.order_by("-pk")[:PAGE],
        "may_appeal": _may_appeal(actor, account),
        "appeal_form": TierAppealForm(tier=account.tier),
    }
    return render(request, "complaints/account.html", context)


def _standing(account: CreditAccount, seen: Figures, rules: Rules, cap: Tier) -> dict[str, object]:
    established = credit_rules.wilson(seen.long.kept, seen.long.decided)
    overturned = credit_rules.wilson(seen.long.overturned, seen.long.established)
    return {
        "account": account,
        "seen": seen,
        "rules": rules,
        "established": _rate(seen.long.kept, seen.long.decided, established),
        "overturned": _rate(seen.long.overturned, seen.long.established, overturned),
        "in_time": _rate(seen.conduct.in_time, seen.conduct.judged, None),
        "audits": _rate(seen.long.audit_passed, seen.long.audited, None),
        "tiers": [
            {
                "label": CreditAccount.Tier(tier.value).label,
                "current": account.tier == tier.value,
                "requirements": credit_labels.requirements(tier, seen, rules),
                # Cases bring nobody to a tier above the cap.
                "until": credit_rules.cases_until(tier, seen, rules)
                if LADDER.index(Tier(account.tier)) < LADDER.index(tier) <= LADDER.index(cap)
                else 0,
            }
            for tier in ABOVE
        ],
    }


def _rate(part: int, whole: int, bounds: tuple[float, float] | None) -> dict[str, object]:
    return {
        "share": credit_labels.percent(part / whole) if whole else "–",
        "part": part,
        "whole": whole,
        "low": credit_labels.percent(bounds[0]) if bounds else "",
        "high": credit_labels.percent(bounds[1]) if bounds else "",
    }


def _what_if(
    request: HttpRequest, account: CreditAccount, seen: Figures, rules: Rules, cap: Tier
) -> dict[str, object]:
    """Return the forecast asked for in the query, if any."""
    asked = any(name in request.GET for name in WhatIfForm.base_fields)
    form = WhatIfForm(request.GET if asked else None)
    if not asked or not form.is_valid():
        return {"form": form}
    counts = {name: form.cleaned_data[name] or 0 for name in WhatIfForm.base_fields}
    # Overturned cases may be of those to come or of those that stand now.
    room = seen.long.established + counts["established"] - seen.long.overturned
    counts["overturned"] = min(counts["overturned"], room)
    standing, today = standing_of(account, cap), day_of(timezone.now())
    found = credit_rules.forecast(standing, seen, rules, today, more=Tally(**counts))
    return {
        "form": form,
        "tier": CreditAccount.Tier(found.tier.value).label,
        "is_same": found.tier.value == account.tier,
        "cause": _cause(found.cause),
        "missed": credit_labels.missed(found.decided_by),
        "locked_until": found.locked_until,
    }


def _cause(code: str) -> str:
    return str(credit_labels.CAUSES.get(code, code))


def _may_appeal(actor: Actor, account: CreditAccount) -> bool:
    return (
        account.tier != CreditAccount.Tier.SELF_SERVICE
        and bool(policies.may_appeal_tier(actor, account))
        and not account.appeals.filter(state=TierAppeal.State.OPEN).exists()
    )


def _account(actor: Actor, uuid: UUID) -> CreditAccount:
    account = accounts_visible_to(actor).filter(uuid=uuid).first()
    if account is None:
        raise NotFound("account_not_found", _("There is no such account."))
    return account


@require_http_methods(["GET", "POST"])
@needs(Permission.FILE_COMPLAINT)
def appeal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Appeal the tier of an account."""
    actor = actor_of(request)
    account = _account(actor, uuid)
    form = TierAppealForm(request.POST or None, tier=account.tier)
    if request.method == "POST" and form.is_valid():
        tier_appeals.make(
            actor=actor,
            account=account,
            statement=form.cleaned_data["statement"],
            wanted=form.cleaned_data["wanted"],
            now=timezone.now(),
        )
        messages.success(request, _("Your appeal was made. A person of the platform answers it."))
        return redirect(account)
    status = 422 if request.method == "POST" else 200
    context = {"account": account, "form": form}
    return render(request, "complaints/appeal_tier.html", context, status=status)


@require_POST
@needs(Permission.FILE_COMPLAINT)
def withdraw_appeal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take an appeal back."""
    actor = actor_of(request)
    found = _appeal(actor, uuid)
    tier_appeals.withdraw(actor=actor, appeal=found, now=timezone.now())
    messages.success(request, _("Your appeal was taken back."))
    return redirect(found.account)


@require_http_methods(["GET", "POST"])
@needs(Permission.DECIDE_COMPLAINT)
def answer_appeal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show an appeal beside the account's figures, and answer it."""
    actor, now = actor_of(request), timezone.now()
    found = _appeal(actor, uuid)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        tier_appeals.answer(
            actor=actor,
            appeal=found,
            granted=form.cleaned_data["granted"] == "yes",
            reasons=form.cleaned_data["reasons"],
            now=now,
        )
        messages.success(request, _("The appeal was answered; the rights holder is told."))
        return redirect("complaints:accounts")
    rules = rules_in_force()
    seen = figures_of(found.account, day_of(now), rules)
    context = _standing(found.account, seen, rules, cap_of(found.account, now)) | {
        "appeal": found,
        "form": form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "complaints/appeal_answer.html", context, status=status)


def _appeal(actor: Actor, uuid: UUID) -> TierAppeal:
    found = appeals_visible_to(actor).filter(uuid=uuid).first()
    if found is None:
        raise NotFound("appeal_not_found", _("There is no such appeal."))
    return found


@require_GET
@needs(Permission.VIEW_COMPLAINTS)
def rules_page(request: HttpRequest) -> HttpResponse:
    """Publish the rules in force and how they came about."""
    actor = actor_of(request)
    history = CreditRules.objects.order_by("-pk")
    rules = rules_in_force()
    context = {
        "rules": rules,
        "tiers": [
            (CreditAccount.Tier.TRUSTED.label, _published(rules, Tier.TRUSTED)),
            (CreditAccount.Tier.SELF_SERVICE.label, _published(rules, Tier.SELF_SERVICE)),
        ],
        "share": credit_labels.percent(rules.sample_share),
        "history": history[:PAGE],
        "may_change": bool(may(actor, Permission.MANAGE_PLATFORM)),
    }
    return render(request, "complaints/good_faith_rules.html", context)


def _published(rules: Rules, tier: Tier) -> list[tuple[str, str, str]]:
    rule, percent = rules.of(tier), credit_labels.percent
    rows = [
        (_("Decided cases"), f"≥ {rule.cases}", "–"),
        (
            _("Established, lower bound"),
            f"≥ {percent(rule.established_entry)}",
            f"≥ {percent(rule.established_stay)}",
        ),
        (
            _("Overturned, upper bound"),
            f"≤ {percent(rule.overturned_entry)}",
            f"≤ {percent(rule.overturned_stay)}",
        ),
        (_("Verdicts in time"), f"≥ {percent(rule.timeliness)}", f"≥ {percent(rule.timeliness)}"),
    ]
    if rule.audit:
        audit = f"≥ {percent(rule.audit)}"
        rows.append((_("Re-reviews that agreed"), audit, audit))
    return rows


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_PLATFORM)
def change_rules(request: HttpRequest) -> HttpResponse:
    """Change the published rules, with a reason."""
    form = RulesForm(request.POST or None, rules=rules_in_force())
    if request.method == "POST" and form.is_valid():
        try:
            credit_settings.change(
                actor=actor_of(request),
                content=form.content(),
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except InvalidInput as refusal:
            put_errors(form, refusal)
        else:
            messages.success(request, _("The new rules are in force."))
            return redirect("complaints:good_faith_rules")
    titles = {
        "": _("Windows, samples, lock-out"),
        "trusted": CreditAccount.Tier.TRUSTED.label,
        "self_service": CreditAccount.Tier.SELF_SERVICE.label,
    }
    sections = [(titles[prefix], [form[name] for name in names]) for prefix, names in form.sections]
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "sections": sections}
    return render(request, "complaints/good_faith_change.html", context, status=status)
