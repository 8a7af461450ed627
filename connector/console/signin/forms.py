"""The forms of signing in."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from connector.console.theme import AuthenticationForm, PasswordInput, TextInput

LONGEST_NAME = 150


class SignInForm(AuthenticationForm):
    """Name and password. No account has a longer name, and nothing behind the form has room for one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].validators.append(MaxLengthValidator(LONGEST_NAME))


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
