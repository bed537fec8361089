"""What an app may add besides, that the accounts ask: on top of `portail.extensions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from portail.extensions import Extension


@dataclass(frozen=True)
class AccountOption:
    """What an app above asks of an account that is opened: an option of `create_staff`, said as often as wanted, and
    the boxes of the page, `choices` with `label` and `aide`, where there is something to choose. `check` takes the name
    of the group and what the page said, and refuses with a ValidationError. `keep` takes the account with its group,
    and what was said; it returns a sentence for whoever opens it, or none, and refuses as well.
    """

    name: str
    metavar: str
    help: str
    keep: Callable[[User, list[str]], str]
    label: str
    aide: str
    choices: Callable[[], Sequence[tuple[str, str]]]
    check: Callable[[str, list[str]], None]


@dataclass(frozen=True, kw_only=True)
class AccountsExtension(Extension):
    """What one app adds; `AccountsExtension.installed()`, what all of them do.

    - `options`: what is asked of an agent's account that is opened, in order (`create_staff`, `accounts.views_agents`).
    - `hidden`: the fields of a model (« app.model », in lower case) whose values the agents' history never keeps: it
      says « modifiée » (`accounts.log`).
    - `parameters`: of which model (« app.Model ») these parameters of tasks are keys, alone or in a list: the tasks of
      somebody who is erased go (`accounts.effacement`).
    - `silences`: each is told from when to when (aware) nothing of the portal answered, in the transaction that sees it
      (`accounts.heartbeats`).
    """

    options: tuple[AccountOption, ...] = ()
    hidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    silences: tuple[Callable[[datetime, datetime], None], ...] = ()
