"""The registry over the API: list what is declared, declare more."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from brands import selectors
from brands.api.serializers import (
    AuthorisedSellerSerializer,
    BrandSerializer,
    CharacteristicSerializer,
    NewAuthorisedSellerSerializer,
    NewBrandSerializer,
    NewCharacteristicSerializer,
    NewProductModelSerializer,
    ProductModelSerializer,
)
from brands.models import AuthorisedSeller, Brand, Characteristic, ProductModel
from brands.services import characteristics, product_models, registration, sellers
from brands.services.characteristics import Declared
from brands.services.product_models import ProductFacts
from brands.services.registration import NewName
from portal.core.actors import Actor
from portal.core.api.permissions import actor_of
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import Marketplace
from portal.core.policies import Permission

_PERMISSIONS = {"GET": Permission.VIEW_REGISTRY, "POST": Permission.EDIT_REGISTRY}
_BRAND = OpenApiParameter("brand", UUID, description="Only facts of this brand.")


def _known(request: Request) -> Actor:
    actor = actor_of(request)
    if actor is None:
        raise NotAllowed("unknown_caller", _("Sign in, or send an API key."))
    return actor


def _brand(actor: Actor, brand_id: UUID) -> Brand:
    """The brand a fact is added to; another tenant's brand is unknown here."""
    brand = selectors.brands_editable_by(actor).filter(uuid=brand_id).first()
    if brand is None:
        raise InvalidInput.one("brand", "unknown_brand", _("There is no such brand."))
    return brand


def _asked_brand(request: Request) -> UUID | None:
    asked = request.query_params.get("brand", "")
    try:
        return UUID(asked) if asked else None
    except ValueError:
        raise InvalidInput.one("brand", "not_an_id", _("This is not an id.")) from None


class Brands(GenericAPIView[Brand]):
    """Brands of the organisation."""

    permissions = _PERMISSIONS
    serializer_class = BrandSerializer

    def get_queryset(self) -> QuerySet[Brand]:
        """Return the brands the caller may see."""
        return selectors.brands_visible_to(actor_of(self.request)).prefetch_related("names")

    @extend_schema(operation_id="brands_list", responses=BrandSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List brands, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(BrandSerializer(page or [], many=True).data)

    @extend_schema(
        operation_id="brands_register",
        request=NewBrandSerializer,
        responses={201: BrandSerializer},
    )
    def post(self, request: Request) -> Response:
        """Register a brand with its names."""
        asked = NewBrandSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = _known(request)
        if actor.organisation is None:
            raise NotAllowed("no_organisation", _("This key belongs to no rights holder."))
        brand = registration.register_brand(
            actor=actor,
            now=timezone.now(),
            organisation=actor.organisation,
            name=asked.validated_data["name"],
            names=[NewName(**name) for name in asked.validated_data["names"]],
        )
        return Response(BrandSerializer(brand).data, status.HTTP_201_CREATED)


class ProductModels(GenericAPIView[ProductModel]):
    """Product models of the organisation's brands."""

    permissions = _PERMISSIONS
    serializer_class = ProductModelSerializer

    def get_queryset(self) -> QuerySet[ProductModel]:
        """Return the product models the caller may see, of one brand if asked."""
        rows = selectors.product_models_visible_to(actor_of(self.request))
        brand = _asked_brand(self.request)
        return rows.filter(brand__uuid=brand) if brand else rows

    @extend_schema(
        operation_id="product_models_list",
        parameters=[_BRAND],
        responses=ProductModelSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List product models, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(ProductModelSerializer(page or [], many=True).data)

    @extend_schema(
        operation_id="product_models_register",
        request=NewProductModelSerializer,
        responses={201: ProductModelSerializer},
    )
    def post(self, request: Request) -> Response:
        """Register a product model."""
        asked = NewProductModelSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor, facts = _known(request), dict(asked.validated_data)
        model = product_models.register_product_model(
            actor=actor,
            now=timezone.now(),
            brand=_brand(actor, facts.pop("brand")),
            facts=ProductFacts(**facts),
        )
        return Response(ProductModelSerializer(model).data, status.HTTP_201_CREATED)


class Characteristics(GenericAPIView[Characteristic]):
    """Characteristics of fakes."""

    permissions = _PERMISSIONS
    serializer_class = CharacteristicSerializer

    def get_queryset(self) -> QuerySet[Characteristic]:
        """Return the characteristics the caller may see, of one brand if asked."""
        rows = selectors.characteristics_visible_to(actor_of(self.request))
        brand = _asked_brand(self.request)
        return rows.filter(brand__uuid=brand) if brand else rows

    @extend_schema(
        operation_id="characteristics_list",
        parameters=[_BRAND],
        responses=CharacteristicSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List characteristics, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(CharacteristicSerializer(page or [], many=True).data)

    @extend_schema(
        operation_id="characteristics_declare",
        request=NewCharacteristicSerializer,
        responses={201: CharacteristicSerializer},
    )
    def post(self, request: Request) -> Response:
        """Declare a characteristic; its dry run admits it a little later."""
        asked = NewCharacteristicSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor, facts = _known(request), dict(asked.validated_data)
        brand = _brand(actor, facts.pop("brand"))
        row = characteristics.declare(
            actor=actor,
            now=timezone.now(),
            brand=brand,
            product_model=_product_model(brand, facts.pop("product_model")),
            declared=Declared(**facts),
        )
        return Response(CharacteristicSerializer(row).data, status.HTTP_201_CREATED)


class AuthorisedSellers(GenericAPIView[AuthorisedSeller]):
    """Sellers whom the brands have authorised."""

    permissions = _PERMISSIONS
    serializer_class = AuthorisedSellerSerializer

    def get_queryset(self) -> QuerySet[AuthorisedSeller]:
        """Return the sellers the caller may see, of one brand if asked."""
        rows = selectors.authorised_sellers_visible_to(actor_of(self.request))
        brand = _asked_brand(self.request)
        return rows.filter(brand__uuid=brand) if brand else rows

    @extend_schema(
        operation_id="authorised_sellers_list",
        parameters=[_BRAND],
        responses=AuthorisedSellerSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List authorised sellers, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(AuthorisedSellerSerializer(page or [], many=True).data)

    @extend_schema(
        operation_id="authorised_sellers_add",
        request=NewAuthorisedSellerSerializer,
        responses={201: AuthorisedSellerSerializer},
    )
    def post(self, request: Request) -> Response:
        """Authorise a seller."""
        asked = NewAuthorisedSellerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor, facts = _known(request), dict(asked.validated_data)
        seller = sellers.authorise(
            actor=actor,
            now=timezone.now(),
            brand=_brand(actor, facts.pop("brand")),
            marketplace=_marketplace(facts.pop("marketplace")),
            **facts,
        )
        return Response(AuthorisedSellerSerializer(seller).data, status.HTTP_201_CREATED)


def _product_model(brand: Brand, model_id: UUID | None) -> ProductModel | None:
    if model_id is None:
        return None
    model = brand.product_models.filter(uuid=model_id).first()
    if model is None:
        message = _("The brand has no such product model.")
        raise InvalidInput.one("product_model", "unknown_product_model", message)
    return model


def _marketplace(slug: str | None) -> Marketplace | None:
    if slug is None:
        return None
    marketplace = Marketplace.objects.filter(slug=slug).first()
    if marketplace is None:
        message = _("There is no such marketplace.")
        raise InvalidInput.one("marketplace", "unknown_marketplace", message)
    return marketplace
