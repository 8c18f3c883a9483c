"""The schema which records for the EU Transparency Database must pass before they are stored.

Field names, lengths, enumerations and conditions are those of the database's public API. It is
stricter in three ways: unknown fields are refused, a field whose condition does not hold is
refused instead of dropped, and the category is that of intellectual property only.
"""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

CATEGORY = "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"
TERRITORIES = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IS",
    "IT",
    "LI",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "NO",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]
KEYWORDS = [
    "KEYWORD_TRADEMARK_INFRINGEMENT",
    "KEYWORD_COPYRIGHT_INFRINGEMENT",
    "KEYWORD_DESIGN_INFRINGEMENT",
    "KEYWORD_PATENT_INFRINGEMENT",
    "KEYWORD_GEOGRAPHIC_INDICATIONS_INFRINGEMENT",
    "KEYWORD_TRADE_SECRET_INFRINGEMENT",
    "KEYWORD_OTHER",
]
CONTENT_TYPES = [
    f"CONTENT_TYPE_{name}"
    for name in ["APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT", "VIDEO", "OTHER"]
]
VISIBILITIES = [
    "DECISION_VISIBILITY_CONTENT_REMOVED",
    "DECISION_VISIBILITY_CONTENT_DISABLED",
    "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    "DECISION_VISIBILITY_CONTENT_LABELLED",
    "DECISION_VISIBILITY_OTHER",
]
MONETARIES = [f"DECISION_MONETARY_{name}" for name in ["SUSPENSION", "TERMINATION", "OTHER"]]
PROVISIONS = [
    f"DECISION_PROVISION_{extent}_{what}"
    for what in ("SUSPENSION", "TERMINATION")
    for extent in ("PARTIAL", "TOTAL")
]
ILLEGAL, INCOMPATIBLE = "DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"
_FROM_2000 = r"^20([0-2][0-9]|3[0-7])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z"
_FROM_2020 = r"^20(2[0-9]|3[0-7])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z"
_YES_NO = {"enum": ["Yes", "No"]}


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"}


def _date(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern, "format": "date"}


def _list_of(values: list[str]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": values}}


def _when(condition: dict[str, Any], *fields: str, required: bool = True) -> dict[str, Any]:
    """The fields are there exactly when the condition holds; at most then if not ``required``."""
    absent = [{"required": [field]} for field in fields]
    rule: dict[str, Any] = {"if": condition, "else": {"not": {"anyOf": absent}}}
    return rule | {"then": {"required": list(fields)}} if required else rule


def _is(field: str, value: str) -> dict[str, Any]:
    return {"properties": {field: {"const": value}}, "required": [field]}


def _has(field: str, value: str) -> dict[str, Any]:
    return {"properties": {field: {"contains": {"const": value}}}, "required": [field]}


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
    ],
    "anyOf": [
        {"required": ["decision_visibility"]},
        {"required": ["decision_monetary"]},
        {"required": ["decision_provision"]},
        {"required": ["decision_account"]},
    ],
    "allOf": [
        _when(
            _is("decision_ground", ILLEGAL),
            "illegal_content_legal_ground",
            "illegal_content_explanation",
        ),
        _when(
            _is("decision_ground", INCOMPATIBLE),
            "incompatible_content_ground",
            "incompatible_content_explanation",
        ),
        _when(_is("decision_ground", INCOMPATIBLE), "incompatible_content_illegal", required=False),
        _when(
            _has("decision_visibility", "DECISION_VISIBILITY_OTHER"), "decision_visibility_other"
        ),
        _when(_is("decision_monetary", "DECISION_MONETARY_OTHER"), "decision_monetary_other"),
        _when(_has("content_type", "CONTENT_TYPE_OTHER"), "content_type_other"),
        _when(_has("category_specification", "KEYWORD_OTHER"), "category_specification_other"),
        _when({"not": _is("source_type", "SOURCE_VOLUNTARY")}, "source_identity", required=False),
        *(
            _when({"required": [decision]}, field, required=False)
            for decision, field in (
                ("decision_visibility", "end_date_visibility_restriction"),
                ("decision_monetary", "end_date_monetary_restriction"),
                ("decision_provision", "end_date_service_restriction"),
                ("decision_account", "end_date_account_restriction"),
            )
        ),
    ],
    "properties": {
        "decision_visibility": _list_of(VISIBILITIES),
        "decision_visibility_other": _text(500),
        "decision_monetary": {"enum": MONETARIES},
        "decision_monetary_other": _text(500),
        "decision_provision": {"enum": PROVISIONS},
        "decision_account": {"enum": ["DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"]},
        "account_type": {"enum": ["ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"]},
        "decision_ground": {"enum": [ILLEGAL, INCOMPATIBLE]},
        "decision_ground_reference_url": {
            "type": "string",
            "maxLength": 500,
            "pattern": r"^https?://[^\s/]+\S*\Z",
        },
        "illegal_content_legal_ground": _text(500),
        "illegal_content_explanation": _text(2000),
        "incompatible_content_ground": _text(500),
        "incompatible_content_explanation": _text(2000),
        "incompatible_content_illegal": _YES_NO,
        "content_type": _list_of(CONTENT_TYPES),
        "content_type_other": _text(500),
        "content_language": {"type": "string", "pattern": r"^[A-Z]{2}\Z"},
        "content_id": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"EAN-13": {"type": "string", "pattern": r"^[0-9]{13}\Z"}},
        },
        "category": {"const": CATEGORY},
        "category_addition": _list_of(
            [
                "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
                "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
                "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
            ]
        ),
        "category_specification": _list_of(
            [
                *KEYWORDS,
                "KEYWORD_INAUTHENTIC_LISTINGS",
                "KEYWORD_INAUTHENTIC_ACCOUNTS",
                "KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING",
                "KEYWORD_INSUFFICIENT_INFORMATION_ON_TRADERS",
                "KEYWORD_MISLEADING_INFO_GOODS_SERVICES",
                "KEYWORD_PROHIBITED_PRODUCTS",
            ]
        ),
        "category_specification_other": _text(500),
        "content_date": _date(_FROM_2000),
        "application_date": _date(_FROM_2020),
        "end_date_visibility_restriction": _date(_FROM_2020),
        "end_date_monetary_restriction": _date(_FROM_2020),
        "end_date_service_restriction": _date(_FROM_2020),
        "end_date_account_restriction": _date(_FROM_2020),
        "decision_facts": _text(5000),
        "source_type": {
            "enum": [
                "SOURCE_ARTICLE_16",
                "SOURCE_TRUSTED_FLAGGER",
                "SOURCE_TYPE_OTHER_NOTIFICATION",
                "SOURCE_VOLUNTARY",
            ]
        },
        "source_identity": _text(500),
        "automated_detection": _YES_NO,
        "automated_decision": {
            "enum": [
                "AUTOMATED_DECISION_FULLY",
                "AUTOMATED_DECISION_PARTIALLY",
                "AUTOMATED_DECISION_NOT_AUTOMATED",
            ]
        },
        "puid": {"type": "string", "maxLength": 500, "pattern": r"^[a-zA-Z0-9_-]+\Z"},
        "territorial_scope": _list_of(TERRITORIES),
    },
}
_VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker(["date"]))


def problems(record: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a record, one line a field; empty when it can be sent."""
    errors = sorted(_VALIDATOR.iter_errors(dict(record)), key=lambda error: error.json_path)
    return [f"{error.json_path}: {error.message}" for error in errors]
