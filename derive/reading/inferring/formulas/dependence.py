r"""What a text lets depend on what without a formula: \partial y/\partial u, and z = f(u, v).

As far as first derivatives go, a differentiable function is its tangent: an equation between
values and first derivatives that holds for every affine function, whatever its coefficients are,
holds for every function.  So each such name is defined as affine, with coefficients for which
the text has no names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from string import digits

from derive.reading.inferring.candidates import Candidate, Collected
from derive.reading.inferring.formulas.grouping import FUNCTIONS
from derive.reading.inferring.formulas.insertions import name_of
from derive.reading.inferring.formulas.nodes import Applied, Factors, Name, Node, Summed, TermSum
from derive.reading.inferring.names import Key, key_of, slope_of

Graph = Mapping[Key, set[Key]]

#: How biases are called: of a layer, or with the number of their unit.
_BIASES = ("b", "bias", "\\beta")


def open_functions(
    found: Collected,
    first: Mapping[Key, Candidate],
    later: Collection[Key],
    used: Callable[[Node], Iterable[Key]],
) -> dict[Key, tuple[Key, ...]]:
    r"""The names that are set to f(u, v), or are differentiated and have no formula: of u and v.

    One that is differentiated by two others depends on both, but on none by way of the other: of
    \partial C/\partial a, \partial a/\partial z, \partial C/\partial z the last says nothing new.

    A cost alone that is some function of one output is none of them.

    Args:
        first: the definitions of the text.
        later: names that have another formula besides.
        used: the names in a formula.
    """
    compared = {name for key, one in first.items() if key.is_cost for name in used(one.right)}
    known = {key for key in compared if key.role == "target"} | {*later}
    stated = {key: names for key, names in _stated(first).items() if key not in known}
    formulas = {key: {*used(one.right)} for key, one in first.items() if key not in stated}
    indexed = {key for key, one in first.items() if one.letters}
    units = {of for pair in found.slopes for of, _ in pair if _is_unit(of, indexed)}
    differentiated = _differentiated(found, {*formulas, *stated, *found.told, *units})
    whole = {**formulas, **stated, **differentiated}
    reached = {key: _reached(whole, key) for key in whole}
    named = {key_of(n)[0] for side in found.sides for n in side.walk() if isinstance(n, Name)}
    beside: dict[Key, set[Key]] = {}
    for key, names in differentiated.items():
        if not key.below[-1:].isdigit():  # o_2 is of its own z_2 alone
            beside[key] = {n for n in named if any(_is_beside(reached, o, n) for o in names)} - {
                key
            }
            names |= beside[key]
    reached = {key: _reached(whole, key) for key in whole}
    direct = dict(stated)
    for key, names in differentiated.items():
        direct[key] = {one for one in names if not any(one in reached.get(n, ()) for n in names)}
    spoken = {key for pair in found.own_slopes for key, _ in pair} | {*first}
    spoken |= {one for key in spoken for one in reached.get(key, ())}
    kept = {
        key: tuple(sorted(names, key=str))
        for key, names in direct.items()
        if names and key in spoken and key not in reached[key]
    }
    each = {key for (key, letters), _ in found.slopes if letters}  # the cost of a sample
    alone = [
        key
        for key, names in kept.items()
        if key.is_cost
        and key not in {*stated, *each}
        and sum(name in whole or name in beside.get(key, ()) for name in names) < 2
    ]
    return {} if len(kept) == len(alone) == 1 and first else kept


def _differentiated(found: Collected, told: Collection[Key]) -> dict[Key, set[Key]]:
    """The names that are differentiated and not told, each with those by which they are."""
    by_each: dict[Key, set[Key]] = {}
    for (of, _), (by, _) in found.slopes:
        same = (of.base, of.layer) == (by.base, by.layer)  # w_{im} and w_{hm} are of one w
        if of not in told and not same and of.role != "target":
            by_each.setdefault(of, set()).add(by)
    return by_each


def _is_unit(key: Key, indexed: Collection[Key]) -> bool:
    """Whether a name is unit 1 of one that has a formula for each, p_1 of p_i."""
    return key.below.isdigit() and Key(key.base, "", key.layer) in indexed


def _is_beside(reached: Graph, computed: Key, other: Key) -> bool:
    """Whether another is numbered as what is computed is, and none of both comes of the other.

    What depends on o_1 depends on o_2 too, where a text has both.
    """
    apart = other not in reached.get(computed, ()) and computed not in reached.get(other, ())
    return computed in reached and apart and other != computed and _is_like(computed, other)


def siblings(
    first: Mapping[Key, Candidate],
    functions: Mapping[Key, tuple[Key, ...]],
    used: Callable[[Node], Iterable[Key]],
) -> dict[Key, tuple[Key, ...]]:
    r"""What o_2 may depend on where only of o_1 that is said: on the units below, as o_1 does.

    Of o_1 = \sigma(z_1), z_1 = w_1 h + b that is h, and the bias b of the layer; so it is of E_2,
    where E_1 = (t_1 - o_1)^2.  The weight w_1 leads into the unit of o_1 alone, and b_1 would.
    What o_1 itself is computed from, as h_1 is from h_0, is none of its kind.

    Args:
        functions: the open functions, each with what it is of.
    """
    known = {key: {*used(one.right)} for key, one in first.items()}
    known |= {key: {*names} for key, names in functions.items()}
    found: dict[Key, tuple[Key, ...]] = {}
    leaves = {name for names in known.values() for name in names} - {*known}
    for leaf in sorted(leaves, key=str):
        if not leaf.below or leaf.role != "unexplained":
            continue
        like = [one for one in known if _is_like(one, leaf)]
        if any(leaf in _reached(known, one) for one in like):
            continue
        below = {name for one in like for name in _units_below(known, one)} - {leaf}
        if below:
            found[leaf] = tuple(sorted(below, key=str))
    return {**_terms_beside(first, known, found), **found}


def _terms_beside(
    first: Mapping[Key, Candidate], known: Graph, told: Collection[Key]
) -> dict[Key, tuple[Key, ...]]:
    r"""The R of a cost C + \lambda R, where nothing says what it is: of the parameters of C."""
    found: dict[Key, tuple[Key, ...]] = {}
    for key, one in first.items():
        if not key.is_cost or not isinstance(one.right, TermSum):
            continue
        plain = [{key_of(n)[0] for n in t.walk() if isinstance(n, Name)} for t in one.right.terms]
        below = {name for name in _reached(known, key) if name.role == "parameter"}
        for names in plain:
            opened = {n for n in names if n.role == "unexplained" and n not in known}
            alone = all(n in opened or n.role == "constant" for n in names)
            if alone and len(opened) == 1 and below and not opened & {*told}:
                found[opened.pop()] = tuple(sorted(below, key=str))
    return found


def _is_like(one: Key, other: Key) -> bool:
    stems = {key.below.rstrip(digits) for key in (one, other)}
    numbered = len(stems) == 1 and stems.isdisjoint((one.below, other.below))
    return numbered and (one.base, one.layer) == (other.base, other.layer)


def _units_below(graph: Graph, start: Key) -> set[Key]:
    """The first names that are computed from each other by more than one argument."""
    seen = {start}
    while len(ahead := _untold(graph, start)) == 1:
        (start,) = ahead
        if start in seen:
            return set()
        seen.add(start)
    names = ahead or {start}
    return {name for name in names if _is_shared(name, start)}


def _is_shared(name: Key, unit: Key) -> bool:
    """Whether the units beside one may be computed from a name as it is: no weight is."""
    if name.role == "parameter":
        return name.base.rstrip(digits) in _BIASES and name.below != unit.below
    return name.role != "constant"


def _untold(graph: Graph, key: Key) -> set[Key]:
    """What a name is computed from, but for the target that it is compared with."""
    return {name for name in graph.get(key, ()) if name.role != "target"}


def affine(
    key: Key,
    of: tuple[Key, ...],
    rank: int,
    ranks: Mapping[Key, int],
    letters: tuple[str, ...],
    place: int,
) -> Candidate:
    """v + sum_k s_k u_k for each u, whose entries k all count.

    Args:
        rank: how many indices the function has, and `ranks` the others.
        letters: those of the indices that are brought in.
        place: of what states the function, -1 where nothing does.
    """
    own = letters[:rank]
    terms: list[Node] = [name_of(slope_of(key, None), own)]
    for name in of:
        summed = letters[rank : rank + ranks.get(name, 0)]
        product = Factors(
            0, (name_of(slope_of(key, name), own + summed), name_of(name, summed)), ("", "cdot")
        )
        terms.append(Summed(0, summed, "", product) if summed else product)
    return Candidate(key, own, TermSum(0, (1,) * len(terms), tuple(terms)), place, "")


def _stated(first: Mapping[Key, Candidate]) -> dict[Key, set[Key]]:
    """The names that are set to f(u), of a function f that the text never says, each with its u.

    The v of z = f(v(u)) is one of them.
    """
    found: dict[Key, set[Key]] = {}
    for key, one in first.items():
        if isinstance(one.right, Applied) and _is_open(one.right, first) and not one.key.any_layer:
            for of, by in _links(key, one.right):
                if of == key or of not in first:
                    found.setdefault(of, set()).add(by)
    return found


def _links(of: Key, applied: Applied) -> Iterator[tuple[Key, Key]]:
    for argument in applied.arguments:
        name = argument.name if isinstance(argument, Applied) else argument
        assert isinstance(name, Name)
        yield of, key_of(name)[0]
        if isinstance(argument, Applied):
            yield from _links(key_of(name)[0], argument)


def _is_open(applied: Applied, first: Mapping[Key, Candidate]) -> bool:
    """Whether a side is f(u, v(w)) with names alone, and f is no function that is known."""
    if applied.name.text in FUNCTIONS or key_of(applied.name)[0] in first:
        return False
    return applied.bracketed and all(
        isinstance(one, Name) or (isinstance(one, Applied) and _is_open(one, first))
        for one in applied.arguments
    )


def _reached(graph: Graph, start: Key) -> set[Key]:
    """What a name depends on, by any number of steps."""
    found: set[Key] = set()
    ahead = [*graph.get(start, ())]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += graph.get(one, ())
    return found


def said_to_be_softmax(
    found: Collected, first: Mapping[Key, Candidate], functions: Mapping[Key, tuple[Key, ...]]
) -> dict[Key, Candidate]:
    r"""The one open function of a text that it can mean by "the softmax", as a definition.

    One of which \partial p_i/\partial z_j is spoken of is no activation unit by unit.
    """
    if not found.says_softmax:
        return {}
    across = {
        (of[0], by[0])
        for of, by in found.slopes
        if len(of[1]) == len(by[1]) == 1 and of[1] != by[1] and not of[0].is_cost
    }
    unsaid = [key for key, of in functions.items() if len(of) == 1 and key not in first]
    meant = [key for key in unsaid if (key, functions[key][0]) in across]
    return {key: _softmax(key, functions[key][0]) for key in meant if len(meant) == 1}


def _softmax(key: Key, of: Key) -> Candidate:
    letters = ("i",)
    right = Applied(0, Name(0, "softmax"), (name_of(of, letters),))
    return Candidate(key, letters, right, -1, "")
