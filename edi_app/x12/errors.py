"""What can be wrong with X12 that somebody sent or wants to send.

X12Unreadable   nothing of the data can be understood as an interchange
DocumentRefused a document that cannot be expressed as the partner's X12 (a child of Invalid)
DeletedPayment  ... because its payment was deleted; kept until a person decides
"""

from core.errors import Invalid, PermanentError


class X12Unreadable(PermanentError):
    """The data is not X12, or is damaged so that not even its delimiters are known."""

    code = "EDI_UNREADABLE"
    next_step = "Ask the partner for the file again."


class DocumentRefused(Invalid):
    """A document that cannot leave as it is; `findings` names segment, element and reason."""

    code = "EDI_INVALID"
    next_step = "Correct the record in Xero or the mapping, then replay."


class DeletedPayment(DocumentRefused):
    """X12 820 has no form for taking back a payment; the export is held for a person."""

    code = "EDI_PAYMENT_DELETED"
    next_step = "Tell the partner yourself, then mark the export as done."
    holds = True


class CannotAcknowledge(PermanentError):
    """No valid acknowledgment can be written: there is nothing to answer, or what must be copied is wrong."""

    code = "EDI_CANNOT_ACKNOWLEDGE"
    next_step = "Tell the partner by other means."
