"""Rule expressions: three-valued, traced, and unable to reach anything but facts."""

from advisor.expression.language import Expression, ExpressionError, parse
from advisor.expression.values import Frame, Unknown

__all__ = ["Expression", "ExpressionError", "Frame", "Unknown", "parse"]
