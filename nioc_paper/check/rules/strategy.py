"""Rules about objectives, risks and costs of the strategy."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.rules.entries import has_value
from nioc_paper.domain.costs import read_cost
from nioc_paper.domain.facts import plain_text_with_facts
from nioc_paper.model import Paper


def idle_objective(paper: Paper) -> Iterator[Finding]:
    """Every objective is served by a recommendation.

    Bad: an objective that no '- Objective:' names
    Good: - Objective: obj-safety
    """
    served = {name for item in paper.items_of_kind("recommendation") for name in item.field_parts("objective")}
    for objective in paper.items_of_kind("objective"):
        if objective.id not in served:
            hint = f"add '- Objective: {objective.id}' to a recommendation"
            yield Finding(objective.place, f"no recommendation serves the {objective.kind_and_id}", hint)


def unreadable_cost(paper: Paper) -> Iterator[Finding]:
    """A cost in figures is a currency code, an amount and the year of its prices, with its source of funds.

    Bad: - Cost: Rs 40 million
    Good: - Cost: PKR 40 million a year (2019), - Funding: budget of the ministry
    """
    for item in paper.items_of_kind("recommendation"):
        cost = plain_text_with_facts(item.fields["cost"].inlines, paper.facts) if "cost" in item.fields else ""
        if not any(map(str.isdigit, cost)):
            continue
        if read_cost(cost) is None:
            hint = "write 'PKR 40 million (2019)' or 'PKR 40 million a year (2019)'"
            yield Finding(item.fields["cost"].place, f"'{cost}' is not an amount with currency and year", hint)
        elif not has_value(item, "funding"):
            message = f"the cost of the {item.kind_and_id} has no source of funds"
            yield Finding(item.fields["cost"].place, message, "add a line '- Funding: …' to it")
