"""Addresses of the complaints room."""

from django.urls import path

from complaints.web import (
    credit_views,
    measure_views,
    review_views,
    right_views,
    staff_views,
    statement_views,
    views,
)

app_name = "complaints"
urlpatterns = [
    path("fallen/", right_views.fallen, name="fallen"),
    path("fallen/reviews", right_views.close_reviews, name="close_reviews"),
    path("fallen/<uuid:uuid>/reject", right_views.reject_frozen, name="reject_frozen"),
    path("", views.complaint_list, name="complaints"),
    path("ready/", views.ready, name="ready"),
    path("file/", views.file, name="file"),
    path("undo/", views.undo_many, name="undo_many"),
    path("queue/", staff_views.queue, name="queue"),
    path("accounts/", credit_views.account_list, name="accounts"),
    path("accounts/<uuid:uuid>/", credit_views.account_page, name="account"),
    path("accounts/<uuid:uuid>/appeal/", credit_views.appeal, name="appeal_tier"),
    path("accounts/appeals/<uuid:uuid>/", credit_views.answer_appeal, name="answer_appeal"),
    path(
        "accounts/appeals/<uuid:uuid>/withdraw/",
        credit_views.withdraw_appeal,
        name="withdraw_appeal",
    ),
    path("accounts/rules/", credit_views.rules_page, name="good_faith_rules"),
    path("accounts/rules/change/", credit_views.change_rules, name="change_good_faith_rules"),
    path("measures/", measure_views.proposals, name="measures"),
    path("measures/shops/<uuid:uuid>/", measure_views.consequence, name="consequence"),
    path("measures/steps/<uuid:uuid>/", measure_views.step, name="misuse_step"),
    path("measures/reviews/<uuid:uuid>/", measure_views.settle_review, name="settle_review"),
    path("reviews/", review_views.review_queue, name="reviews"),
    path("reviews/<uuid:uuid>/", review_views.review, name="review"),
    path("orders/", staff_views.order_list, name="orders"),
    path("orders/<uuid:uuid>/send/", staff_views.send_order, name="send_order"),
    path("sellers/", staff_views.seller_list, name="sellers"),
    path("sellers/<uuid:uuid>/", staff_views.seller_page, name="seller"),
    path("statements/<str:token>/", statement_views.statement, name="statement"),
    path("<uuid:uuid>/", views.complaint_page, name="complaint"),
    path("<uuid:uuid>/undo/", views.undo, name="undo"),
    path("<uuid:uuid>/decide/", staff_views.decide, name="decide"),
]
