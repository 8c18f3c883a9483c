"""Addresses of the brands room."""

from django.urls import path

from brands.web import audit, credentials, facts, first_run, imports, marks, registers, registry

app_name = "brands"
urlpatterns = [
    path("", registry.brand_list, name="registry"),
    path("start/", first_run.page, name="start"),
    path("brands/new/", registry.brand_new, name="brand_new"),
    path("brands/<uuid:uuid>/", registry.brand_page, name="brand"),
    path("brands/<uuid:uuid>/change/", registry.brand_change, name="brand_change"),
    path("brands/<uuid:uuid>/logo", facts.logo, name="logo"),
    path("brands/<uuid:uuid>/marks/new/", marks.mark_kinds, name="mark_kinds"),
    path("brands/<uuid:uuid>/marks/new/<slug:kind>/", marks.mark_new, name="mark_new"),
    path("brands/<uuid:uuid>/<slug:tab>/", registry.brand_page, name="brand_tab"),
    path("names/<uuid:uuid>/remove", facts.name_remove, name="name_remove"),
    path("sellers/<uuid:uuid>/remove", facts.seller_remove, name="seller_remove"),
    path(
        "characteristics/<uuid:uuid>/<slug:act>",
        facts.characteristic_act,
        name="characteristic_act",
    ),
    path("product-models/<uuid:uuid>/", facts.product_model, name="product_model"),
    path(
        "product-models/<uuid:uuid>/images",
        facts.product_model_image,
        name="product_model_image",
    ),
    path(
        "product-models/<uuid:uuid>/active",
        facts.product_model_active,
        name="product_model_active",
    ),
    path(
        "product-models/<uuid:uuid>/images/<str:sha256>",
        facts.product_model_picture,
        name="product_model_picture",
    ),
    path("import/", imports.import_page, name="import"),
    path("import/template/<slug:what>.<slug:suffix>", imports.template, name="template"),
    path("imports/<uuid:uuid>/", imports.catalogue_page, name="catalogue"),
    path(
        "imports/<uuid:uuid>/errors.<slug:suffix>",
        imports.catalogue_errors,
        name="catalogue_errors",
    ),
    path("imports/<uuid:uuid>/<slug:act>", imports.catalogue_act, name="catalogue_act"),
    path("credentials/", credentials.credential_list, name="credentials"),
    path("credentials/registrations/new/", credentials.registration_new, name="registration_new"),
    path("credentials/letters/new/", credentials.letter_new, name="letter_new"),
    path("credentials/<uuid:uuid>/", credentials.credential_page, name="credential"),
    path("credentials/<uuid:uuid>/document", credentials.document, name="document"),
    path("credentials/<uuid:uuid>/pages/<int:number>", credentials.page, name="document_page"),
    path("credentials/<uuid:uuid>/confirm", credentials.confirm_letter, name="letter_confirm"),
    path("audit/names/", registers.names, name="audit_names"),
    path("audit/names/<uuid:uuid>/<slug:verb>", registers.name_act, name="audit_name_act"),
    path("audit/registers/", registers.registers, name="registers"),
    path("audit/", audit.queue, name="audit_queue"),
    path("audit/<uuid:uuid>/", audit.audit_page, name="audit"),
    path("audit/<uuid:uuid>/<slug:verb>", audit.act, name="audit_act"),
]
