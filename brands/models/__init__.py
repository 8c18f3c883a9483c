"""Declared facts: brands, rights, product models, characteristics, authorised sellers."""

from brands.models.brand import Brand, BrandName
from brands.models.catalogue import CatalogueFact, CatalogueImport
from brands.models.characteristic import AuthorisedSeller, Characteristic
from brands.models.document import DocumentPage, DocumentReading
from brands.models.product_model import ProductModel
from brands.models.register import RegisterEntry, RegisterFile
from brands.models.right import (
    CredentialAudit,
    LetterOfAuthorisation,
    Registration,
    Revocation,
)

__all__ = [
    "AuthorisedSeller",
    "Brand",
    "BrandName",
    "CatalogueFact",
    "CatalogueImport",
    "Characteristic",
    "CredentialAudit",
    "DocumentPage",
    "DocumentReading",
    "LetterOfAuthorisation",
    "ProductModel",
    "RegisterEntry",
    "RegisterFile",
    "Registration",
    "Revocation",
]
