"""Reading what people write: formulas in ASCII as expressions, equations and conditions."""

from derive.reading.formulas import read_condition, read_equation, read_expression

__all__ = ["read_condition", "read_equation", "read_expression"]
