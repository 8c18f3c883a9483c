"""Links and verdicts over the API: parse and render, nothing else."""

from rest_framework import serializers

from pushes.models import SuspectedLink, Verdict


class SignalSerializer(serializers.Serializer[dict[str, object]]):
    """One reason for or against suspicion; offsets count code points of the original text."""

    kind = serializers.CharField()
    field = serializers.CharField(allow_blank=True)
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    matched = serializers.CharField(allow_blank=True)
    registered = serializers.CharField(allow_blank=True)
    value = serializers.FloatField()
    contribution = serializers.FloatField(help_text="Log-odds added to the score.")
    state = serializers.ChoiceField(choices=["fired", "not_evaluated"])


class LinkSerializer(serializers.ModelSerializer[SuspectedLink]):
    """A suspected link with its evidence."""

    id = serializers.UUIDField(source="uuid")
    brand = serializers.UUIDField(source="brand.uuid")
    product_model = serializers.UUIDField(source="product_model.uuid", allow_null=True)
    listing = serializers.JSONField(source="snapshot")
    signals = SignalSerializer(many=True)
    ruleset = serializers.CharField(source="ruleset.content_hash")

    class Meta:
        model = SuspectedLink
        fields = (
            "id",
            "state",
            "brand",
            "product_model",
            "score",
            "signals",
            "listing",
            "snapshot_hash",
            "registry_revision",
            "ruleset",
            "pushed_at",
            "due_at",
            "due_zone",
            "judged_at",
        )
        read_only_fields = fields


class VerdictInput(serializers.Serializer[Verdict]):
    """A verdict as sent."""

    outcome = serializers.ChoiceField(choices=Verdict.Outcome.choices)
    right = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        help_text="Required for other_infringement: trademark, copyright, design or patent.",
    )
    reason = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="Required for a correction."
    )


class VerdictSerializer(serializers.ModelSerializer[Verdict]):
    """A verdict. It takes effect when ``held_until`` has passed."""

    id = serializers.UUIDField(source="uuid")
    link = serializers.UUIDField(source="link.uuid")

    class Meta:
        model = Verdict
        fields = (
            "id",
            "link",
            "outcome",
            "right",
            "reason",
            "state",
            "given_at",
            "held_until",
            "final_at",
        )
        read_only_fields = fields
