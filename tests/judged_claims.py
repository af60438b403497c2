"""The claims, judged once for all tests that look at them."""

from __future__ import annotations

from functools import cache

from derive.claims.page import ClaimsDocument, claims_document


@cache
def document() -> ClaimsDocument:
    return claims_document()
