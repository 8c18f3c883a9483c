"""States of what brands declare."""

from portal.core.states import machine

CREDENTIAL = machine(
    "credential",
    draft="submitted",
    submitted="under_audit",
    under_audit="approved rejected more_asked",
    more_asked="submitted",
    approved="suspended revoked expired",
    suspended="approved revoked expired",
)

REVOCATION = machine("revocation", requested="confirmed declined")

# A name that is not proven yet is a claim; only names in force are matched.
BRAND_NAME = machine("brand_name", claimed="in_force refused", in_force="refused")

CHARACTERISTIC = machine(
    "characteristic",
    draft="checking withdrawn",
    checking="live needs_co_signal refused withdrawn",
    live="paused withdrawn",
    needs_co_signal="paused withdrawn",
    paused="live needs_co_signal withdrawn",
    refused="withdrawn",
)

# Columns are named, a dry run says what would happen, then it happens, and may be taken back.
CATALOGUE = machine(
    "catalogue_import",
    read="checking",
    checking="checked checking",
    checked="checking importing",
    importing="importing imported undoing",
    imported="undoing",
    undoing="undone imported",
)
