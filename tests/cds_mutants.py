"""JSON with some of its places replaced by junk or taken away."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
Place = tuple[Any, ...]


def places_below(value: Any, place: Place = ()) -> list[Place]:  # noqa: ANN401  # any JSON
    """Every place below a value."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[Place] = []
    for key, member in members:
        found.append((*place, key))
        if isinstance(member, dict | list):
            found += places_below(member, (*place, key))
    return found


@st.composite
def mutants(draw: st.DrawFn, bodies: Sequence[Json], junk: st.SearchStrategy[Any]) -> Json:
    """One of the bodies with one to three of its places replaced or removed."""
    mutant = deepcopy(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 3))):
        found = places_below(mutant)
        if not found:
            break
        *path, last = draw(st.sampled_from(found))
        holder: Any = mutant
        for key in path:
            holder = holder[key]
        if draw(st.booleans()):
            holder[last] = draw(junk)
        else:
            del holder[last]
    return mutant
