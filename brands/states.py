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

CHARACTERISTIC = machine(
    "characteristic",
    draft="checking withdrawn",
    checking="live needs_co_signal refused withdrawn",
    live="paused withdrawn",
    needs_co_signal="paused withdrawn",
    paused="live needs_co_signal withdrawn",
    refused="withdrawn",
)
