"""Settings of property tests: how many examples they try in the default run, and under --long."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

_read_constants = providers._get_local_constants
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


def load(*, long: bool, examples: int) -> None:
    """Load the profile: `suite` tries the same examples in each run, `long` tries many that a seed decides."""
    # The suite must not fail by chance, and a loaded machine is not a fault of the code.
    base = settings(deadline=None, database=None, max_examples=100, print_blob=False, suppress_health_check=())
    settings.register_profile("suite", base, derandomize=True)
    settings.register_profile(
        "long", base, derandomize=False, max_examples=examples, print_blob=True, suppress_health_check=SLOW
    )
    settings.load_profile("long" if long else "suite")
    # Constants of the modules that happen to be imported: other examples in each order of tests, and 1.5 s to read.
    providers._get_local_constants = _read_constants if long else _no_constants


def _no_constants() -> Constants:
    return providers._local_constants


def few(examples: int, *, suppress: tuple[HealthCheck, ...] = ()) -> settings:
    """Return settings of a slow property, as a decorator: few examples by default, under --long as many as all."""
    default = settings.get_profile(settings.get_current_profile_name())
    return settings(
        default,
        max_examples=examples if default.derandomize else default.max_examples,
        suppress_health_check=(*default.suppress_health_check, *suppress),
    )
