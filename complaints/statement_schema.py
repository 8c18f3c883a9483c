"""The schema which records for the EU Transparency Database must pass before they are stored.

It is stricter than the database's own rules (field names, lengths and enumerations as of its
public API): it admits only what a decision on a product listing can say, forbids unknown fields,
and so keeps personal data out by construction.
"""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

CATEGORY = "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"
KEYWORDS = [
    "KEYWORD_TRADEMARK_INFRINGEMENT",
    "KEYWORD_COPYRIGHT_INFRINGEMENT",
    "KEYWORD_DESIGN_INFRINGEMENT",
    "KEYWORD_PATENT_INFRINGEMENT",
    "KEYWORD_GEOGRAPHIC_INDICATIONS_INFRINGEMENT",
    "KEYWORD_TRADE_SECRET_INFRINGEMENT",
    "KEYWORD_OTHER",
]
_DATE = {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"}


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _list_of(*values: str) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {"enum": list(values)},
    }


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": [
        "decision_ground",
        "content_type",
        "category",
        "content_date",
        "application_date",
        "decision_facts",
        "source_type",
        "automated_detection",
        "automated_decision",
        "puid",
        "illegal_content_legal_ground",
        "illegal_content_explanation",
    ],
    "anyOf": [
        {"required": ["decision_visibility"]},
        {"required": ["decision_monetary"]},
        {"required": ["decision_provision"]},
        {"required": ["decision_account"]},
    ],
    "properties": {
        "decision_visibility": _list_of(
            "DECISION_VISIBILITY_CONTENT_REMOVED",
            "DECISION_VISIBILITY_CONTENT_DISABLED",
            "DECISION_VISIBILITY_CONTENT_DEMOTED",
        ),
        "decision_monetary": {
            "enum": ["DECISION_MONETARY_SUSPENSION", "DECISION_MONETARY_TERMINATION"]
        },
        "decision_provision": {
            "enum": [
                "DECISION_PROVISION_PARTIAL_SUSPENSION",
                "DECISION_PROVISION_TOTAL_SUSPENSION",
                "DECISION_PROVISION_PARTIAL_TERMINATION",
                "DECISION_PROVISION_TOTAL_TERMINATION",
            ]
        },
        "decision_account": {"enum": ["DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"]},
        "decision_ground": {"const": "DECISION_GROUND_ILLEGAL_CONTENT"},
        "illegal_content_legal_ground": _text(500),
        "illegal_content_explanation": _text(2000),
        "content_type": _list_of("CONTENT_TYPE_PRODUCT"),
        "category": {"const": CATEGORY},
        "category_specification": _list_of(*KEYWORDS),
        "content_date": _DATE,
        "application_date": _DATE,
        "decision_facts": _text(5000),
        "source_type": {
            "enum": [
                "SOURCE_ARTICLE_16",
                "SOURCE_TRUSTED_FLAGGER",
                "SOURCE_TYPE_OTHER_NOTIFICATION",
                "SOURCE_VOLUNTARY",
            ]
        },
        "automated_detection": {"enum": ["Yes", "No"]},
        "automated_decision": {
            "enum": [
                "AUTOMATED_DECISION_FULLY",
                "AUTOMATED_DECISION_PARTIALLY",
                "AUTOMATED_DECISION_NOT_AUTOMATED",
            ]
        },
        "puid": {"type": "string", "maxLength": 500, "pattern": r"^[a-zA-Z0-9_-]+\Z"},
        "territorial_scope": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": "^[A-Z]{2}$"},
        },
    },
}
_VALIDATOR = Draft202012Validator(SCHEMA)


def problems(record: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a record, one line a field; empty when it can be sent."""
    errors = sorted(_VALIDATOR.iter_errors(dict(record)), key=lambda error: error.json_path)
    return [f"{error.json_path}: {error.message}" for error in errors]
