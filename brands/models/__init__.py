"""Declared facts: brands, rights, product models, characteristics, authorised sellers."""

from brands.models.brand import Brand, BrandName
from brands.models.characteristic import AuthorisedSeller, Characteristic
from brands.models.product_model import ProductModel
from brands.models.right import CredentialAudit, LetterOfAuthorisation, Registration

__all__ = [
    "AuthorisedSeller",
    "Brand",
    "BrandName",
    "Characteristic",
    "CredentialAudit",
    "LetterOfAuthorisation",
    "ProductModel",
    "Registration",
]
