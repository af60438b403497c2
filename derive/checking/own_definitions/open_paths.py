r"""Ways by which a derivative may go that a text does not write out: E by o_1, and by o_2 too.

A name without a formula stands for any function.  Where o_1 = \sigma(w_1 h + b) is said, and of o_2
nothing, o_2 may depend on h as well, and on a bias of its layer; on w_1, which leads into the unit
of o_1 alone, it does not.
"""

from __future__ import annotations

from string import digits

from derive.algebra.quantities import Partial, Quantity, quantities_in
from derive.model.defined_model import DefinedModel
from derive.model.model import Head
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.statements import Claim


def open_path(inferred: InferredModel, model: DefinedModel, claim: Claim) -> str | None:
    """A name by way of which a derivative of an equation may go, as far as the text tells."""
    unsaid = sorted(name for name in inferred.unsaid if name[-1:] in digits)
    heads = {str(head[0]): head for head in (*model.given, *model.defined)}
    for side in (claim.left, claim.right) if unsaid or inferred.siblings else ():
        for node in side.atoms(Partial):
            of, by = {q.args[:2] for q in quantities_in(node.of)}, node.wrt.args[:2]
            open_of = any(model.opaque(one) for one in of)
            for name in (*unsaid, *(sorted(inferred.siblings) if _is_bias(model, by) else ())):
                head = heads.get(name)
                known = head is not None and any(model.depends(one, head) for one in of)
                if (open_of or known) and head != by and _may_depend(model, name, head, by):
                    return name
    return None


def _may_depend(model: DefinedModel, name: str, given: Head | None, on: Head) -> bool:
    """Whether a unit of which nothing is said may depend on a quantity, as one of its kind does.

    What others of its kind are computed from is no unit beside them, but a state before.
    """
    kind = name.rstrip(digits)
    like = (one for one in model.defined if str(one[0]).rstrip(digits) == kind)
    beside = (one for one in like if given is None or not model.depends(one, given))
    return any(model.depends(one, on) and not _leads_into(model, on, one) for one in beside)


def _leads_into(model: DefinedModel, name: Head, unit: Head) -> bool:
    """Whether a quantity belongs to a unit, or is a weight of it alone: w_5 of net_o1, out_o1."""
    if _label(name) == _label(unit):
        return True
    is_weight = model.role(name) == "parameter" and not _is_bias(model, name)
    users = model.users(Quantity(*name)) if is_weight else ()
    return bool(users) and all(_label(one) == _label(unit) for one in users)


def _is_bias(model: DefinedModel, name: Head) -> bool:
    return model.role(name) == "parameter" and str(name[0]).startswith(("b", "beta"))


def _label(name: Head) -> str:
    """What numbers a unit: o1 of net_o1."""
    return str(name[0]).rpartition("_")[2]
