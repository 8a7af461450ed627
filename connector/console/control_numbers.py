"""Control numbers of a partner: which one comes next, and setting it, as when another system was used before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from connector.console.detail import DetailPage
from core import numbers
from core.clock import database_now
from core.models import ControlNumber, Partner, Role

LEVELS = {"ISA": "Interchange (ISA)", "GS": "Group (GS)", "UNB": "EDIFACT interchange (UNB)"}
_OF_BLOCK = {"x12": ("ISA", "GS"), "edifact": ("UNB",)}
MOVED = "A number was used or set in the meantime. Look again, then repeat it."


@dataclass(frozen=True, slots=True)
class Counter:
    """One count that a partner sees: from which id to which, at which level, and how far it is."""

    sender: str
    receiver: str
    level: str
    next: int
    is_used: bool

    @property
    def key(self) -> str:
        """Name the count in the form."""
        return f"{self.level} {self.sender} {self.receiver}"

    @property
    def words(self) -> str:
        """Name the level."""
        return LEVELS[self.level]


def counters_of(partner: Partner) -> list[Counter]:
    """List the counts of a partner's ids, those of test mode included, whether a number was used yet or not."""
    wanted = list(dict.fromkeys(_ids(partner)))
    rows = ControlNumber.objects.filter(tenant_id=partner.tenant_id, receiver__in={ids[1] for ids in wanted})
    last = {(row.sender, row.receiver, row.level): row.last for row in rows}
    return [
        Counter(sender, receiver, level, _after(used), used > 0)
        for sender, receiver, level in wanted
        for used in [last.get((sender, receiver, level), 0)]
    ]


def _after(last: int) -> int:
    return last + 1 if last < numbers.LARGEST else 1


def _ids(partner: Partner) -> Iterator[tuple[str, str, str]]:
    for name, levels in _OF_BLOCK.items():
        block = getattr(partner, name)
        for ids in (block, {**block, **(partner.test.get(name) or {})}):
            if ids.get("sender") and ids.get("receiver"):
                for level in levels:
                    yield ":".join(map(str, ids["sender"])), ":".join(map(str, ids["receiver"])), level


class NextForm(forms.Form):
    """Which count, the number it goes on with, and why."""

    counter = forms.ChoiceField(label="Count")
    to = forms.IntegerField(label="Next number", min_value=1, max_value=numbers.LARGEST)
    reason = forms.CharField(max_length=500, label="Why", widget=forms.Textarea({"rows": 2}))
    again = forms.BooleanField(required=False, label="The partner knows that numbers come a second time")

    def __init__(self, *args: Any, counters: list[Counter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counters = {counter.key: counter for counter in counters}
        choices = [(key, f"{each.words}, {each.sender} to {each.receiver}") for key, each in self.counters.items()]
        self.fields["counter"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Let a count go back only where somebody has said that the partner knows."""
        data: dict[str, Any] = super().clean() or {}
        counter = self.counters.get(data.get("counter", ""))
        if counter and data.get("to", counter.next) < counter.next and not data.get("again"):
            self.add_error(
                "again",
                f"Numbers below {counter.next} were used: the partner refuses them as duplicates. Go on from"
                f" {counter.next}, or agree it with the partner first.",
            )
        return data


class ControlNumberPages(DetailPage):
    """The view of a partner's control numbers, for the page family of partners."""

    def control_numbers(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show which numbers come next; owners set them."""
        partner: Partner = self.require(request, object_id)
        may_set = self.holds(request, Role.OWNER, partner)
        counters = counters_of(partner)
        form = NextForm(request.POST or None, counters=counters)
        if request.method == "POST":
            if not may_set:
                raise PermissionDenied
            if form.is_valid() and self._set(request, partner, form):
                return redirect("admin:core_partner_control_numbers", partner.pk)
        context = {**self.page_context(request, partner), "counters": counters, "form": form, "may_set": may_set}
        return TemplateResponse(request, "console/control_numbers.html", context)

    def _set(self, request: HttpRequest, partner: Partner, form: NextForm) -> bool:
        counter, data = form.counters[form.cleaned_data["counter"]], form.cleaned_data
        is_set = numbers.set_next(
            partner.tenant_id,
            sender=counter.sender,
            receiver=counter.receiver,
            level=counter.level,
            to=data["to"],
            seen=counter.next,
            reason=data["reason"],
            actor=request.user,
            now=database_now(),
        )
        if not is_set:
            form.add_error(None, MOVED)
            return False
        messages.success(request, f"{counter.words} goes on with {data['to']}.")
        return True
