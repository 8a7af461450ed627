"""The forms of signing in."""

from django import forms

from connector.console.theme import PasswordInput, TextInput


class CodeForm(forms.Form):
    """A code of the authenticator, or a recovery code."""

    code = forms.CharField(
        max_length=40,
        label="Code",
        widget=TextInput({"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class PasswordForm(forms.Form):
    """The password again."""

    password = forms.CharField(
        max_length=4096,
        strip=False,
        label="Password",
        widget=PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )
