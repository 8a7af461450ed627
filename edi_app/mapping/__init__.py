"""Mappings: which output field comes from which Xero field, checked when saved and compiled once per version."""

from edi_app.mapping.expressions import check_where, compile_where

__all__ = ["check_where", "compile_where"]
