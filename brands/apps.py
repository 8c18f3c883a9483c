"""The brands room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BrandsConfig(AppConfig):
    """Who owns what, and what a fake looks like."""

    name = "brands"
    verbose_name = _("Registry")

    def ready(self) -> None:
        """Add the room's jobs and its places in the navigation."""
        from brands.services import (
            bulk_import,
            catalogue,
            catalogue_undo,
            documents,
            export_rows,
            pictures,
        )
        from brands.web import first_run
        from portal.core import jobs, outbox
        from portal.core.models import Organisation
        from portal.core.policies import Permission
        from portal.core.web import navigation
        from portal.core.web.navigation import Entry

        jobs.register(bulk_import.KIND, bulk_import.step, _("Import of a registry"))
        jobs.register(catalogue.CHECK, catalogue.check_step, _("Check of a catalogue file"))
        jobs.register(catalogue.IMPORT, catalogue.import_step, _("Import of a catalogue file"))
        jobs.register(catalogue_undo.UNDO, catalogue_undo.step, _("Undo of an import"))
        outbox.register(pictures.READ, documents.read, abandoned=documents.give_up)
        export_rows.register_all()
        navigation.lead_first(first_run.first_page)
        rights_holder = frozenset({Organisation.Kind.RIGHTS_HOLDER.value})
        agent = frozenset({Organisation.Kind.AGENT.value})
        platform = frozenset({Organisation.Kind.PLATFORM.value})
        navigation.add(
            Entry(
                label=_("Registry"),
                url_name="brands:registry",
                icon="library-big",
                permission=Permission.VIEW_REGISTRY,
                order=30,
                kinds=rights_holder,
            )
        )
        for permission, kinds in (
            (Permission.VIEW_REGISTRY, rights_holder),
            (Permission.SUBMIT_CREDENTIAL, agent),
        ):
            navigation.add(
                Entry(
                    label=_("Credentials"),
                    url_name="brands:credentials",
                    icon="file-badge",
                    permission=permission,
                    order=40,
                    kinds=kinds,
                )
            )
        navigation.add(
            Entry(
                label=_("Credential audit"),
                url_name="brands:audit_queue",
                icon="stamp",
                permission=Permission.AUDIT_CREDENTIAL,
                order=10,
                kinds=platform,
            )
        )
