"""Alert rules: their page, a test, and the messages that went out or did not."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from connector import tasks
from connector.alerts import mail, sending
from connector.alerts.text import lines_of, subject_of
from connector.console import moments, words
from connector.console.alerts.form import AlertRuleForm
from connector.console.configuring.page import ConfigPage
from connector.console.detail import Card
from connector.console.dialogs import RequestForm, leave_dialog, say
from connector.console.filters import OwnRelatedFilter
from connector.console.theme import action, display
from core import alerts
from core.clock import database_now
from core.models import AlertChannel, AlertMessage, AlertRule
from core.states import AlertState

SHOWN = 20
NO_MAIL = "This installation has no mail server yet: e-mail waits until EMAIL_URL and ALERT_FROM are set."


class AlertRuleAdmin(ConfigPage):
    """Who is told of problems."""

    list_display = ("name", "tenant", "channel", "goes_to", "shown_state", "last_message")
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant",)
    search_fields = ("name__istartswith",)
    ordering = ("tenant__slug", "name")
    form_class = AlertRuleForm
    detail_related = ("tenant",)
    detail_template = "console/alert_rule.html"
    actions_detail = ("send_test", "send_again")
    empty_why = "No alert rule yet. Without one, nobody is told of problems; they are only shown here."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Add when each rule's last message went out."""
        from_newest = AlertMessage.objects.filter(rule=OuterRef("pk"), state=AlertState.SENT).order_by("-pk")
        return super().get_queryset(request).annotate(last_sent_at=Subquery(from_newest.values("sent_at")[:1]))

    def detail_context(self, request: HttpRequest, obj: AlertRule) -> dict[str, Any]:
        """Give the rule's facts and its newest messages, as they were written."""
        newest = list(obj.messages.order_by("-pk").select_related("rule__tenant")[:SHOWN])
        shown = [(message, subject_of(message), "\n".join(lines_of(message))) for message in newest]
        is_mail = obj.channel == AlertChannel.EMAIL
        note = NO_MAIL if is_mail and not mail.is_set_up() else ""
        return {**super().detail_context(request, obj), "sent_messages": shown, "note": note}

    def cards(self, obj: AlertRule) -> list[Card]:
        """Show the rule; its address and secret only as stored or missing."""
        facts = [
            ("Tenant", words.link(obj.tenant)),
            ("State", words.chip(words.ENABLED[obj.is_enabled])),
            ("Channel", obj.get_channel_display()),
            ("Goes to", self.goes_to(obj)),
        ]
        if obj.channel != AlertChannel.EMAIL:
            facts.append(("Address", words.stored(obj.url)))
        if obj.channel == AlertChannel.WEBHOOK:
            facts.append(("Signing secret", words.stored(obj.secret)))
        wanted = [
            ("Codes", ", ".join(obj.codes) or "all"),
            ("Integrations", ", ".join(obj.integrations) or "all"),
            ("At most one message in", f"{obj.every_minutes} minutes"),
            ("Says when a problem is over", "yes" if obj.tells_recovered else "no"),
        ]
        return [Card("Alert rule", facts), Card("What is told", wanted)]

    @action(
        description="Send a test",
        url_path="send-test",
        icon="send",
        permissions=["operate"],
        dialog={
            "title": "Send a test",
            "description": "Sends one message that says it is a test, now.",
            "form_class": RequestForm,
            "form_submit_text": "Send",
        },
    )
    def send_test(self, request: HttpRequest, form: RequestForm, object_id: str) -> HttpResponse:
        """Send a message that tells of nothing, and say what came of it."""
        rule = self.require(request, object_id)
        message = alerts.test_message(rule, actor=request.user.get_username(), now=database_now())
        sending.send(message.pk, now=database_now())
        message.refresh_from_db()
        if message.state == AlertState.SENT:
            messages.success(request, f"{self.goes_to(rule)} took the test message.")
            return leave_dialog(reverse("admin:core_alertrule_change", args=[rule.pk]))
        later = " It is tried again by itself." if message.state == AlertState.PENDING else ""
        return say(f"The test did not get through. {message.sentence}{later}")

    @action(
        description="Send failed ones again",
        url_path="send-again",
        icon="replay",
        permissions=["operate"],
        dialog={
            "title": "Send again what did not get through?",
            "description": "Every failed message of this rule is tried once more.",
            "form_class": RequestForm,
            "form_submit_text": "Send again",
        },
    )
    def send_again(self, request: HttpRequest, form: RequestForm, object_id: str) -> HttpResponse:
        """Let the rule's failed messages be sent once more."""
        rule = self.require(request, object_id)
        count = alerts.send_again(rule, actor=request.user.get_username(), now=database_now())
        for message_id in alerts.due_messages(SHOWN):
            tasks.ring(tasks.send_alert, message_id=message_id)
        messages.success(request, f"{count} messages are sent again." if count else "No message of this rule failed.")
        return leave_dialog(reverse("admin:core_alertrule_change", args=[rule.pk]))

    @display(description="Goes to")
    def goes_to(self, obj: AlertRule) -> str:
        """Show the recipients, or the webhook's host; its whole address is a credential."""
        return ", ".join(obj.recipients) if obj.channel == AlertChannel.EMAIL else obj.host

    @display(description="State", ordering="is_enabled")
    def shown_state(self, obj: AlertRule) -> SafeString:
        """Show whether the rule tells of anything."""
        return words.chip(words.ENABLED[obj.is_enabled])

    @display(description="Last message")
    def last_message(self, obj: Any) -> SafeString:
        """Show when the last message went out."""
        return moments.moment(obj.last_sent_at, obj.tenant.time_zone)


admin.site.register(AlertRule, AlertRuleAdmin)
