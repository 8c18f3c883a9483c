"""API addresses of the brands room."""

from django.urls import path

from brands.api import views

urlpatterns = [
    path("brands", views.Brands.as_view(), name="api-brands"),
    path("product-models", views.ProductModels.as_view(), name="api-product-models"),
    path("characteristics", views.Characteristics.as_view(), name="api-characteristics"),
    path("authorised-sellers", views.AuthorisedSellers.as_view(), name="api-authorised-sellers"),
]
