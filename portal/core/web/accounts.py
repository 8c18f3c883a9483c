"""How people get accounts: by registering a rights holder, or by invitation."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Our changes to allauth."""
